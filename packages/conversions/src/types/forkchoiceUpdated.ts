import type { PayloadStatus } from './payloadStatus.js';
import type { PayloadId } from './scalars.js';

/** The answer of any version of engine_forkchoiceUpdated (execution-apis, src/engine/paris.md); a payloadId comes with VALID alone, and only if attributes were given. */
export type ForkchoiceUpdatedResult = {
  readonly payloadStatus: PayloadStatus;
  readonly payloadId: PayloadId | null;
};
