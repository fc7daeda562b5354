import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { type ControlHandlerOptions, createControlHandler } from '@lighthouse-compat/operator';
import { onTestFinished } from 'vitest';
import { openMigration } from '../../sdk/migration/migration.js';

export const token = 'a-token-that-is-long-enough';
export const by = 'ada';

/** Every action with the smallest body that it takes. */
export const bodies = {
  start: { by },
  pause: { by, reason: 'look' },
  resume: { by },
  hold: { by, reason: 'look' },
  release: { by },
  promote: { by },
  abort: { by },
  rollback: { by, reason: 'look' },
  retry: { by },
  clear: { by, reason: 'look' },
  finalize: { by },
  adopt: { by },
  reset: { by },
  drill: { by },
  latch: { by, reason: 'look' },
  'clear-latch': { by, reason: 'look' },
} as const;

/** An answer that has come. */
type Read = {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  // biome-ignore lint/suspicious/noExplicitAny: what came is what the test looks at.
  readonly body: any;
};

async function read(asked: Promise<Response>): Promise<Read> {
  const response = await asked;
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** Serves a handler on a free loopback port, as a host does; ended with the test. */
export async function serveHandler(options: ControlHandlerOptions) {
  const handler = createControlHandler(options);
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    handler.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}${options.prefix ?? ''}`;
  return {
    handler,
    port,
    url,
    stop,
    get: (path: string, headers: Record<string, string> = {}): Promise<Read> =>
      read(fetch(`${url}${path}`, { headers })),
    post: (
      path: string,
      body: unknown,
      headers: Record<string, string> = { authorization: `Bearer ${token}` },
    ): Promise<Read> =>
      read(
        fetch(`${url}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
        }),
      ),
    /** What comes back for bytes that are sent as they are. */
    raw: (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(text));
        let answer = '';
        socket.setEncoding('utf8').on('data', (chunk: string) => {
          answer += chunk;
        });
        socket.on('error', reject).on('close', () => resolve(answer));
      }),
  };
}

/** The control API of a migration over two fake engines. */
export async function openControl(
  options: Partial<ControlHandlerOptions> = {},
  migrationOptions: Parameters<typeof openMigration>[0] = {},
) {
  const migration = await openMigration(migrationOptions);
  const { compat, controller, clock } = migration;
  const control = await serveHandler({ compat, controller, clock, token, ...options });
  return { ...migration, ...control };
}
