export {
  parseBeaconBlock,
  parseBeaconBlockBody,
  parseSignedBeaconBlock,
  serializeBeaconBlock,
  serializeBeaconBlockBody,
  serializeSignedBeaconBlock,
} from './beaconBlock.js';
export { parseExecutionPayload, serializeExecutionPayload } from './executionPayload.js';
export { parseForkchoiceState, parseForkchoiceStateV3, serializeForkchoiceState } from './forkchoiceState.js';
export { parsePayloadAttributes, serializePayloadAttributes } from './payloadAttributes.js';
export { parsePayloadEnvelope, serializePayloadEnvelope } from './payloadEnvelope.js';
export { parseWithdrawal, serializeWithdrawal } from './withdrawal.js';
