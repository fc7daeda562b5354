import {
  type BeaconJson,
  beaconJson,
  type Data,
  type Decimal,
  type ExecutionPayloadCapella,
  type ExecutionPayloadDeneb,
  type ExecutionPayloadParis,
  engineJson,
  type ForkchoiceState,
  type ForkchoiceStateV3,
  type PayloadAttributesV2,
  type PayloadAttributesV3,
  type Quantity,
  type SignedBeaconBlock,
  type SignedBeaconBlockCapella,
  type SignedBeaconBlockDeneb,
  type SnakeCase,
  v4ToV5,
  v5ToV4,
} from '@lighthouse-compat/conversions';
import { expectTypeOf } from 'vitest';

// What the compiler has to refuse: this file is compiled with the tests and never run.

declare const json: unknown;
declare const capella: ExecutionPayloadCapella;
declare const deneb: ExecutionPayloadDeneb;
declare const capellaBlock: SignedBeaconBlockCapella;
declare const denebBlock: SignedBeaconBlockDeneb;

// A payload of one fork is none of another.
expectTypeOf<ExecutionPayloadDeneb>().not.toExtend<ExecutionPayloadCapella>();
expectTypeOf<ExecutionPayloadCapella>().not.toExtend<ExecutionPayloadDeneb>();
expectTypeOf<ExecutionPayloadCapella>().not.toExtend<ExecutionPayloadParis>();
expectTypeOf<ExecutionPayloadParis>().not.toExtend<ExecutionPayloadCapella>();

// Nor a block, a state or attributes.
expectTypeOf<SignedBeaconBlockDeneb>().not.toExtend<SignedBeaconBlockCapella>();
expectTypeOf<SignedBeaconBlockCapella>().not.toExtend<SignedBeaconBlockDeneb>();
expectTypeOf<ForkchoiceStateV3>().not.toExtend<ForkchoiceState>();
expectTypeOf<PayloadAttributesV3>().not.toExtend<PayloadAttributesV2>();

// DATA, QUANTITY and decimal strings are three things.
expectTypeOf<Data>().not.toExtend<Quantity>();
expectTypeOf<Quantity>().not.toExtend<Data>();
expectTypeOf<Decimal>().not.toExtend<Quantity>();
expectTypeOf<Quantity>().not.toExtend<Decimal>();
expectTypeOf<'12'>().toExtend<Decimal>();
expectTypeOf<'0x1f'>().toExtend<Quantity>();

// A conversion takes its own fork alone.
// @ts-expect-error: a Deneb payload is no Capella payload
v4ToV5.convertExecutionPayload(deneb);
// @ts-expect-error: a Capella payload is no Deneb payload
v5ToV4.convertExecutionPayload(capella);
// @ts-expect-error: a Deneb block is no Capella block
v4ToV5.convertBlock(denebBlock);
// @ts-expect-error: a Capella block is no Deneb block
v5ToV4.convertBlock(capellaBlock);
expectTypeOf(v4ToV5.convertBlock(capellaBlock)).toEqualTypeOf<SignedBeaconBlockDeneb>();
expectTypeOf(v5ToV4.convertBlock(denebBlock)).toEqualTypeOf<SignedBeaconBlockCapella>();

// What is read has the type of its fork, and what is written that of its encoding.
expectTypeOf(beaconJson.parseSignedBeaconBlock(json, 'shanghai')).toEqualTypeOf<SignedBeaconBlockCapella>();
expectTypeOf(beaconJson.parseSignedBeaconBlock(json, 'cancun')).toEqualTypeOf<SignedBeaconBlockDeneb>();
expectTypeOf(beaconJson.parseSignedBeaconBlock(json, 'paris')).toEqualTypeOf<never>();
expectTypeOf(
  beaconJson.parseSignedBeaconBlock(json, 'paris' as 'shanghai' | 'cancun'),
).toEqualTypeOf<SignedBeaconBlock>();
expectTypeOf(beaconJson.serializeExecutionPayload(deneb).blob_gas_used).toEqualTypeOf<Decimal>();
expectTypeOf(engineJson.serializeExecutionPayload(deneb).blobGasUsed).toEqualTypeOf<Quantity>();
expectTypeOf(beaconJson.serializeExecutionPayload(capella)).not.toHaveProperty('blob_gas_used');
expectTypeOf(beaconJson.serializeSignedBeaconBlock(denebBlock)).toEqualTypeOf<BeaconJson<SignedBeaconBlockDeneb>>();

expectTypeOf<SnakeCase<'eth1Data'>>().toEqualTypeOf<'eth1_data'>();
expectTypeOf<SnakeCase<'signedHeader1'>>().toEqualTypeOf<'signed_header_1'>();
expectTypeOf<SnakeCase<'blsToExecutionChanges'>>().toEqualTypeOf<'bls_to_execution_changes'>();
