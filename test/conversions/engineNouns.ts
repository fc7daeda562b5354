import { engineJson } from '@lighthouse-compat/conversions';
import type fc from 'fast-check';
import {
  arbitraryExecutionPayloadCapella,
  arbitraryExecutionPayloadDeneb,
  arbitraryExecutionPayloadParis,
  arbitraryForkchoiceState,
  arbitraryForkchoiceUpdatedResult,
  arbitraryPayloadAttributesV1,
  arbitraryPayloadAttributesV2,
  arbitraryPayloadAttributesV3,
  arbitraryPayloadEnvelopeV1,
  arbitraryPayloadEnvelopeV2,
  arbitraryPayloadEnvelopeV3,
  arbitraryPayloadStatus,
  arbitraryWithdrawal,
} from '../support/arbitraries.js';
import {
  attributesV1Json,
  attributesV2Json,
  attributesV3Json,
  capellaJson,
  denebJson,
  envelopeV2Json,
  envelopeV3Json,
  parisJson,
  stateJson,
  updatedJson,
  validStatusJson,
  withdrawalJson,
} from './samples.js';

// The Engine API takes no beacon blocks, so there are none here.

const {
  parseExecutionPayload,
  parseForkchoiceState,
  parseForkchoiceUpdatedResult,
  parsePayloadAttributes,
  parsePayloadEnvelope,
  parsePayloadStatus,
  parseWithdrawal,
  serializeExecutionPayload,
  serializeForkchoiceState,
  serializeForkchoiceUpdatedResult,
  serializePayloadAttributes,
  serializePayloadEnvelope,
  serializePayloadStatus,
  serializeWithdrawal,
} = engineJson;

export type Noun = {
  name: string;
  arbitrary: fc.Arbitrary<unknown>;
  parse: (json: unknown) => unknown;
  // biome-ignore lint/suspicious/noExplicitAny: the table holds serializers of different nouns.
  serialize: (value: any) => unknown;
  sample: () => object;
  /** An engine's answer, in which unknown fields are ignored. */
  isAnswer?: boolean;
};

export const engineNouns: readonly Noun[] = [
  {
    name: 'a Paris payload',
    arbitrary: arbitraryExecutionPayloadParis,
    parse: (json) => parseExecutionPayload(json, 'paris'),
    serialize: serializeExecutionPayload,
    sample: parisJson,
  },
  {
    name: 'a Capella payload',
    arbitrary: arbitraryExecutionPayloadCapella,
    parse: (json) => parseExecutionPayload(json, 'shanghai'),
    serialize: serializeExecutionPayload,
    sample: capellaJson,
  },
  {
    name: 'a Deneb payload',
    arbitrary: arbitraryExecutionPayloadDeneb,
    parse: (json) => parseExecutionPayload(json, 'cancun'),
    serialize: serializeExecutionPayload,
    sample: denebJson,
  },
  {
    name: 'a withdrawal',
    arbitrary: arbitraryWithdrawal,
    parse: (json) => parseWithdrawal(json),
    serialize: serializeWithdrawal,
    sample: withdrawalJson,
  },
  {
    name: 'a forkchoice state',
    arbitrary: arbitraryForkchoiceState,
    parse: (json) => parseForkchoiceState(json),
    serialize: serializeForkchoiceState,
    sample: stateJson,
  },
  {
    name: 'attributes V1',
    arbitrary: arbitraryPayloadAttributesV1,
    parse: (json) => parsePayloadAttributes(json, 'paris'),
    serialize: serializePayloadAttributes,
    sample: attributesV1Json,
  },
  {
    name: 'attributes V2',
    arbitrary: arbitraryPayloadAttributesV2,
    parse: (json) => parsePayloadAttributes(json, 'shanghai'),
    serialize: serializePayloadAttributes,
    sample: attributesV2Json,
  },
  {
    name: 'attributes V3',
    arbitrary: arbitraryPayloadAttributesV3,
    parse: (json) => parsePayloadAttributes(json, 'cancun'),
    serialize: serializePayloadAttributes,
    sample: attributesV3Json,
  },
  {
    name: 'a payload status',
    isAnswer: true,
    arbitrary: arbitraryPayloadStatus,
    parse: (json) => parsePayloadStatus(json),
    serialize: serializePayloadStatus,
    sample: validStatusJson,
  },
  {
    name: 'an answer of forkchoiceUpdated',
    isAnswer: true,
    arbitrary: arbitraryForkchoiceUpdatedResult,
    parse: (json) => parseForkchoiceUpdatedResult(json),
    serialize: serializeForkchoiceUpdatedResult,
    sample: updatedJson,
  },
  {
    name: 'an answer of getPayloadV1',
    arbitrary: arbitraryPayloadEnvelopeV1,
    parse: (json) => parsePayloadEnvelope(json, 'paris'),
    serialize: serializePayloadEnvelope,
    sample: parisJson,
  },
  {
    name: 'an answer of getPayloadV2',
    isAnswer: true,
    arbitrary: arbitraryPayloadEnvelopeV2,
    parse: (json) => parsePayloadEnvelope(json, 'shanghai'),
    serialize: serializePayloadEnvelope,
    sample: envelopeV2Json,
  },
  {
    name: 'an answer of getPayloadV3',
    isAnswer: true,
    arbitrary: arbitraryPayloadEnvelopeV3,
    parse: (json) => parsePayloadEnvelope(json, 'cancun'),
    serialize: serializePayloadEnvelope,
    sample: envelopeV3Json,
  },
];
