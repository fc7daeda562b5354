import type { Hash32 } from './scalars.js';

/** PayloadStatusV1 (execution-apis, src/engine/paris.md), narrowed to what each status may carry; `validationError` is the engine's own text. */
export type PayloadStatus =
  | { readonly status: 'VALID'; readonly latestValidHash: Hash32 }
  | { readonly status: 'INVALID'; readonly latestValidHash: Hash32 | null; readonly validationError: string | null }
  | { readonly status: 'SYNCING'; readonly latestValidHash: null }
  | { readonly status: 'ACCEPTED'; readonly latestValidHash: null }
  | { readonly status: 'INVALID_BLOCK_HASH'; readonly latestValidHash: null; readonly validationError: string | null };
