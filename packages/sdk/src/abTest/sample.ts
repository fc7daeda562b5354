import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import { CompatError } from '../errors.js';
import type { Operation } from '../operation.js';
import { requireOperation } from './abTest.js';

/** One request as a test sees it. */
export type AbTestSample = {
  /** The arm: the version that the request was assigned to, also where another one answered in its place. */
  readonly version: AdapterVersion;
  readonly operation: Operation;
  /** Whether the arm gave a well-formed Engine answer; INVALID and SYNCING are answers. */
  readonly success: boolean;
  /** From the send to the answer, in milliseconds; null where it says nothing about speed. That of a failure is left out. */
  readonly latencyMs: number | null;
  /** By which a sticky test assigned the request; without it the request does not count for the check of the split. */
  readonly sessionId?: string | null;
};

const longestLatencyMs = 86_400_000;

/** Throws INVALID_SAMPLE or UNKNOWN_OPERATION, with the field's path, for what no request can have been. */
export function requireSample(sample: AbTestSample): void {
  const invalid = (path: string, what: string): never => {
    throw new CompatError('INVALID_SAMPLE', `${path}: ${what}`, { path });
  };
  if (typeof sample !== 'object' || sample === null)
    throw new CompatError('INVALID_SAMPLE', 'sample: an object is needed', { path: 'sample' });
  const { version, operation, success, latencyMs, sessionId } = sample;
  if (version !== 'v4' && version !== 'v5') invalid('version', "'v4' or 'v5' is needed");
  requireOperation(operation, 'operation');
  if (typeof success !== 'boolean') invalid('success', 'true or false is needed');
  if (latencyMs !== null && !(typeof latencyMs === 'number' && latencyMs >= 0 && latencyMs <= longestLatencyMs))
    invalid('latencyMs', 'null, or a number of milliseconds from 0 to a day, is needed');
  if (sessionId !== undefined && sessionId !== null && typeof sessionId !== 'string')
    invalid('sessionId', 'a text is needed');
}
