import type { ForkchoiceState, ForkchoiceStateV3, Hash32 } from '@lighthouse-compat/conversions';
import type { AdapterVersion } from '../adapters/lighthouseApi.js';

const sameHash = (one: Hash32, other: Hash32): boolean => one.toLowerCase() === other.toLowerCase();

type AnyForkchoice = ForkchoiceState | ForkchoiceStateV3;

/** The last forkchoice that each engine was sent, and the last one that any of them answered VALID. */
export type LastForkchoices = {
  set(version: AdapterVersion, state: AnyForkchoice, isValid: boolean): void;
  /** What the engine was sent last, whatever it said to it. */
  sent(version: AdapterVersion): AnyForkchoice | undefined;
  /** Whether the engine's last forkchoice was this one, and VALID. */
  isLast(version: AdapterVersion, state: AnyForkchoice): boolean;
  /** The newest forkchoice that is known to be VALID; null before there was one. */
  newest(): AnyForkchoice | null;
};

/** Begins with nothing sent. */
export function createLastForkchoices(): LastForkchoices {
  const last: Partial<Record<AdapterVersion, { readonly state: AnyForkchoice; readonly isValid: boolean }>> = {};
  let newest: AnyForkchoice | null = null;
  return {
    set(version, state, isValid) {
      last[version] = { state, isValid };
      if (isValid) newest = state;
    },
    sent: (version) => last[version]?.state,
    isLast(version, state) {
      const known = last[version];
      return (
        known?.isValid === true &&
        sameHash(known.state.headBlockHash, state.headBlockHash) &&
        sameHash(known.state.safeBlockHash, state.safeBlockHash) &&
        sameHash(known.state.finalizedBlockHash, state.finalizedBlockHash)
      );
    },
    newest: () => newest,
  };
}
