declare const encoding: unique symbol;

/** DATA of the Engine API: 0x-prefixed hex of even length (execution-apis, src/engine/common.md). */
export type Data = `0x${string}` & { readonly [encoding]?: 'DATA' };

/** QUANTITY of the Engine API: 0x-prefixed hex without leading zeros, `0x0` for zero (execution-apis, src/engine/common.md). */
export type Quantity = `0x${string}` & { readonly [encoding]?: 'QUANTITY' };

/** An unsigned integer in the Beacon API's JSON: decimal digits without sign and leading zeros, `0` for zero. */
export type Decimal = `${bigint}` & { readonly [encoding]?: 'DECIMAL' };

/** DATA of 32 bytes. */
export type Hash32 = Data;

/** DATA of 20 bytes. */
export type Address = Data;

/** DATA of 8 bytes, given out by one engine and known to it alone. */
export type PayloadId = Data;
