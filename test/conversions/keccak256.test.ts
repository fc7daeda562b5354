import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { keccak256 as ethersKeccak256 } from 'ethers';
import fc from 'fast-check';
import { createKeccak } from 'hash-wasm';
import { expect, it } from 'vitest';
import { keccak256 } from '../../packages/conversions/src/blockHash/keccak256.js';
import { keccakModule } from '../../packages/conversions/src/blockHash/keccakModule.js';

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`;

it('is the module that hash-wasm carries, byte for byte', async () => {
  const bundle = await readFile(createRequire(import.meta.url).resolve('hash-wasm'), 'utf8');
  expect(bundle).toContain(`"${keccakModule}"`);
});

it('gives the digests of Ethereum, not those of SHA-3', () => {
  expect(hex(keccak256(new Uint8Array()))).toBe('0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470');
});

it('agrees with ethers and hash-wasm on any bytes, at every length around its blocks and its buffer', async () => {
  const theirs = await createKeccak(256);
  const lengths = [0, 1, 7, 8, 31, 32, 135, 136, 137, 271, 272, 273, 16_383, 16_384, 16_385, 32_768, 50_001];
  for (const length of lengths) {
    const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + length) & 0xff);
    expect(hex(keccak256(bytes)), `${length} bytes`).toBe(ethersKeccak256(bytes));
    expect(hex(keccak256(bytes)), `${length} bytes`).toBe(`0x${theirs.init().update(bytes).digest()}`);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(hex(keccak256(bytes))).toBe(ethersKeccak256(bytes));
    }),
  );
});

it('gives digests that a later call does not change', () => {
  const first = keccak256(Uint8Array.of(1));
  const before = hex(first);
  keccak256(Uint8Array.of(2));
  expect(hex(first)).toBe(before);
});
