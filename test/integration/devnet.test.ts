import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { computeBlockHash, engineJson, type Fork, forkAt, type PayloadStatus } from '@lighthouse-compat/conversions';
import {
  type BlockDriver,
  type BlockRecord,
  createBlockDriver,
  type Devnet,
  DevnetError,
  type EngineApi,
  type ExecutionClient,
  makeGenesis,
  startDevnet,
  startExecutionClient,
} from '@lighthouse-compat/example-devnet';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

const blocksBeforeFork = 3;
const blocks = 6;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The Engine API over raw JSON-RPC: every call goes to every client, building is done by each in turn. */
function rawEngine(devnet: Devnet): EngineApi & { readonly statuses: PayloadStatus[] } {
  const clients = Object.values(devnet.clients);
  const statuses: PayloadStatus[] = [];
  const builds = new Map<string, { readonly builder: ExecutionClient; readonly fork: Fork }>();
  const version = (fork: Fork): string => (fork === 'cancun' ? 'V3' : 'V2');

  return {
    statuses,
    async newPayload({ executionPayload, parentBeaconBlockRoot }) {
      const method = `engine_newPayload${version(forkAt(devnet.forks, executionPayload.timestamp))}`;
      const payload = engineJson.serializeExecutionPayload(executionPayload);
      const params = parentBeaconBlockRoot === undefined ? [payload] : [payload, [], parentBeaconBlockRoot];
      const answers = await Promise.all(clients.map((client) => client.rpc.request(method, params)));
      const parsed = answers.map((answer) => engineJson.parsePayloadStatus(answer));
      statuses.push(...parsed);
      return parsed[0] as PayloadStatus;
    },
    async forkchoiceUpdated(forkchoiceState, payloadAttributes) {
      const fork = payloadAttributes === undefined ? 'shanghai' : forkAt(devnet.forks, payloadAttributes.timestamp);
      const method = `engine_forkchoiceUpdated${version(fork)}`;
      const builder = clients[builds.size % clients.length] as ExecutionClient;
      const state = engineJson.serializeForkchoiceState(forkchoiceState);
      const attributes =
        payloadAttributes === undefined ? null : engineJson.serializePayloadAttributes(payloadAttributes);
      const answers = await Promise.all(
        clients.map(async (client) => {
          const params = [state, client === builder ? attributes : null];
          return engineJson.parseForkchoiceUpdatedResult(await client.rpc.request(method, params));
        }),
      );
      statuses.push(...answers.map((answer) => answer.payloadStatus));
      const payloadId = answers.find((answer) => answer.payloadId !== null)?.payloadId ?? null;
      if (payloadId !== null) builds.set(payloadId, { builder, fork });
      return { payloadStatus: (answers[0] as (typeof answers)[number]).payloadStatus, payloadId };
    },
    async getPayload(payloadId) {
      const build = builds.get(payloadId);
      if (build === undefined) throw new Error(`no build ${payloadId}`);
      const answer = await build.builder.rpc.request(`engine_getPayload${version(build.fork)}`, [payloadId]);
      return engineJson.parsePayloadEnvelope(answer, build.fork);
    },
  };
}

async function devnetError(promise: Promise<unknown>): Promise<DevnetError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DevnetError);
  return error as DevnetError;
}

