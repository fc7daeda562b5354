import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { startDesk } from '../../../packages/operator/src/desk/desk.js';
import type { DeskOptions } from '../../../packages/operator/src/desk/options.js';

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

/** A desk for the service at an address, ended with the test. */
export async function openDesk(url: string, options: Partial<DeskOptions> & { readonly timeoutMs?: number } = {}) {
  const { timeoutMs, ...rest } = options;
  const said: string[] = [];
  const say = (message: string): void => {
    said.push(message);
  };
  const desk = await startDesk({
    service: { url, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    logger: { info: say, warn: say, error: say },
    ...rest,
  });
  onTestFinished(() => desk.close());
  const base = desk.url.replace(/\/$/, '');
  const { port } = new URL(desk.url);
  return {
    desk,
    base,
    said,
    get: (path: string, headers: Record<string, string> = {}): Promise<Read> =>
      read(fetch(`${base}${path}`, { headers })),
    post: (path: string, body: unknown, headers: Record<string, string> = {}): Promise<Read> =>
      read(
        fetch(`${base}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        }),
      ),
    /** What comes back for bytes that are sent as they are. */
    raw: (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = connect(Number(port), '127.0.0.1', () => socket.write(text));
        let answer = '';
        socket.setEncoding('utf8').on('data', (chunk: string) => {
          answer += chunk;
        });
        socket.on('error', reject).on('close', () => resolve(answer));
      }),
  };
}

/** A service that is no control API, on a free loopback port, ended with the test. */
export async function serveAnything(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, stop };
}
