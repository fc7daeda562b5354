import { keccakModule } from './keccakModule.js';

/** What the module exports of itself (hash-wasm, src/sha3.c): input and digest go through one buffer of its memory. */
type KeccakExports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  Hash_GetBuffer(): number;
  Hash_Init(digestBits: number): void;
  Hash_Update(length: number): void;
  Hash_Final(padding: number): void;
};

// The part of the platform's WebAssembly that is used: the types of Node do not declare it.
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

const DIGEST_BITS = 256;
const DIGEST_BYTES = 32;
/** What tells Keccak from SHA-3. */
const KECCAK_PADDING = 0x01;
const BUFFER_BYTES = 16_384;

// Compiled when the package is loaded, which takes a fraction of a millisecond: 4 kB may be compiled synchronously.
const module = new WebAssembly.Module(Buffer.from(keccakModule, 'base64'));
const keccak = new WebAssembly.Instance(module).exports as KeccakExports;
// The module never grows its memory, so the view stays valid. It is only scratch paper, within one synchronous call.
const buffer = new Uint8Array(keccak.memory.buffer, keccak.Hash_GetBuffer(), BUFFER_BYTES);

/** Gives the 32 bytes of Ethereum's Keccak-256 of some bytes. */
export function keccak256(bytes: Uint8Array): Uint8Array {
  keccak.Hash_Init(DIGEST_BITS);
  for (let start = 0; start < bytes.length; start += BUFFER_BYTES) {
    const length = Math.min(bytes.length - start, BUFFER_BYTES);
    buffer.set(length === bytes.length ? bytes : bytes.subarray(start, start + length));
    keccak.Hash_Update(length);
  }
  keccak.Hash_Final(KECCAK_PADDING);
  return buffer.slice(0, DIGEST_BYTES);
}