/** A dead process that nobody has reaped still has its pid. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !(existsSync(stat) && /\) Z /.test(readFileSync(stat, 'utf8')));
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'devnet-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

// The tests of this block stand on one devnet, in order: each leaves it with both clients up and on one head.
describe('two clients of one genesis', () => {
  let devnet: Devnet<'v4' | 'v5'>;
  let engine: ReturnType<typeof rawEngine>;
  let driver: BlockDriver;
  let fault: 'none' | 'syncing' = 'none';

  beforeAll(async () => {
    devnet = await startDevnet({ names: ['v4', 'v5'], blocksBeforeFork });
    engine = rawEngine(devnet);
    const faulty: EngineApi = {
      ...engine,
      newPayload: async (request) =>
        fault === 'none' ? engine.newPayload(request) : { status: 'SYNCING', latestValidHash: null },
    };
    driver = createBlockDriver({ engine: faulty, devnet });
  });

  afterAll(() => devnet?.stop());

  const heads = () => Promise.all([devnet.clients.v4.rpc.head(), devnet.clients.v5.rpc.head()]);

  test('they agree on the genesis', async () => {
    expect(devnet.clients.v4.genesisHash).toBe(devnet.genesisHash);
    expect(devnet.clients.v5.genesisHash).toBe(devnet.genesisHash);
    expect(driver.head).toEqual({ number: 0n, hash: devnet.genesisHash, timestamp: devnet.genesisTime });
    expect(devnet.clients.v4.pid).not.toBe(devnet.clients.v5.pid);
  });

  test('blocks are driven across the fork, every status VALID, to one head and one state', async () => {
    const records: BlockRecord[] = [];
    for (let made = 0; made < blocks; made++) {
      records.push(await driver.nextBlock());
      const [v4, v5] = await heads();
      expect(v4).toEqual(v5);
      expect(v4).toMatchObject({ number: driver.head.number, hash: driver.head.hash });
      expect(v4.stateRoot).toBe(records.at(-1)?.stateRoot);
    }
    // What real clients built has the hash that the conversions compute for it, transactions and withdrawals included.
    for (const { executionPayload, parentBeaconBlockRoot } of records) {
      const root = parentBeaconBlockRoot === null ? {} : { parentBeaconBlockRoot };
      expect(computeBlockHash(executionPayload, root)).toBe(executionPayload.blockHash);
    }

    expect(records.map((record) => record.fork)).toEqual([
      'shanghai',
      'shanghai',
      'shanghai',
      'cancun',
      'cancun',
      'cancun',
    ]);
    expect(records[blocksBeforeFork]?.timestamp).toBe(devnet.forks.cancunTime);
    expect(new Set(engine.statuses.map(({ status }) => status))).toEqual(new Set(['VALID']));
    expect(engine.statuses).toHaveLength(blocks * 6);
    expect(records.map((record) => record.transactions.length)).toEqual([1, 2, 3, 1, 2, 3]);
    const types = new Set(records.flatMap((record) => record.transactions.map((raw) => raw.slice(0, 4) === '0x02')));
    expect(types).toEqual(new Set([true, false]));
    expect(records.some(({ executionPayload }) => executionPayload.withdrawals?.length === 1)).toBe(true);
  });

  test('a status that is not VALID is an error that names the step, and the block can be made again', async () => {
    const before = driver.head;
    fault = 'syncing';
    const error = await devnetError(driver.nextBlock());
    fault = 'none';

    expect(error).toMatchObject({
      code: 'STATUS_NOT_VALID',
      facts: { step: 'new_payload', status: 'SYNCING', blockNumber: before.number + 1n },
    });
    expect(driver.head).toEqual(before);
    await driver.nextBlock();
    expect(driver.head.number).toBe(before.number + 1n);
  });

  test('one block at a time', async () => {
    const first = driver.nextBlock();
    expect(await devnetError(driver.nextBlock())).toMatchObject({ code: 'DRIVER_BUSY' });
    await first;
  });

  test('a client that is stopped and started again on its data keeps the head', async () => {
    const { v5 } = devnet.clients;
    const { engineUrl, pid } = v5;
    await v5.stop();
    expect(await v5.exited).toEqual({ code: 0, signal: null });

    await v5.restart();

    expect(v5.pid).not.toBe(pid);
    expect(v5.engineUrl).toBe(engineUrl);
    expect((await v5.rpc.head()).hash).toBe(driver.head.hash);
  });

  test('a client that is killed says so, fails the next block, and makes it once it is back', async () => {
    const { v5 } = devnet.clients;
    v5.kill('SIGKILL');
    expect(await v5.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(v5.alive).toBe(false);
    expect(await devnetError(driver.nextBlock())).toMatchObject({
      code: 'STEP_FAILED',
      facts: { step: 'forkchoice_updated_with_attributes' },
    });

    await v5.restart();

    const { number } = await driver.nextBlock();
    const [one, other] = await heads();
    expect(one).toEqual(other);
    expect(one.number).toBe(number);
  });

  test('a client that is killed while it starts again is an error with what it wrote', async () => {
    const { v4 } = devnet.clients;
    const { pid } = v4;
    const restart = devnetError(v4.restart());
    await vi.waitFor(() => expect(v4.pid).not.toBe(pid), { timeout: 10_000, interval: 20 });
    await vi.waitFor(() => expect(v4.outputTail()).not.toHaveLength(0), { timeout: 20_000, interval: 20 });
    v4.kill('SIGKILL');

    const error = await restart;

    expect(error).toMatchObject({ code: 'CLIENT_EXITED', facts: { client: 'v4', exitSignal: 'SIGKILL' } });
    expect(error.facts.output).not.toHaveLength(0);
    await v4.restart();
  });

  test('a taken port is found out, though something answers there', async () => {
    const { v4 } = devnet.clients;
    await v4.stop();
    const squatter = createServer((_, response) => response.end('{"jsonrpc":"2.0","id":1,"error":{"code":-32601}}'));
    squatter.listen(Number(new URL(v4.engineUrl).port), '127.0.0.1');
    await once(squatter, 'listening');

    expect(await devnetError(v4.restart())).toMatchObject({ code: 'PORT_TAKEN', facts: { exitCode: 0 } });
    expect(v4.alive).toBe(false);

    squatter.closeAllConnections();
    await new Promise((resolve) => squatter.close(resolve));
    await v4.restart();
  });

  test('stopping ends the clients and removes the folder, as often as one likes', async () => {
    const pids = [devnet.clients.v4.pid, devnet.clients.v5.pid];
    expect(pids.map(isRunning)).toEqual([true, true]);

    await Promise.all([devnet.stop(), devnet.stop()]);
    await devnet.stop();

    expect(pids.map(isRunning)).toEqual([false, false]);
    expect(existsSync(devnet.folder)).toBe(false);
    expect(await devnetError(driver.nextBlock())).toMatchObject({
      code: 'STEP_FAILED',
      facts: { step: 'send_transactions' },
      cause: { code: 'NO_CLIENT_ALIVE' },
    });
  });
});

describe('a start that fails', () => {
  test('a client that ends by itself is an error with what it wrote', async () => {
    const folder = await temporaryFolder();
    const genesisFile = join(folder, 'devnet.json');
    const jwtSecretFile = join(folder, 'jwt.hex');
    await writeFile(genesisFile, '{"config":');
    await writeFile(jwtSecretFile, `0x${'5a'.repeat(32)}\n`);

    const error = await devnetError(
      startExecutionClient({ name: 'broken', genesisFile, jwtSecretFile, dataDir: join(folder, 'data') }),
    );

    expect(error).toMatchObject({ code: 'CLIENT_EXITED', facts: { client: 'broken' } });
    expect(error.message).toContain('JSON');
  });

  test('a secret of another length is refused before anything is started', async () => {
    const folder = await temporaryFolder();
    const jwtSecretFile = join(folder, 'jwt.hex');
    await writeFile(jwtSecretFile, '5a');
    const options = { name: 'v4', genesisFile: jwtSecretFile, jwtSecretFile, dataDir: folder };
    expect(await devnetError(startExecutionClient(options))).toMatchObject({ code: 'INVALID_JWT_SECRET_FILE' });
  });

  test('a start that is aborted leaves no folder', async () => {
    const folder = await temporaryFolder();
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const abort = new AbortController();
    const start = devnetError(startDevnet({ names: ['v4', 'v5'], signal: abort.signal }));
    await vi.waitFor(async () => expect(await readdir(folder)).toHaveLength(1), { timeout: 5_000, interval: 10 });
    abort.abort();

    expect(await start).toMatchObject({ code: 'ABORTED' });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ['no client', { names: [] }],
    ['a name twice', { names: ['v4', 'v4'] }],
    ['a name that is a path', { names: ['../v4'] }],
    ['no time between blocks', { names: ['v4'], slotSeconds: 0 }],
    ['half a block', { names: ['v4'], blocksBeforeFork: 1.5 }],
  ])('%s is refused', async (_, options) => {
    expect(await devnetError(startDevnet(options))).toMatchObject({ code: 'INVALID_OPTION' });
  });
});

describe('a parent that ends without stopping its devnet', () => {
  const script = `
    import { runnerImport } from 'vite';
    const { module } = await runnerImport(process.argv[1], { configFile: false, logLevel: 'error' });
    const { clients, folder } = await module.startDevnet({ names: ['only'] });
    console.log(JSON.stringify({ pid: clients.only.pid, folder }));
    process.stdin.once('data', () => process.exit(0));
  `;

  async function startParent() {
    const index = join(root, 'examples/devnet/src/index.ts');
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script, index], {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    onTestFinished(() => {
      parent.kill('SIGKILL');
    });
    const [line] = await once(createInterface(parent.stdout), 'line');
    const { pid, folder } = JSON.parse(line as string) as { pid: number; folder: string };
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expect(isRunning(pid)).toBe(true);
    return { parent, pid, folder };
  }

  test('leaves no client running when it is killed outright', async () => {
    const { parent, pid } = await startParent();
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000, interval: 20 });
  });

  test('leaves neither a client nor a folder when it exits by itself, even if the client is frozen', async () => {
    const { parent, pid, folder } = await startParent();
    process.kill(pid, 'SIGSTOP');
    parent.stdin.end('exit\n');
    await once(parent, 'exit');
    await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000, interval: 20 });
    expect(existsSync(folder)).toBe(false);
  });
});

test('a genesis without Cancun has no blob schedule', () => {
  const accounts = [{ address: `0x${'11'.repeat(20)}` as const, balanceWei: 5n }];
  const shanghai = makeGenesis({ genesisTime: 1_000n, accounts });
  const cancun = makeGenesis({ genesisTime: 1_000n, cancunTime: 1_012n, accounts });

  expect(shanghai.config).not.toHaveProperty('cancunTime');
  expect(shanghai.config).not.toHaveProperty('blobSchedule');
  expect(cancun.config).toMatchObject({ cancunTime: 1_012, blobSchedule: { cancun: { target: 3, max: 6 } } });
  expect(cancun).toMatchObject({ timestamp: '0x3e8', alloc: { [`0x${'11'.repeat(20)}`]: { balance: '0x5' } } });
});
