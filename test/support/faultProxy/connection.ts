import { connect, type Socket } from 'node:net';
import type { Direction, Faults } from './fault.js';
import { createFlow, type Flow } from './flow.js';

/** One client's connection, and the target's for it. */
export type Connection = {
  /** What holds from now on. */
  apply(faults: Faults): void;
  destroy(): void;
  /** Resolves when neither side has a socket any more. */
  readonly closed: Promise<void>;
};

/** Takes a client's connection and, unless nothing may pass, opens one to the target. */
export function openConnection(options: {
  readonly client: Socket;
  readonly target: { readonly host: string; readonly port: number };
  readonly faults: Faults;
  readonly onBytes: (direction: Direction, count: number) => void;
}): Connection {
  const { client, target } = options;
  const sockets = [client];
  const flows: Partial<Record<Direction, Flow>> = {};
  // What halfOpen has cut: dead for good, and gone once one side has ended and the fault is over.
  let cut = false;
  let silenced = false;
  let ended = false;

  const stopFlows = (): void => {
    for (const flow of Object.values(flows)) flow.stop();
  };

  function destroy(): void {
    stopFlows();
    for (const socket of sockets) socket.destroy();
  }

  function reset(): void {
    stopFlows();
    for (const socket of sockets) {
      // What was never connected has nobody to be told.
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  function endIfCut(): void {
    if (cut && !silenced && ended) destroy();
  }

  function apply(faults: Faults): void {
    silenced = faults.kind === 'halfOpen';
    switch (faults.kind) {
      case 'flows':
        flows.request?.set(faults.request);
        flows.response?.set(faults.response);
        break;
      case 'resetNow':
      case 'refuse':
        reset();
        break;
      case 'halfOpen':
        cut = true;
        stopFlows();
        break;
    }
    endIfCut();
  }

  function watch(socket: Socket): Promise<void> {
    socket.setNoDelay(true);
    socket.once('end', () => {
      ended = true;
      endIfCut();
    });
    socket.on('error', () => {
      ended = true;
      if (cut) endIfCut();
      else reset();
    });
    // Read even when nothing of it passes, or its end would not be noticed.
    socket.resume();
    return new Promise((resolve) => socket.once('close', () => resolve()));
  }

  const closings = [watch(client)];
  if (options.faults.kind === 'flows') {
    const upstream = connect({ ...target, allowHalfOpen: true });
    sockets.push(upstream);
    closings.push(watch(upstream));
    const createFlowOf = (direction: Direction, source: Socket, destination: Socket): Flow =>
      createFlow({
        source,
        destination,
        fault: options.faults.kind === 'flows' ? options.faults[direction] : null,
        onBytes: (count) => options.onBytes(direction, count),
        onReset: reset,
        onTruncated() {
          stopFlows();
          upstream.destroy();
          client.end();
        },
      });
    flows.request = createFlowOf('request', client, upstream);
    flows.response = createFlowOf('response', upstream, client);
  } else {
    apply(options.faults);
  }
  return { apply, destroy, closed: Promise.all(closings).then(() => {}) };
}
