import type { Codec } from '../codec.js';
import { ConversionError } from '../errors.js';
import type { Fork } from '../fork.js';
import {
  payloadAttributesV1,
  payloadAttributesV2,
  type RootedPayloadAttributesV3,
  rootedPayloadAttributesV3,
} from '../shapes.js';
import type {
  PayloadAttributes,
  PayloadAttributesByFork,
  PayloadAttributesV1,
  PayloadAttributesV2,
  PayloadAttributesV3,
} from '../types/payloadAttributes.js';
import { assertFork, unsupportedFork } from '../unsupportedFork.js';
import { beaconCodec } from './encoding.js';
import type { BeaconJson } from './json.js';

type RootedAttributesByFork = Omit<PayloadAttributesByFork, 'cancun'> & { readonly cancun: RootedPayloadAttributesV3 };

const codecs: { readonly [F in Fork]: Codec<RootedAttributesByFork[F], BeaconJson<RootedAttributesByFork[F]>> } = {
  paris: beaconCodec(payloadAttributesV1),
  shanghai: beaconCodec(payloadAttributesV2),
  cancun: beaconCodec(rootedPayloadAttributesV3),
  prague: unsupportedFork,
};

/**
 * Reads the attributes of a fork as the Beacon API's event `payload_attributes` has them: V1 for Paris, V2 for Shanghai, V3 with its root for Cancun.
 *
 * @throws ConversionError `UNSUPPORTED_FORK` for Prague; else at the field that is missing, unknown or malformed
 * @see https://github.com/ethereum/beacon-APIs/blob/master/apis/eventstream/index.yaml
 */
export function parsePayloadAttributes<F extends Fork>(
  json: unknown,
  fork: F,
  path: string = 'payload_attributes',
): RootedAttributesByFork[F] {
  assertFork(fork, path);
  return codecs[fork].parse(json, path);
}

/**
 * Writes exactly the fields of the attributes' own version.
 *
 * @throws ConversionError `MISSING_FIELD` for V3 attributes without a root
 */
export function serializePayloadAttributes(attributes: PayloadAttributesV1): BeaconJson<PayloadAttributesV1>;
export function serializePayloadAttributes(attributes: PayloadAttributesV2): BeaconJson<PayloadAttributesV2>;
export function serializePayloadAttributes(
  attributes: PayloadAttributesV3,
  path?: string,
): BeaconJson<RootedPayloadAttributesV3>;
export function serializePayloadAttributes(attributes: PayloadAttributes, path?: string): BeaconAttributes;
export function serializePayloadAttributes(
  attributes: PayloadAttributes,
  path: string = 'payload_attributes',
): BeaconAttributes {
  const { parentBeaconBlockRoot } = attributes;
  if (parentBeaconBlockRoot === null) {
    throw new ConversionError(
      'MISSING_FIELD',
      `${path}.parent_beacon_block_root`,
      'is null and has to be given by the caller',
    );
  }
  if (parentBeaconBlockRoot !== undefined) return codecs.cancun.serialize({ ...attributes, parentBeaconBlockRoot });
  if (attributes.withdrawals !== undefined) return codecs.shanghai.serialize(attributes);
  return codecs.paris.serialize(attributes);
}

type BeaconAttributes = BeaconJson<PayloadAttributesV1 | PayloadAttributesV2 | RootedPayloadAttributesV3>;
