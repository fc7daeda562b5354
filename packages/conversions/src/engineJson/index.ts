export { parseExecutionPayload, serializeExecutionPayload } from './executionPayload.js';
export { parseForkchoiceState, serializeForkchoiceState } from './forkchoiceState.js';
export { parseForkchoiceUpdatedResult, serializeForkchoiceUpdatedResult } from './forkchoiceUpdated.js';
export { parsePayloadAttributes, serializePayloadAttributes } from './payloadAttributes.js';
export { parsePayloadEnvelope, serializePayloadEnvelope } from './payloadEnvelope.js';
export { parsePayloadStatus, serializePayloadStatus } from './payloadStatus.js';
export { serializeRequest } from './request.js';
export { parseWithdrawal, serializeWithdrawal } from './withdrawal.js';
