import type { Hash32, PayloadId } from '@lighthouse-compat/conversions';
import type { Operation } from '../operation.js';

/** What a stickiness function may choose a call's key by. */
export type StickyCall = {
  readonly operation: Operation;
  /** new_payload's own hash or forkchoice_updated's head, in lower case; null for get_payload. */
  readonly blockHash: Hash32 | null;
  /** Null except for get_payload. */
  readonly payloadId: PayloadId | null;
  readonly sessionId: string | null;
};

/** What makes calls go one way together: the block, the node, or the caller's own choice of a key. */
export type Stickiness = 'block' | 'node' | ((call: StickyCall) => string);

const inLowerCase = (hash: Hash32 | null): Hash32 | null => (hash === null ? null : (hash.toLowerCase() as Hash32));

/** Gives the targetingKey of a call, whose hash may be in any case, or null when a caller's function fails or gives none: flags then count as off. A call's own sessionId is its key, unless a function chooses. */
export function targetingKeyOf(call: StickyCall, stickiness: Stickiness, nodeId: string | null): string | null {
  if (typeof stickiness === 'function') {
    const { operation, blockHash, payloadId, sessionId } = call;
    try {
      const key: unknown = stickiness({ operation, blockHash: inLowerCase(blockHash), payloadId, sessionId });
      // A promise is no key; that it rejects must not bring the process down.
      if (key instanceof Promise) key.catch(() => {});
      return typeof key === 'string' && key !== '' ? key : null;
    } catch {
      return null;
    }
  }
  if (call.sessionId !== null) return call.sessionId;
  switch (stickiness) {
    case 'block':
      return inLowerCase(call.blockHash) ?? call.payloadId;
    case 'node':
      return nodeId;
  }
}
