import { connect } from 'node:net';
import { type ControlHandlerOptions, createControlHandler } from '@lighthouse-compat/operator';
import { onTestFinished } from 'vitest';
import { openMigration } from '../../sdk/migration/migration.js';
import { serveAnything } from '../../support/serveAnything.js';

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

/** Asks below an address, and reads JSON. */
export const asker = (url: string, own: Record<string, string> = {}) => ({
  get: (path: string, headers: Record<string, string> = {}): Promise<Read> => read(fetch(`${url}${path}`, { headers })),
  post: (path: string, body: unknown, headers: Record<string, string> = own): Promise<Read> =>
    read(
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
      }),
    ),
});

/** What comes back for bytes that are sent as they are; `end`: nothing follows them. */
export const rawAnswer = (
  port: number,
  text: string,
  { end = true }: { readonly end?: boolean } = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => (end ? socket.end(text) : socket.write(text)));
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(answer));
  });

/** Serves a handler on a free loopback port, as a host does; ended with the test. */
export async function serveHandler(options: ControlHandlerOptions) {
  const handler = createControlHandler(options);
  const served = await serveAnything(handler);
  const { port } = served;
  const stop = async (): Promise<void> => {
    handler.close();
    await served.stop();
  };
  onTestFinished(() => handler.close());
  const url = `${served.url}${options.prefix ?? ''}`;
  return {
    handler,
    port,
    url,
    stop,
    ...asker(url, { authorization: `Bearer ${token}` }),
    raw: (text: string): Promise<string> => rawAnswer(port, text),
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
