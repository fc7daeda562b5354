import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ControlHandlerOptions, createControlHandler } from '@lighthouse-compat/operator';

/** The control API and its page on loopback. */
export type PageServer = {
  /** Ends with a slash. */
  readonly url: string;
  /** Made up for this run. */
  readonly token: string;
  close(): Promise<void>;
};

/** Serves them, as the host of a migration does, on a free port. */
export async function servePage(
  watched: Pick<ControlHandlerOptions, 'compat' | 'controller' | 'clock'>,
): Promise<PageServer> {
  const token = randomBytes(18).toString('base64url');
  const handler = createControlHandler({ ...watched, token, page: true });
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    token,
    close: () =>
      new Promise<void>((resolve) => {
        handler.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
