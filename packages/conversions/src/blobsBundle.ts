import { ConversionError } from './errors.js';
import type { BlobsBundle } from './types/payloadEnvelope.js';

/**
 * Refuses a bundle that has not as many commitments and proofs as blobs.
 *
 * @throws ConversionError `INVALID_LENGTH`
 * @see https://github.com/ethereum/execution-apis/blob/main/src/engine/cancun.md#blobsbundlev1
 */
export function requireOneLength({ commitments, proofs, blobs }: BlobsBundle, path: string): void {
  if (commitments.length === blobs.length && proofs.length === blobs.length) return;
  const counts = `${commitments.length} commitments, ${proofs.length} proofs, ${blobs.length} blobs`;
  throw new ConversionError('INVALID_LENGTH', path, `expected lists of one length, got ${counts}`);
}
