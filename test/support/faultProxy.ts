import { type AddressInfo, createServer, type Server } from 'node:net';
import { type Connection, openConnection } from './faultProxy/connection.js';
import { calm, type Direction, type Fault, type Faults, withFault } from './faultProxy/fault.js';

export type { Fault };

/** A TCP proxy in front of a loopback address that does to its connections what it is told. A target that refuses is seen as a reset. */
export type FaultProxy = {
  readonly url: string;
  readonly port: number;
  /** What has come to pass so far: connections taken, and bytes passed on. */
  readonly counts: { readonly connections: number } & Readonly<Record<`${Direction}Bytes`, number>>;
  /** Sets a fault, which holds when the promise resolves; one of a direction leaves that of the other, every other pair replace each other. */
  set(fault: Fault): Promise<void>;
  /** Ends every fault; what waited passes at once, and what refused listens on the same port again. */
  clear(): Promise<void>;
  /** Destroys every connection and frees the port; harmless when it has been done. */
  close(): Promise<void>;
};

const host = '127.0.0.1';

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });

const stopListening = (server: Server): void => {
  if (server.listening) server.close();
};

/** Starts a proxy on a free loopback port, without a fault. */
export async function startFaultProxy(
  target: URL | { readonly host: string; readonly port: number },
): Promise<FaultProxy> {
  const address = target instanceof URL ? { host: target.hostname, port: Number(target.port || 80) } : target;
  const counts = { connections: 0, requestBytes: 0, responseBytes: 0 };
  const open = new Set<Connection>();
  let faults: Faults = calm;
  let closing: Promise<void> | undefined;

  const server = createServer({ allowHalfOpen: true }, (client) => {
    counts.connections += 1;
    const connection = openConnection({
      client,
      target: address,
      faults,
      onBytes(direction, count) {
        counts[`${direction}Bytes`] += count;
      },
    });
    open.add(connection);
    void connection.closed.then(() => open.delete(connection));
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;

  // One change at a time: to listen again takes a moment.
  let changed: Promise<void> = Promise.resolve();
  function change(next: (before: Faults) => Faults): Promise<void> {
    const change = changed.then(async () => {
      if (closing !== undefined) throw new Error('the proxy has been closed');
      faults = next(faults);
      if (faults.kind === 'refuse') stopListening(server);
      for (const connection of open) connection.apply(faults);
      if (faults.kind !== 'refuse' && !server.listening) await listen(server, port);
    });
    changed = change.catch(() => {});
    return change;
  }

  async function end(): Promise<void> {
    await changed;
    stopListening(server);
    const connections = [...open];
    for (const connection of connections) connection.destroy();
    await Promise.all(connections.map(({ closed }) => closed));
  }

  return {
    url: `http://${host}:${port}`,
    port,
    counts,
    set: (fault) => change((before) => withFault(before, fault)),
    clear: () => change(() => calm),
    close() {
      closing ??= end();
      return closing;
    },
  };
}
