import type { Socket } from 'node:net';
import type { FlowFault } from './fault.js';

type Piece = { readonly bytes: Buffer | null; readonly arrivedMs: number; jitterMs?: number };

/** The bytes of one direction of one connection. */
export type Flow = {
  /** The fault from now on, for what waits already too. */
  set(fault: FlowFault | null): void;
  /** Lets nothing pass any more, and forgets what waits. */
  stop(): void;
};

const throttledStepMs = 20;

// A reader that finds bytes and the reset after them at one time takes the reset for a clean end (libuv's short cut for
// a hangup after a partial read), so the bytes get time to be read.
const beforeResetMs = 20;

/** Passes on what the source gives, its end included, in its order; what waits is kept in memory. */
export function createFlow(options: {
  readonly source: Socket;
  readonly destination: Socket;
  readonly fault: FlowFault | null;
  readonly onBytes: (count: number) => void;
  readonly onReset: () => void;
  readonly onTruncated: () => void;
}): Flow {
  const { source, destination } = options;
  let fault: FlowFault | null;
  let waiting: Piece[] = [];
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let bytesLeft = 0;
  let freeAtMs = 0;

  function forward(bytes: Buffer, done?: () => void): void {
    options.onBytes(bytes.length);
    destination.write(bytes, done);
  }

  function stop(): void {
    stopped = true;
    waiting = [];
    clearTimeout(timer);
  }

  function resetSoon(): void {
    // The immediate lets a reader of this very process have its turn, however late the timer is.
    timer = setTimeout(() => setImmediate(options.onReset), beforeResetMs);
  }

  /** When the first in line may pass. */
  function dueMs(piece: Piece): number {
    switch (fault?.kind) {
      case 'delay':
        return piece.arrivedMs + fault.delayMs;
      case 'jitter':
        piece.jitterMs ??= fault.minMs + fault.random() * (fault.maxMs - fault.minMs);
        return piece.arrivedMs + piece.jitterMs;
      case 'throttle':
        return freeAtMs;
      case 'drop':
      case 'reset':
      case 'truncate':
      case undefined:
        return 0;
    }
  }

  /** Lets the first in line pass, or as much of it as may; gives what is left of it. */
  function pass(bytes: Buffer): Buffer {
    switch (fault?.kind) {
      case 'delay':
      case 'jitter':
      case undefined:
        forward(bytes);
        return bytes.subarray(bytes.length);
      case 'drop':
        return bytes.subarray(bytes.length);
      case 'throttle': {
        const step = bytes.subarray(0, Math.max(1, Math.floor((fault.bytesPerSecond * throttledStepMs) / 1_000)));
        freeAtMs = Math.max(freeAtMs, performance.now()) + (step.length * 1_000) / fault.bytesPerSecond;
        forward(step);
        return bytes.subarray(step.length);
      }
      case 'reset':
      case 'truncate': {
        const part = bytes.subarray(0, bytesLeft);
        bytesLeft -= part.length;
        if (part.length === bytes.length) {
          forward(part);
        } else {
          stop();
          // Only once the part has left: a reset throws away what has not.
          forward(part, fault.kind === 'reset' ? resetSoon : options.onTruncated);
        }
        return bytes.subarray(part.length);
      }
    }
  }

  function pump(): void {
    clearTimeout(timer);
    for (let piece = waiting[0]; piece !== undefined; piece = waiting[0]) {
      const waitMs = dueMs(piece) - performance.now();
      if (waitMs > 0) {
        timer = setTimeout(pump, waitMs);
        return;
      }
      if (piece.bytes === null) {
        stop();
        destination.end();
        return;
      }
      const rest = pass(piece.bytes);
      if (stopped) return;
      if (rest.length === 0) waiting.shift();
      else waiting[0] = { ...piece, bytes: rest };
    }
  }

  function set(next: FlowFault | null): void {
    fault = next;
    bytesLeft = next !== null && 'afterBytes' in next ? next.afterBytes : 0;
    freeAtMs = 0;
    for (const piece of waiting) delete piece.jitterMs;
    if (!stopped) pump();
  }

  function take(bytes: Buffer | null): void {
    // What comes later is still read, so that the end of the connection is noticed.
    if (stopped) return;
    waiting.push({ bytes, arrivedMs: performance.now() });
    if (waiting.length === 1) pump();
  }

  set(options.fault);
  source.on('data', take).once('end', () => take(null));
  return { set, stop };
}
