import { beaconJson, type PayloadEnvelope } from '@lighthouse-compat/conversions';
import type fc from 'fast-check';
import {
  arbitraryExecutionPayloadCapella,
  arbitraryExecutionPayloadDeneb,
  arbitraryExecutionPayloadParis,
  arbitraryForkchoiceState,
  arbitraryForkchoiceStateV3,
  arbitraryPayloadAttributesV1,
  arbitraryPayloadAttributesV2,
  arbitraryPayloadAttributesV3,
  arbitraryPayloadEnvelopeV1,
  arbitraryPayloadEnvelopeV2,
  arbitraryPayloadEnvelopeV3,
  arbitraryWithdrawal,
} from '../support/arbitraries.js';
import {
  arbitraryBodyCapella,
  arbitraryBodyDeneb,
  arbitrarySignedBlockCapella,
  arbitrarySignedBlockDeneb,
  fitted,
} from '../support/beaconArbitraries.js';
import {
  attributesV1Beacon,
  attributesV2Beacon,
  attributesV3Beacon,
  blockCapellaBeacon,
  blockDenebBeacon,
  bodyCapellaBeacon,
  bodyDenebBeacon,
  capellaBeacon,
  denebBeacon,
  envelopeV2Beacon,
  envelopeV3Beacon,
  parisBeacon,
  signedCapellaBeacon,
  signedDenebBeacon,
  stateBeacon,
  stateV3Beacon,
  withdrawalBeacon,
} from './beaconSamples.js';
import type { Noun } from './engineNouns.js';

// No Beacon API document holds an engine's verdict, so a payload status and an answer of forkchoiceUpdated are not here.

function fittedEnvelope<T extends PayloadEnvelope>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return arbitrary.map((envelope) => {
    const { withdrawals } = envelope.executionPayload;
    if (withdrawals === undefined) return envelope;
    return { ...envelope, executionPayload: { ...envelope.executionPayload, withdrawals: withdrawals.slice(0, 16) } };
  });
}

export const beaconNouns: readonly Noun[] = [
  {
    name: 'a Paris payload',
    arbitrary: arbitraryExecutionPayloadParis,
    parse: (json) => beaconJson.parseExecutionPayload(json, 'paris'),
    serialize: beaconJson.serializeExecutionPayload,
    sample: parisBeacon,
  },
  {
    name: 'a Capella payload',
    arbitrary: fitted(arbitraryExecutionPayloadCapella),
    parse: (json) => beaconJson.parseExecutionPayload(json, 'shanghai'),
    serialize: beaconJson.serializeExecutionPayload,
    sample: capellaBeacon,
  },
  {
    name: 'a Deneb payload',
    arbitrary: fitted(arbitraryExecutionPayloadDeneb),
    parse: (json) => beaconJson.parseExecutionPayload(json, 'cancun'),
    serialize: beaconJson.serializeExecutionPayload,
    sample: denebBeacon,
  },
  {
    name: 'a withdrawal',
    arbitrary: arbitraryWithdrawal,
    parse: (json) => beaconJson.parseWithdrawal(json),
    serialize: beaconJson.serializeWithdrawal,
    sample: withdrawalBeacon,
  },
  {
    name: 'a forkchoice state',
    arbitrary: arbitraryForkchoiceState,
    parse: (json) => beaconJson.parseForkchoiceState(json),
    serialize: beaconJson.serializeForkchoiceState,
    sample: stateBeacon,
  },
  {
    name: 'a forkchoice state V3',
    arbitrary: arbitraryForkchoiceStateV3,
    parse: (json) => beaconJson.parseForkchoiceStateV3(json),
    serialize: beaconJson.serializeForkchoiceState,
    sample: stateV3Beacon,
  },
  {
    name: 'attributes V1',
    arbitrary: arbitraryPayloadAttributesV1,
    parse: (json) => beaconJson.parsePayloadAttributes(json, 'paris'),
    serialize: beaconJson.serializePayloadAttributes,
    sample: attributesV1Beacon,
  },
  {
    name: 'attributes V2',
    arbitrary: fitted(arbitraryPayloadAttributesV2),
    parse: (json) => beaconJson.parsePayloadAttributes(json, 'shanghai'),
    serialize: beaconJson.serializePayloadAttributes,
    sample: attributesV2Beacon,
  },
  {
    name: 'attributes V3',
    arbitrary: fitted(arbitraryPayloadAttributesV3),
    parse: (json) => beaconJson.parsePayloadAttributes(json, 'cancun'),
    serialize: beaconJson.serializePayloadAttributes,
    sample: attributesV3Beacon,
  },
  {
    name: 'an answer of getPayloadV1',
    arbitrary: arbitraryPayloadEnvelopeV1,
    parse: (json) => beaconJson.parsePayloadEnvelope(json, 'paris'),
    serialize: beaconJson.serializePayloadEnvelope,
    sample: parisBeacon,
  },
  {
    name: 'an answer of getPayloadV2',
    arbitrary: fittedEnvelope(arbitraryPayloadEnvelopeV2),
    parse: (json) => beaconJson.parsePayloadEnvelope(json, 'shanghai'),
    serialize: beaconJson.serializePayloadEnvelope,
    sample: envelopeV2Beacon,
  },
  {
    name: 'an answer of getPayloadV3',
    arbitrary: fittedEnvelope(arbitraryPayloadEnvelopeV3),
    parse: (json) => beaconJson.parsePayloadEnvelope(json, 'cancun'),
    serialize: beaconJson.serializePayloadEnvelope,
    sample: envelopeV3Beacon,
  },
  {
    name: 'a Capella block body',
    arbitrary: arbitraryBodyCapella,
    parse: (json) => beaconJson.parseBeaconBlockBody(json, 'shanghai'),
    serialize: beaconJson.serializeBeaconBlockBody,
    sample: bodyCapellaBeacon,
  },
  {
    name: 'a Capella block',
    arbitrary: arbitrarySignedBlockCapella.map(({ message }) => message),
    parse: (json) => beaconJson.parseBeaconBlock(json, 'shanghai'),
    serialize: beaconJson.serializeBeaconBlock,
    sample: blockCapellaBeacon,
  },
  {
    name: 'a signed Capella block',
    arbitrary: arbitrarySignedBlockCapella,
    parse: (json) => beaconJson.parseSignedBeaconBlock(json, 'shanghai'),
    serialize: beaconJson.serializeSignedBeaconBlock,
    sample: signedCapellaBeacon,
  },
  {
    name: 'a Deneb block body',
    arbitrary: arbitraryBodyDeneb,
    parse: (json) => beaconJson.parseBeaconBlockBody(json, 'cancun'),
    serialize: beaconJson.serializeBeaconBlockBody,
    sample: bodyDenebBeacon,
  },
  {
    name: 'a Deneb block',
    arbitrary: arbitrarySignedBlockDeneb.map(({ message }) => message),
    parse: (json) => beaconJson.parseBeaconBlock(json, 'cancun'),
    serialize: beaconJson.serializeBeaconBlock,
    sample: blockDenebBeacon,
  },
  {
    name: 'a signed Deneb block',
    arbitrary: arbitrarySignedBlockDeneb,
    parse: (json) => beaconJson.parseSignedBeaconBlock(json, 'cancun'),
    serialize: beaconJson.serializeSignedBeaconBlock,
    sample: signedDenebBeacon,
  },
];
