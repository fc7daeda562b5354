import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import type { UnleashServer } from '@lighthouse-compat/example-unleash-server';
import { inject } from 'vitest';

/** How long a test file waits for its turn, and for the server to start. */
export const leaseTimeoutMs = 900_000;

/** The run's Unleash server, without any flag, for one test file at a time. */
export type UnleashLease = Pick<
  UnleashServer,
  'url' | 'apiUrl' | 'adminToken' | 'clientToken' | 'project' | 'environment' | 'login' | 'databasePid'
> & {
  /** Asks the Admin API what no client of ours asks, below `/api/admin`; throws unless the answer is 2xx. */
  ask(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Archives and deletes every flag. */
  removeFlags(): Promise<void>;
  /** Kills the server outright, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same address, with the same data. */
  restart(): Promise<void>;
  /** Lets the next file have it. */
  release(): void;
};

/** Waits for this file's turn at the run's Unleash server. */
export async function leaseUnleash(): Promise<UnleashLease> {
  const starter = inject('unleashStarter');
  // fetch would give up on a turn, and on a lease, after five minutes.
  const request = get(`${starter}/lease`, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const lines = createInterface(response);
  const [line] = (await once(lines, 'line')) as [string];
  if (response.statusCode !== 200) throw new Error(`no Unleash: ${line}`);
  // Its end is the end of the lease, on either side.
  for (const side of [request, response, lines]) side.on('error', () => {});
  const told = JSON.parse(line) as Omit<UnleashLease, 'ask' | 'removeFlags' | 'kill' | 'restart' | 'release'>;

  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${told.apiUrl}/admin${path}`, {
      method,
      headers: { authorization: told.adminToken, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const removeFlags = async (): Promise<void> => {
    const namesAt = async (path: string): Promise<string[]> => {
      const { features } = (await ask('GET', path)) as { features: { name: string }[] };
      return features.map(({ name }) => name);
    };
    const { project } = told;
    const living = await namesAt(`/projects/${project}/features`);
    if (living.length > 0) await ask('POST', `/projects/${project}/archive`, { features: living });
    const archived = await namesAt('/search/features?archived=IS%3Atrue&limit=100');
    if (archived.length > 0) await ask('POST', `/projects/${project}/delete`, { features: archived });
  };
  const tell = async (what: string): Promise<void> => {
    const answer = await fetch(`${starter}/${what}`, { method: 'POST' });
    if (!answer.ok) throw new Error(await answer.text());
  };

  await removeFlags();
  return {
    ...told,
    ask,
    removeFlags,
    kill: () => tell('kill'),
    restart: () => tell('restart'),
    release: () => {
      request.destroy();
    },
  };
}
