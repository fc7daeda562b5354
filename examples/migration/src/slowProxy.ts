import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that gives the answers of its target later than they come. */
export type SlowProxy = { readonly url: string; delayMs: number; close(): Promise<void> };

/** Starts a proxy on a free port. */
export async function startSlowProxy(target: URL, delayMs: number): Promise<SlowProxy> {
  const open = new Set<Socket>();
  const proxy = { url: '', delayMs, close };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ host: target.hostname, port: Number(target.port), allowHalfOpen: true });
    for (const socket of [client, engine]) {
      open.add(socket);
      socket.on('error', () => {
        client.destroy();
        engine.destroy();
      });
      socket.on('close', () => open.delete(socket));
    }
    client.pipe(engine);
    // Pieces that come later leave later, so their order is kept while the delay stays as it is.
    engine.on('data', (piece) => setTimeout(() => client.write(piece), proxy.delayMs));
    engine.on('end', () => setTimeout(() => client.end(), proxy.delayMs));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  function close(): Promise<void> {
    return new Promise((resolve) => {
      server.close(() => resolve());
      for (const socket of open) socket.destroy();
    });
  }
  return proxy;
}
