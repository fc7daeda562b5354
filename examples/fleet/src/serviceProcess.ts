import { fork } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineApi } from '@lighthouse-compat/example-devnet';
import { type ControlClient, controlClient } from '@lighthouse-compat/operator';
import type { Logger } from '@lighthouse-compat/sdk';
import type { Asked, Said, ServiceOrder } from './order.js';

// From the sources and from the build alike: a process of its own runs what was built.
const program = new URL('../dist/service.js', import.meta.url);
const endTimeoutMs = 10_000;
const startTimeoutMs = 180_000;

/** A line that a service has logged. */
export type Logged = { readonly level: keyof Logger; readonly message: string };

/** One run of a service, seen from the process that started it. */
export type ServiceProcess = {
  readonly pid: number;
  readonly port: number;
  readonly running: boolean;
  /** Asks it without a token: for reading. */
  readonly control: ControlClient;
  /** The calls of its beacon node. */
  readonly engine: EngineApi & { drain(): Promise<unknown> };
  /** Resolves when it has ended, for whatever reason; never rejects. */
  readonly exited: Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Lets it end in its own way; one that takes too long is killed. */
  stop(): Promise<void>;
};

/** A call that a service has refused, with its code. */
class ServiceCallError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'ServiceCallError';
    this.code = code;
  }
}

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

/** Starts a service and waits until it is ready; rejects when it is not, and then it has ended. */
export async function startService(
  order: ServiceOrder,
  { log, signal }: { readonly log: (line: Logged) => void; readonly signal?: AbortSignal | undefined },
): Promise<ServiceProcess> {
  signal?.throwIfAborted();
  const child = fork(program, [], {
    // In a session of its own, so that a signal to the whole group of this process does not take it before its time.
    detached: true,
    // Payloads hold bigints, which JSON does not.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: [],
  });
  let errors = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4_000);
  });
  const waiting = new Map<number, Waiting>();
  let running = true;
  let ready: (port: number) => void = () => {};
  const port = new Promise<number>((resolve) => {
    ready = resolve;
  });
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      running = false;
      for (const { reject } of waiting.values())
        reject(new ServiceCallError('SERVICE_GONE', `${order.name} has ended`));
      waiting.clear();
      resolve();
    });
  });
  child.on('error', () => {});
  child.on('message', (said: Said) => {
    switch (said.kind) {
      case 'ready':
        return ready(said.port);
      case 'log':
        return log({ level: said.level, message: said.message });
      case 'answer':
        waiting.get(said.id)?.resolve(said.value);
        return void waiting.delete(said.id);
      case 'failed':
        waiting.get(said.id)?.reject(new ServiceCallError(said.code, said.message));
        return void waiting.delete(said.id);
    }
  });
  child.send(order, () => {});

  async function stop(): Promise<void> {
    if (child.connected) child.disconnect();
    const patience = new AbortController();
    const late = delay(endTimeoutMs, true, { signal: patience.signal }).catch(() => false);
    if (await Promise.race([exited.then(() => false), late])) child.kill('SIGKILL');
    patience.abort();
    await exited;
  }

  const bound = AbortSignal.any([AbortSignal.timeout(startTimeoutMs), ...(signal === undefined ? [] : [signal])]);
  const broken = new Promise<null>((resolve) => bound.addEventListener('abort', () => resolve(null), { once: true }));
  const started = await Promise.race([port, exited.then(() => null), broken]);
  if (started === null) {
    child.kill('SIGKILL');
    await exited;
    signal?.throwIfAborted();
    throw new Error(`the service ${order.name} has not started: ${errors.trim()}`);
  }

  let calls = 0;
  function ask<T>(call: Asked['call'], args: readonly unknown[]): Promise<T> {
    calls += 1;
    const id = calls;
    return new Promise<T>((resolve, reject) => {
      if (!running) return reject(new ServiceCallError('SERVICE_GONE', `${order.name} has ended`));
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      child.send({ id, call, args } as object, () => {});
    });
  }
  return {
    pid: child.pid ?? 0,
    port: started,
    get running() {
      return running;
    },
    control: controlClient({ url: `http://127.0.0.1:${started}/control` }),
    engine: {
      newPayload: (...args) => ask('newPayload', args),
      forkchoiceUpdated: (...args) => ask('forkchoiceUpdated', args),
      getPayload: (...args) => ask('getPayload', args),
      drain: () => ask('drain', []),
    },
    exited,
    kill: (name) => void child.kill(name),
    stop,
  };
}
