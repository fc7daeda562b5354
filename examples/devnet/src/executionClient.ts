import { mkdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Hash32 } from '@lighthouse-compat/conversions';
import getPort from 'get-port';
import { type ClientExit, type ClientProcess, spawnClient } from './clientProcess.js';
import { createEngineRpc, type EngineRpc } from './engineRpc.js';
import { DevnetError } from './errors.js';

const pollIntervalMs = 50;
const portAttempts = 5;

/** What {@link startExecutionClient} needs; the secret must be this client's alone, for by it the client is known from whatever else may have its port. */
export type ExecutionClientOptions = {
  readonly name: string;
  /** A genesis in geth's format. */
  readonly genesisFile: string;
  /** Made if it is not there. */
  readonly dataDir: string;
  /** 32 bytes as hex. */
  readonly jwtSecretFile: string;
  /** 60000 unless told. */
  readonly startTimeoutMs?: number;
  /** Ends the start, not the started client. */
  readonly signal?: AbortSignal;
};

/** A real execution client in a process of its own; `pid`, `alive` and `exited` are those of its newest run. */
export type ExecutionClient = {
  readonly name: string;
  readonly engineUrl: string;
  readonly jwtSecretFile: string;
  readonly genesisHash: Hash32;
  readonly rpc: EngineRpc;
  readonly pid: number;
  readonly alive: boolean;
  /** Resolves when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ClientExit>;
  /** The last lines that it wrote. */
  outputTail(): readonly string[];
  /** Sends any signal, such as SIGKILL, or SIGSTOP and SIGCONT. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it, and a start that is under way; harmless when it has ended. */
  stop(): Promise<void>;
  /** Ends it if need be and starts it again on the same data, port and secret; throws what {@link startExecutionClient} throws. */
  restart(): Promise<void>;
};

/** Starts a client on a free loopback port and waits until its Engine port answers; throws a DevnetError: CLIENT_EXITED, PORT_TAKEN, START_TIMEOUT, ABORTED or INVALID_JWT_SECRET_FILE. */
export async function startExecutionClient(options: ExecutionClientOptions): Promise<ExecutionClient> {
  const jwtSecret = await readJwtSecret(options.jwtSecretFile);
  await mkdir(options.dataDir, { recursive: true });

  for (let attempt = 1; ; attempt++) {
    const port = await getPort({ host: '127.0.0.1' });
    try {
      return await startOnPort(options, port, jwtSecret);
    } catch (error) {
      if (!isPortTaken(error) || attempt === portAttempts) throw error;
    }
  }
}

async function startOnPort(
  options: ExecutionClientOptions,
  port: number,
  jwtSecret: Uint8Array,
): Promise<ExecutionClient> {
  const { name, jwtSecretFile, startTimeoutMs = 60_000 } = options;
  const engineUrl = `http://127.0.0.1:${port}`;
  const rpc = createEngineRpc({ client: name, url: engineUrl, jwtSecret });
  const args = clientArguments(options, port);

  let run: ClientProcess;
  let stopping = new AbortController();
  let starting: Promise<Hash32>;

  function start(signals: readonly AbortSignal[]): Promise<Hash32> {
    const launch = async (): Promise<Hash32> => {
      throwIfAborted(name, signals);
      // It keeps a log's rotation record in its working folder whatever it is told about logs.
      run = await spawnClient(args, options.dataDir);
      try {
        return await genesisOnceReady({ name, run, rpc, startTimeoutMs, signals });
      } catch (error) {
        run.kill('SIGKILL');
        await run.exited;
        throw error;
      }
    };
    starting = launch();
    return starting;
  }

  const genesisHash = await start([stopping.signal, ...(options.signal === undefined ? [] : [options.signal])]);

  async function stop(): Promise<void> {
    stopping.abort();
    await starting.catch(() => {});
    await run.stop();
  }

  return {
    name,
    engineUrl,
    jwtSecretFile,
    genesisHash,
    rpc,
    get pid() {
      return run.pid;
    },
    get alive() {
      return run.running;
    },
    get exited() {
      return run.exited;
    },
    outputTail: () => run.outputTail(),
    kill: (signal) => run.kill(signal),
    stop,
    async restart() {
      await stop();
      stopping = new AbortController();
      await start([stopping.signal]);
    },
  };
}

function clientArguments(options: ExecutionClientOptions, port: number): readonly string[] {
  return [
    `--gethGenesis=${options.genesisFile}`,
    `--dataDir=${options.dataDir}`,
    // Without these four the client listens for peers on every interface and wants some before it takes transactions.
    '--sync=none',
    '--discV4=false',
    '--discDns=false',
    '--isSingleNode',
    '--rpcEngine',
    '--rpcEngineAddr=127.0.0.1',
    `--rpcEnginePort=${port}`,
    `--jwtSecret=${options.jwtSecretFile}`,
    '--logFile=false',
    '--logLevel=info',
  ];
}

/** Waits for the process to answer for its genesis; that an answer passes the token check shows that it is not a stranger's. */
async function genesisOnceReady(options: {
  readonly name: string;
  readonly run: ClientProcess;
  readonly rpc: EngineRpc;
  readonly startTimeoutMs: number;
  readonly signals: readonly AbortSignal[];
}): Promise<Hash32> {
  const { name, run, rpc, startTimeoutMs, signals } = options;
  const bound = AbortSignal.timeout(startTimeoutMs);
  const signal = AbortSignal.any([bound, ...signals]);
  const exited = run.exited.then(() => null);
  let cause: unknown;
  while (run.running) {
    throwIfAborted(name, signals);
    if (bound.aborted) {
      const message = `${name} does not answer ${startTimeoutMs} ms after its start`;
      throw new DevnetError('START_TIMEOUT', message, { client: name, output: run.outputTail(), cause });
    }
    try {
      const genesis = await Promise.race([rpc.block(0n, { signal }), exited]);
      if (genesis !== null && run.running) return genesis.hash;
    } catch (error) {
      cause = error;
    }
    await Promise.race([delay(pollIntervalMs), exited]);
  }
  throw exitError(name, await run.exited, run.outputTail());
}

function exitError(client: string, exit: ClientExit, output: readonly string[]): DevnetError {
  const taken = output.some((line) => line.includes('EADDRINUSE'));
  const facts = { client, output, exitCode: exit.code, exitSignal: exit.signal };
  if (taken) return new DevnetError('PORT_TAKEN', `${client} found its port taken`, facts);
  return new DevnetError('CLIENT_EXITED', `${client} ended while it was starting (${exit.signal ?? exit.code})`, facts);
}

function isPortTaken(error: unknown): boolean {
  return error instanceof DevnetError && error.code === 'PORT_TAKEN';
}

function throwIfAborted(client: string, signals: readonly AbortSignal[]): void {
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted === undefined) return;
  throw new DevnetError('ABORTED', `the start of ${client} was aborted`, { client, cause: aborted.reason });
}

async function readJwtSecret(file: string): Promise<Uint8Array> {
  const message = `${file} is not a JWT secret of 32 bytes as hex`;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new DevnetError('INVALID_JWT_SECRET_FILE', message, { cause });
  }
  const digits = /^(?:0x)?([0-9a-f]{64})$/i.exec(text.trim())?.[1];
  if (digits === undefined) throw new DevnetError('INVALID_JWT_SECRET_FILE', message);
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
