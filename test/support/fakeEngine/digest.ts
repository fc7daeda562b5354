import { createHash } from 'node:crypto';
import { isJsonObject, type JsonObject } from './params.js';

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value === 'string') return value.toLowerCase();
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, canonical(value[key])]),
  );
}

/** 32 bytes that tell one JSON value from every other, whatever the order of its keys and the case of its hex. */
export function digestOf(...values: readonly unknown[]): `0x${string}` {
  return `0x${createHash('sha256')
    .update(JSON.stringify(canonical(values)))
    .digest('hex')}`;
}

/** The hash of a fake block: no real one, but every field of the payload and the beacon root changes it. */
export function fakeBlockHash(payload: JsonObject, parentBeaconBlockRoot: unknown): `0x${string}` {
  const { blockHash: _blockHash, ...header } = payload;
  return digestOf(header, parentBeaconBlockRoot ?? null);
}
