import type { Writable } from 'node:stream';
import { type Clock, systemClock } from '../clock.js';
import type { ArmObservation, Observation } from '../observation.js';

/** Writes observations as JSON lines, which `pnpm report` reads. */
export type ObservationLog = {
  /** A listener of `observation`; never throws and never waits. */
  readonly record: (observation: Observation) => void;
  readonly written: number;
  /** Calls that are in no line, because the stream is behind or the bound is reached. */
  readonly dropped: number;
};

const defaultMaxBytes = 256 * 1024 * 1024;
const maxWaitingBytes = 1024 * 1024;

// Field by field: an observation may come to hold what JSON cannot, and what it comes to hold is not to grow the lines unseen.
const armOf = ({ adapter, engine, durationMs, outcome }: ArmObservation) => ({ adapter, engine, durationMs, outcome });

function lineOf(observation: Observation, atMs: number): string {
  const { operation, fork, decision, fallback, answering, other, comparison, sharedEngine } = observation;
  const { adapter, mode, reason } = decision;
  return `${JSON.stringify({
    atMs,
    operation,
    fork,
    decision: { adapter, mode, reason },
    fallback: fallback === null ? null : { cause: fallback.cause },
    answering: armOf(answering),
    other: other === null ? null : armOf(other),
    comparison: comparison === null ? null : { verdict: comparison.verdict, differences: comparison.differences },
    sharedEngine,
  })}\n`;
}

/** Makes a log on a stream; at most `maxBytes` (default 256 MiB) are written, and at most 1 MiB waits in memory. The stream's errors are its owner's to hear. */
export function createObservationLog(
  stream: Writable,
  { maxBytes = defaultMaxBytes, clock = systemClock }: { readonly maxBytes?: number; readonly clock?: Clock } = {},
): ObservationLog {
  let bytes = 0;
  let written = 0;
  let dropped = 0;
  return {
    record(observation) {
      const line = lineOf(observation, clock.nowMs());
      bytes += Buffer.byteLength(line);
      if (bytes > maxBytes || stream.writableLength > maxWaitingBytes || !stream.writable) {
        bytes -= Buffer.byteLength(line);
        dropped += 1;
        return;
      }
      written += 1;
      stream.write(line);
    },
    get written() {
      return written;
    },
    get dropped() {
      return dropped;
    },
  };
}
