import type { Hash32 } from '@lighthouse-compat/conversions';
import type { NewPayloadRequest } from '../adapters/lighthouseApi.js';

/** How much the buffer keeps. */
export type ReplayBounds = { readonly maxPayloads: number; readonly maxBytes: number };

/** The newest payloads that callers have made calls of, by which an engine that has missed some is brought back. Hashes are compared without case. */
export type ReplayBuffer = {
  add(request: NewPayloadRequest, bytes: number): void;
  /** The kept blocks that lead to `head`, oldest first and `head` last, none below `finalized`; empty when `head` is not kept. */
  chainTo(head: Hash32, finalized: Hash32): readonly NewPayloadRequest[];
  /** The kept payloads that came after that of `head`, oldest first; none when `head` is not kept. */
  newerThan(head: Hash32): readonly NewPayloadRequest[];
  /** False where nothing is ever kept. */
  readonly isKept: boolean;
  payloads(): number;
  bytes(): number;
};

/** Makes an empty buffer, which forgets the oldest payload when it is full. */
export function createReplayBuffer(bounds: ReplayBounds): ReplayBuffer {
  const kept = new Map<string, { readonly request: NewPayloadRequest; readonly bytes: number }>();
  let bytes = 0;
  let newest: { readonly hash: string; readonly bytes: number } | undefined;

  function forget(key: string): void {
    const entry = kept.get(key);
    if (entry === undefined) return;
    kept.delete(key);
    bytes -= entry.bytes;
  }

  return {
    add(request, size) {
      // A block often comes again at once, and is the newest already.
      const { blockHash } = request.executionPayload;
      if (newest?.hash === blockHash && newest.bytes === size) return;
      newest = undefined;
      const key = blockHash.toLowerCase();
      // The same block again is the newest again.
      forget(key);
      if (size > bounds.maxBytes) return;
      newest = { hash: blockHash, bytes: size };
      kept.set(key, { request, bytes: size });
      bytes += size;
      for (const oldest of kept.keys()) {
        if (kept.size <= bounds.maxPayloads && bytes <= bounds.maxBytes) return;
        forget(oldest);
      }
    },
    chainTo(head, finalized) {
      const chain: NewPayloadRequest[] = [];
      const lowest = finalized.toLowerCase();
      for (let key = head.toLowerCase(); chain.length < kept.size; ) {
        const entry = kept.get(key);
        if (entry === undefined) break;
        chain.push(entry.request);
        if (key === lowest) break;
        key = entry.request.executionPayload.parentHash.toLowerCase();
      }
      return chain.reverse();
    },
    newerThan(head) {
      const key = head.toLowerCase();
      const keys = [...kept.keys()];
      const at = keys.indexOf(key);
      return at === -1 ? [] : [...kept.values()].slice(at + 1).map(({ request }) => request);
    },
    isKept: bounds.maxPayloads > 0,
    payloads: () => kept.size,
    bytes: () => bytes,
  };
}
