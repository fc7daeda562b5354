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
import { engineCodec } from './encoding.js';
import type {
  EngineJson,
  PayloadAttributesJson,
  PayloadAttributesV1Json,
  PayloadAttributesV2Json,
  PayloadAttributesV3Json,
} from './json.js';

type WireAttributesByFork = Omit<PayloadAttributesByFork, 'cancun'> & { readonly cancun: RootedPayloadAttributesV3 };

const codecs: { readonly [F in Fork]: Codec<WireAttributesByFork[F], EngineJson<WireAttributesByFork[F]>> } = {
  paris: engineCodec(payloadAttributesV1),
  shanghai: engineCodec(payloadAttributesV2),
  cancun: engineCodec(rootedPayloadAttributesV3),
  prague: unsupportedFork,
};

/**
 * Reads the attributes of a fork: V1 for Paris, V2 for Shanghai, V3 with its root for Cancun; null counts as absent.
 *
 * @throws ConversionError `UNSUPPORTED_FORK` for Prague; else at the field that is missing, unknown or malformed
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/cancun.md#payloadattributesv3
 */
export function parsePayloadAttributes<F extends Fork>(
  json: unknown,
  fork: F,
  path: string = 'payloadAttributes',
): WireAttributesByFork[F] {
  assertFork(fork, path);
  return codecs[fork].parse(json, path);
}

/**
 * Writes exactly the fields of the attributes' own version.
 *
 * @throws ConversionError `MISSING_FIELD` for V3 attributes without a root: those converted from V2 are never sent
 */
export function serializePayloadAttributes(attributes: PayloadAttributesV1): PayloadAttributesV1Json;
export function serializePayloadAttributes(attributes: PayloadAttributesV2): PayloadAttributesV2Json;
export function serializePayloadAttributes(attributes: PayloadAttributesV3, path?: string): PayloadAttributesV3Json;
export function serializePayloadAttributes(attributes: PayloadAttributes, path?: string): PayloadAttributesJson;
export function serializePayloadAttributes(
  attributes: PayloadAttributes,
  path: string = 'payloadAttributes',
): PayloadAttributesJson {
  const { parentBeaconBlockRoot } = attributes;
  if (parentBeaconBlockRoot === null) {
    throw new ConversionError(
      'MISSING_FIELD',
      `${path}.parentBeaconBlockRoot`,
      'is null and has to be given by the caller',
    );
  }
  if (parentBeaconBlockRoot !== undefined) return codecs.cancun.serialize({ ...attributes, parentBeaconBlockRoot });
  if (attributes.withdrawals !== undefined) return codecs.shanghai.serialize(attributes);
  return codecs.paris.serialize(attributes);
}
