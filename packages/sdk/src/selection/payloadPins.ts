import type { PayloadId, ServedFork } from '@lighthouse-compat/conversions';
import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import { createBoundedMap } from '../boundedMap.js';
import type { EngineName } from '../engine/engineClient.js';
import type { CallMode } from './migrationMode.js';

/** Who issued a payloadId: get_payload for it goes there and nowhere else. */
export type PayloadPin = {
  readonly payloadId: PayloadId;
  readonly engine: EngineName;
  readonly adapter: AdapterVersion;
  readonly fork: ServedFork;
  /** The mode of the forkchoice_updated that issued it. */
  readonly mode: CallMode;
};

/** The newest pins, at most `maxPins` of them. Two engines give one id for one head and attributes: the last issue wins. */
export type PayloadPins = {
  issue(pin: PayloadPin): void;
  find(payloadId: PayloadId): PayloadPin | undefined;
};

/** Makes an empty set of pins. */
export function createPayloadPins(maxPins = 512): PayloadPins {
  const pins = createBoundedMap<PayloadPin>(maxPins);
  return {
    issue: (pin) => pins.set(pin.payloadId, pin),
    find: (payloadId) => pins.get(payloadId),
  };
}
