import { fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { UnleashServerError } from './errors.js';

const keptLines = 40;
const endTimeoutMs = 20_000;

// Beside src and beside dist, so that they are found from the sources and from the build.
const programs: Readonly<Record<'postgres' | 'unleash', URL>> = {
  postgres: new URL('../postgres.mjs', import.meta.url),
  unleash: new URL('../unleash.mjs', import.meta.url),
};

// An environment that is meant for another Unleash or another database would reach these otherwise.
const inherited = ['PATH', 'HOME', 'LANG', 'LD_LIBRARY_PATH'];

/** How a process ended: one of the two is null. */
export type HostExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** A program beside `src` that hosts a server; it ends when this process does, even by SIGKILL. */
export type HostProcess = {
  readonly pid: number;
  readonly running: boolean;
  /** Resolves when the process has ended; never rejects. */
  readonly exited: Promise<HostExit>;
  /** The last lines that it wrote. */
  outputTail(): readonly string[];
  kill(signal: NodeJS.Signals): void;
  /** Closes the channel, on which the program ends in its own way; one that takes too long is killed. */
  end(): Promise<void>;
};

/** What a program says when it has started. */
type Ready = { readonly kind: 'ready'; readonly databasePid?: number };
type Said = Ready | { readonly kind: 'failed'; readonly message: string };

/** Starts a program, gives it its options and waits until it is ready; throws an UnleashServerError, and then it has ended. */
export async function startHost(options: {
  readonly program: keyof typeof programs;
  readonly send: { readonly [key: string]: string | number };
  /** For its temporary files. */
  readonly folder: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}): Promise<{ readonly host: HostProcess; readonly ready: Ready }> {
  const { program, send, folder, timeoutMs, signal } = options;
  if (signal?.aborted) throw new UnleashServerError('ABORTED', `the start of ${program} was aborted`);
  const environment = inherited.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const child = fork(programs[program], [], {
    // In a session of its own, so that a signal to the whole group of this process does not take it before its time.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
    env: { ...Object.fromEntries(environment), TMPDIR: folder, NODE_ENV: 'production', TZ: 'UTC' },
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      lines.push(...chunk.split('\n').filter((line) => line.trim() !== ''));
      lines.splice(0, lines.length - keptLines);
    });
  }
  let running = true;
  const exited = new Promise<HostExit>((resolve) => {
    child.once('exit', (code, killedBy) => {
      running = false;
      resolve({ code, signal: killedBy });
    });
    // It could not be started at all: there is no exit to come.
    child.once('error', () => {
      if (child.pid !== undefined) return;
      running = false;
      resolve({ code: 1, signal: null });
    });
  });
  const said = new Promise<Said>((resolve) => {
    child.once('message', (message) => resolve(message as Said));
  });
  child.on('error', () => {});
  // A message to a program that has ended already has nobody to go to, and its exit says so.
  child.send(send, () => {});

  const host: HostProcess = {
    pid: child.pid ?? 0,
    get running() {
      return running;
    },
    exited,
    outputTail: () => [...lines],
    kill: (name) => {
      child.kill(name);
    },
    async end() {
      if (child.connected) child.disconnect();
      const patience = new AbortController();
      const late = delay(endTimeoutMs, true, { signal: patience.signal }).catch(() => false);
      if (await Promise.race([exited.then(() => false), late])) child.kill('SIGKILL');
      patience.abort();
      await exited;
    },
  };

  const bound = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
  const stopped = new Promise<'stopped'>((resolve) => {
    bound.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  const first = await Promise.race([said, exited.then(() => 'exited' as const), stopped]);
  if (typeof first !== 'string' && first.kind === 'ready') return { host, ready: first };

  // A database has a folder to remove; a server has nothing.
  if (program === 'unleash') host.kill('SIGKILL');
  await host.end();
  if (signal?.aborted) throw new UnleashServerError('ABORTED', `the start of ${program} was aborted`);
  if (first === 'stopped') {
    throw new UnleashServerError('START_TIMEOUT', `${program} has not started within ${timeoutMs} ms`, lines);
  }
  const why = first === 'exited' ? 'it ended' : first.kind === 'failed' ? first.message : '';
  throw new UnleashServerError('START_FAILED', `${program} did not start: ${why}`, lines);
}
