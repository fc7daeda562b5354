import {
  ConversionError,
  type ExecutionPayloadV1Json,
  type ExecutionPayloadV2Json,
  type ExecutionPayloadV3Json,
  engineJson,
  type ForkchoiceStateJson,
  type ForkchoiceUpdatedResult,
  type Hash32,
  type PayloadAttributesV1Json,
  type PayloadAttributesV2Json,
  type PayloadAttributesV3Json,
  type PayloadEnvelopeV1,
  type PayloadEnvelopeV2,
  type PayloadEnvelopeV3,
  type PayloadId,
  type PayloadStatus,
} from '@lighthouse-compat/conversions';

/** The Engine API methods that the SDK calls: what goes on the wire, and what comes back once parsed (execution-apis, src/engine). */
export type EngineMethods = {
  engine_newPayloadV1: { params: readonly [ExecutionPayloadV1Json]; result: PayloadStatus };
  engine_newPayloadV2: { params: readonly [ExecutionPayloadV1Json | ExecutionPayloadV2Json]; result: PayloadStatus };
  engine_newPayloadV3: { params: readonly [ExecutionPayloadV3Json, readonly Hash32[], Hash32]; result: PayloadStatus };
  engine_forkchoiceUpdatedV1: {
    params: readonly [ForkchoiceStateJson, PayloadAttributesV1Json | null];
    result: ForkchoiceUpdatedResult;
  };
  engine_forkchoiceUpdatedV2: {
    params: readonly [ForkchoiceStateJson, PayloadAttributesV1Json | PayloadAttributesV2Json | null];
    result: ForkchoiceUpdatedResult;
  };
  engine_forkchoiceUpdatedV3: {
    params: readonly [ForkchoiceStateJson, PayloadAttributesV3Json | null];
    result: ForkchoiceUpdatedResult;
  };
  engine_getPayloadV1: { params: readonly [PayloadId]; result: PayloadEnvelopeV1 };
  engine_getPayloadV2: { params: readonly [PayloadId]; result: PayloadEnvelopeV2 };
  engine_getPayloadV3: { params: readonly [PayloadId]; result: PayloadEnvelopeV3 };
  engine_exchangeCapabilities: { params: readonly [readonly string[]]; result: readonly string[] };
};

/** The name of a method. */
export type EngineMethod = keyof EngineMethods;

type OnUnknownField = (path: string) => void;

type MethodTable = {
  readonly [M in EngineMethod]: {
    /** Counted from the send. */
    readonly timeoutMs: number;
    /** Throws a ConversionError for a malformed result. */
    parseResult(json: unknown, onUnknownField: OnUnknownField): EngineMethods[M]['result'];
  };
};

const newPayload = {
  timeoutMs: 8_000,
  parseResult: (json: unknown, onUnknownField: OnUnknownField): PayloadStatus =>
    engineJson.parsePayloadStatus(json, { onUnknownField }),
};

const forkchoiceUpdated = {
  timeoutMs: 8_000,
  parseResult: (json: unknown, onUnknownField: OnUnknownField): ForkchoiceUpdatedResult =>
    engineJson.parseForkchoiceUpdatedResult(json, { onUnknownField }),
};

// The specification allows 1 s and lets a caller wait longer; Lighthouse waits 2 s.
const getPayloadTimeoutMs = 2_000;

function parseCapabilities(json: unknown): readonly string[] {
  if (Array.isArray(json) && json.every((name): name is string => typeof name === 'string')) return json;
  throw new ConversionError('INVALID_TYPE', 'capabilities', 'not a list of method names');
}

/** Each method's deadline and the reader of its result. */
export const engineMethods: MethodTable = {
  engine_newPayloadV1: newPayload,
  engine_newPayloadV2: newPayload,
  engine_newPayloadV3: newPayload,
  engine_forkchoiceUpdatedV1: forkchoiceUpdated,
  engine_forkchoiceUpdatedV2: forkchoiceUpdated,
  engine_forkchoiceUpdatedV3: forkchoiceUpdated,
  engine_getPayloadV1: {
    timeoutMs: getPayloadTimeoutMs,
    parseResult: (json, onUnknownField) => engineJson.parsePayloadEnvelope(json, 'paris', { onUnknownField }),
  },
  engine_getPayloadV2: {
    timeoutMs: getPayloadTimeoutMs,
    parseResult: (json, onUnknownField) => engineJson.parsePayloadEnvelope(json, 'shanghai', { onUnknownField }),
  },
  engine_getPayloadV3: {
    timeoutMs: getPayloadTimeoutMs,
    parseResult: (json, onUnknownField) => engineJson.parsePayloadEnvelope(json, 'cancun', { onUnknownField }),
  },
  engine_exchangeCapabilities: { timeoutMs: 1_000, parseResult: parseCapabilities },
};

/** What the SDK tells an engine that it speaks; engine_exchangeCapabilities itself must not be listed. */
export const spokenMethods: readonly EngineMethod[] = (Object.keys(engineMethods) as EngineMethod[]).filter(
  (method) => method !== 'engine_exchangeCapabilities',
);
