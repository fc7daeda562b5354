import type { PayloadId, ServedFork } from '@lighthouse-compat/conversions';
import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import { createBoundedMap } from '../boundedMap.js';
import type { EngineName } from '../engine/engineClient.js';
import type { CallMode } from './migrationMode.js';

/** A build that the other engine began for the same forkchoice and attributes. */
export type PayloadTwin = { readonly payloadId: PayloadId; readonly adapter: AdapterVersion };

/** Who issued a payloadId: get_payload for it goes there and nowhere else. */
export type PayloadPin = {
  readonly payloadId: PayloadId;
  readonly engine: EngineName;
  readonly adapter: AdapterVersion;
  readonly fork: ServedFork;
  /** The mode of the forkchoice_updated that issued it. */
  readonly mode: CallMode;
  /** Where both engines build: what the other one began, once that is known; null if it began nothing. */
  readonly twin?: Promise<PayloadTwin | null>;
};

/** The newest pins, a bounded number of them. Two engines may give one id for one head and attributes: the last issue wins. */
export type PayloadPins = {
  issue(pin: PayloadPin): void;
  find(payloadId: PayloadId): PayloadPin | undefined;
  size(): number;
};

/** Makes an empty set of pins. */
export function createPayloadPins(maxPins = 512): PayloadPins {
  const pins = createBoundedMap<PayloadPin>(maxPins);
  return {
    issue: (pin) => pins.set(pin.payloadId, pin),
    find: (payloadId) => pins.get(payloadId),
    size: pins.size,
  };
}
