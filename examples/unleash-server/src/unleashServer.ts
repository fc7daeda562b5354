import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { UnleashServerError } from './errors.js';
import { type HostExit, type HostProcess, startHost } from './hostProcess.js';

const portAttempts = 5;
const startTimeoutMs = 90_000;

/** A real Unleash server with its UI, on a database of its own; `pid` and `exited` are those of its newest run. */
export type UnleashServer = {
  /** Where the UI is. */
  readonly url: string;
  /** The API, as clients and {@link https://docs.getunleash.io/api | the Admin API} want it. */
  readonly apiUrl: string;
  /** A token of the Admin API that may do everything. */
  readonly adminToken: string;
  /** A client's token, for {@link UnleashServer.project} and {@link UnleashServer.environment}. */
  readonly clientToken: string;
  readonly project: string;
  readonly environment: string;
  /** The log-in of the UI. */
  readonly login: { readonly username: string; readonly password: string };
  readonly pid: number;
  /** The server process of PostgreSQL; its backends are its children. */
  readonly databasePid: number | undefined;
  /** Resolves when the server's process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<HostExit>;
  /** The last lines that it wrote. */
  outputTail(): readonly string[];
  /** Sends any signal to the server; the database stays. */
  kill(signal: NodeJS.Signals): void;
  /** Ends the server if need be and starts it again on the same data, address and tokens; throws what {@link startUnleashServer} throws. */
  restart(): Promise<void>;
  /** Ends the server and its database and removes its folder; harmless when it has been done. */
  stop(): Promise<void>;
};

/** Starts Unleash on free loopback ports, with its data in a temporary folder; throws an UnleashServerError and leaves nothing behind if it does not start. `signal` ends the start, not the started server. */
export async function startUnleashServer(options: { readonly signal?: AbortSignal } = {}): Promise<UnleashServer> {
  const { signal } = options;
  const secret = (): string => randomBytes(24).toString('hex');
  const password = secret();
  const { database, databasePort, databasePid, folder } = await startDatabase(password, signal);
  // A database whose host was killed is nobody's.
  void database.exited.then(({ code }) => {
    if (code !== 0) endDatabase(databasePid);
  });

  const port = await getPort({ host: '127.0.0.1' });
  const url = `http://127.0.0.1:${port}`;
  const adminToken = `*:*.${secret()}`;
  const clientToken = `default:development.${secret()}`;
  const databaseUrl = `postgres://unleash:${password}@127.0.0.1:${databasePort}/unleash`;
  const send = { port, url, databaseUrl, adminToken, clientToken, secret: secret() };

  let server: HostProcess | undefined;
  let starting: Promise<HostProcess>;
  let stopping = new AbortController();
  const start = (signals: readonly AbortSignal[]): Promise<HostProcess> => {
    const bound = AbortSignal.any([stopping.signal, ...signals]);
    const launch = async (): Promise<HostProcess> => {
      const { host } = await startHost({ program: 'unleash', send, folder, timeoutMs: startTimeoutMs, signal: bound });
      server = host;
      return host;
    };
    starting = launch();
    return starting;
  };

  const endServer = async (): Promise<void> => {
    stopping.abort();
    const host = await starting.catch(() => server);
    // What it has written is in the database.
    host?.kill('SIGKILL');
    await host?.exited;
  };
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    await endServer();
    await database.end();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const stop = (): Promise<void> => {
    ended ??= end();
    return ended;
  };

  try {
    await start(signal === undefined ? [] : [signal]);
  } catch (error) {
    await stop();
    throw error;
  }
  const running = (): HostProcess => server as HostProcess;
  return {
    url,
    apiUrl: `${url}/api`,
    adminToken,
    clientToken,
    project: 'default',
    environment: 'development',
    login: { username: 'admin', password: 'unleash4all' },
    get pid() {
      return running().pid;
    },
    databasePid,
    get exited() {
      return running().exited;
    },
    outputTail: () => running().outputTail(),
    kill: (name) => running().kill(name),
    stop,
    async restart() {
      await endServer();
      if (ended !== undefined) throw new UnleashServerError('ABORTED', 'the server has been stopped');
      stopping = new AbortController();
      await start([]);
    },
  };
}

async function startDatabase(
  password: string,
  signal: AbortSignal | undefined,
): Promise<{ database: HostProcess; databasePort: number; databasePid: number | undefined; folder: string }> {
  for (let attempt = 1; ; attempt += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'lighthouse-compat-unleash-'));
    // As root the database runs as another user, who has to get at its data.
    await chmod(folder, 0o711);
    const databasePort = await getPort({ host: '127.0.0.1' });
    const send = { folder, port: databasePort, user: 'unleash', password };
    try {
      const { host, ready } = await startHost({ program: 'postgres', send, folder, timeoutMs: startTimeoutMs, signal });
      return { database: host, databasePort, databasePid: ready.databasePid, folder };
    } catch (error) {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
      // Another process may have taken the port meanwhile.
      const taken = error instanceof Error && error.message.includes('Address already in use');
      if (!taken || attempt === portAttempts) throw error;
    }
  }
}

function endDatabase(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    // It has ended with its host.
  }
}
