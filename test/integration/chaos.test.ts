import {
  type BlockRecord,
  createBlockDriver,
  type Devnet,
  DevnetError,
  startDevnet,
} from '@lighthouse-compat/example-devnet';
import {
  createLighthouseCompat,
  type LighthouseCompat,
  type LighthouseCompatOptions,
  type MigrationMode,
  type Observation,
} from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { type Fault, startFaultProxy } from '../support/faultProxy.js';

type Version = 'v4' | 'v5';
type Opened = {
  readonly devnet: Devnet<Version>;
  readonly compat: LighthouseCompat;
  readonly seen: Observation[];
  /** One block, every step of it VALID. */
  next(): Promise<BlockRecord>;
  /** Blocks until an engine is in step; gives how many it took. */
  untilInStep(version: Version): Promise<number>;
  heads(): Promise<readonly string[]>;
};

const mostBlocks = 20;

/** Two real clients behind the SDK, over these addresses if they are told. */
async function open(
  options: Partial<LighthouseCompatOptions> & { readonly urls?: Partial<Record<Version, string>> } = {},
) {
  const { urls = {}, ...rest } = options;
  const devnet = await startDevnet({ names: ['v4', 'v5'] });
  onTestFinished(() => devnet.stop());
  return { ...(await openOn(devnet, urls, rest)), devnet };
}

async function openOn(
  devnet: Devnet<Version>,
  urls: Partial<Record<Version, string>>,
  options: Partial<LighthouseCompatOptions>,
): Promise<Opened> {
  const engine = (version: Version) => ({
    url: urls[version] ?? devnet.clients[version].engineUrl,
    jwtSecretFile: devnet.clients[version].jwtSecretFile,
  });
  const compat = await createLighthouseCompat({ v4: engine('v4'), v5: engine('v5'), forks: devnet.forks, ...options });
  onTestFinished(() => compat.close());
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  const driver = createBlockDriver({ engine: compat, devnet });
  return {
    devnet,
    compat,
    seen,
    next: () => driver.nextBlock(),
    async untilInStep(version) {
      for (let blocks = 0; blocks <= mostBlocks; blocks += 1) {
        await compat.drain();
        if (compat.standby()[version].state === 'in_step') return blocks;
        await driver.nextBlock();
      }
      throw new Error(`${version} is ${compat.standby()[version].state} after ${mostBlocks} blocks`);
    },
    heads: () =>
      Promise.all([devnet.clients.v4.rpc.head(), devnet.clients.v5.rpc.head()]).then((all) =>
        all.map(({ hash }) => hash),
      ),
  };
}

async function times(count: number, act: () => Promise<unknown>): Promise<void> {
  for (let n = 0; n < count; n += 1) await act();
}

const other = { v4: 'v5', v5: 'v4' } as const;
const modes: readonly (readonly [MigrationMode, Version])[] = [
  [{ kind: 'v4_only' }, 'v4'],
  [{ kind: 'v4_primary' }, 'v4'],
  [{ kind: 'parallel' }, 'v4'],
  [{ kind: 'v5_only' }, 'v5'],
  [{ kind: 'v5_primary' }, 'v5'],
  [{ kind: 'canary', percent: 100 }, 'v5'],
];

test('in every mode the engine that does not answer is killed and started again: the caller sees nothing, and it is back in step within 20 blocks, by replay', async () => {
  const { devnet, compat, seen, next, untilInStep, heads } = await open();
  await times(2, next);
  for (const [mode, answering] of modes) {
    compat.setMigrationMode(mode);
    const idle = other[answering];
    await untilInStep(idle);
    const before = compat.stats();
    seen.length = 0;
    await next();
    devnet.clients[idle].kill('SIGKILL');
    await devnet.clients[idle].exited;
    await times(4, next);
    await devnet.clients[idle].restart();
    const blocks = await untilInStep(idle);
    expect(blocks, `${idle} in ${mode.kind}`).toBeLessThanOrEqual(mostBlocks);
    await next();
    await compat.drain();
    const [v4, v5] = await heads();
    expect(v4).toBe(v5);
    expect(new Set(seen.map(({ answering: { engine } }) => engine))).toEqual(new Set([answering]));
    expect(seen.every(({ fallback, answering: { outcome } }) => fallback === null && outcome.kind === 'answered')).toBe(
      true,
    );
    expect(compat.stats().replays[idle].payloads).toBeGreaterThan(before.replays[idle].payloads);
  }
}, 180_000);

test.each([[{ kind: 'v5_primary' }], [{ kind: 'canary', percent: 50 }]] as const)(
  'v5 is killed while it answers in %o: its calls are answered by v4, builds go on at v4, and it comes back',
  async (mode) => {
    const { devnet, compat, seen, next, untilInStep, heads } = await open({ mode });
    await times(4, next);
    await compat.drain();
    seen.length = 0;
    // In the middle of a block: after its own send has begun at v5.
    const lost: unknown[] = [];
    const killing = new Promise<void>((resolve) => {
      const off = compat.on('observation', ({ operation, answering }) => {
        if (operation !== 'new_payload' || answering.engine !== 'v5') return;
        off();
        devnet.clients.v5.kill('SIGKILL');
        resolve();
      });
    });
    let made = 0;
    const nextOrLost = async (): Promise<void> => {
      try {
        await next();
        made += 1;
      } catch (error) {
        // What v5 was building is the one thing that can be lost; the next block is built at v4.
        if (!(error instanceof DevnetError) || error.facts.step !== 'get_payload') throw error;
        lost.push((error.cause as { readonly code?: unknown }).code);
      }
    };
    for (let n = 0; n < 20 && devnet.clients.v5.alive; n += 1) await nextOrLost();
    await killing;
    await devnet.clients.v5.exited;
    await times(6, nextOrLost);
    expect(lost.length).toBeLessThanOrEqual(1);
    for (const code of lost) expect(code).toBe('PAYLOAD_LOST');
    const failed = seen.filter(
      ({ operation, answering: { outcome } }) => operation !== 'get_payload' && outcome.kind !== 'answered',
    );
    expect(failed).toEqual([]);
    await compat.drain();
    expect(seen.at(-1)?.answering.engine).toBe('v4');
    await devnet.clients.v5.restart();
    await untilInStep('v5');
    await times(2, next);
    await compat.drain();
    const [v4, v5] = await heads();
    expect(v4).toBe(v5);
    expect(made).toBeGreaterThan(6);
  },
  90_000,
);

test.each(['v4', 'v5'] as const)(
  '%s is frozen for 5 s while v5 answers: no call fails, and it is back in step within 20 blocks',
  async (frozen) => {
    const { devnet, compat, seen, next, untilInStep, heads } = await open({
      mode: { kind: 'v5_primary' },
      timeouts: { factor: 0.25 },
      fallbackAfterMs: 500,
    });
    await times(3, next);
    await compat.drain();
    seen.length = 0;
    // In the middle of a block, so that its forkchoice is the first to meet it.
    const off = compat.on('observation', ({ operation }) => {
      if (operation !== 'new_payload') return;
      off();
      devnet.clients[frozen].kill('SIGSTOP');
    });
    await next();
    let isFrozen = true;
    setTimeout(() => {
      devnet.clients[frozen].kill('SIGCONT');
      isFrozen = false;
    }, 5_000);
    while (isFrozen) await next();
    await untilInStep(frozen);
    await times(2, next);
    await compat.drain();
    expect(seen.filter(({ answering: { outcome } }) => outcome.kind !== 'answered')).toEqual([]);
    const [v4, v5] = await heads();
    expect(v4).toBe(v5);
    if (frozen === 'v5') expect(seen.filter(({ fallback }) => fallback?.cause === 'TIMEOUT').length).toBeGreaterThan(0);
    else expect(compat.stats().fallbacks).toBe(0);
  },
  90_000,
);

test('a rollback after 40 blocks at v5_only: v4 has been kept in step and answers VALID for the head', async () => {
  const { compat, seen, next, heads } = await open({ mode: { kind: 'v5_only' } });
  let head = await next();
  for (let n = 1; n < 40; n += 1) head = await next();
  await compat.rollback('drill');
  expect(await compat.verifyRollback()).toMatchObject({ verified: true, head: head.hash, payloadsReplayed: 0 });
  seen.length = 0;
  await times(3, next);
  await compat.drain();
  expect(new Set(seen.map(({ answering: { engine } }) => engine))).toEqual(new Set(['v4']));
  const [v4, v5] = await heads();
  expect(v4).toBe(v5);
}, 90_000);

const faults: readonly (readonly [string, Fault])[] = [
  ['connections that are refused', { kind: 'refuse' }],
  ['connections that are reset', { kind: 'resetNow' }],
  ['an answer that is reset in its middle', { kind: 'reset', direction: 'response', afterBytes: 60 }],
  ['an answer that ends in its middle', { kind: 'truncate', afterBytes: 60 }],
  ['requests that vanish', { kind: 'drop', direction: 'request' }],
  ['connections that are half open', { kind: 'halfOpen' }],
  ['10 to 60 ms of jitter', { kind: 'jitter', minMs: 10, maxMs: 60, random: Math.random }],
  ['a delay of 100 ms', { kind: 'delay', delayMs: 100 }],
  ['20 kB a second', { kind: 'throttle', bytesPerSecond: 20_000 }],
];

test('whatever the network does to v5, no newPayload and no forkchoiceUpdated fails, and v5 comes back', async () => {
  const devnet = await startDevnet({ names: ['v4', 'v5'] });
  onTestFinished(() => devnet.stop());
  const proxy = await startFaultProxy(new URL(devnet.clients.v5.engineUrl));
  onTestFinished(() => proxy.close());
  const { compat, seen, next, untilInStep, heads } = await openOn(
    devnet,
    { v5: proxy.url },
    {
      mode: { kind: 'v5_primary' },
      timeouts: { factor: 0.25 },
      fallbackAfterMs: 500,
    },
  );
  await times(2, next);
  for (const [what, fault] of faults) {
    await untilInStep('v5');
    seen.length = 0;
    await proxy.set(fault);
    await times(3, async () => {
      try {
        await next();
      } catch (error) {
        if (!(error instanceof DevnetError) || error.facts.step !== 'get_payload') throw error;
      }
    });
    await proxy.clear();
    await untilInStep('v5');
    await compat.drain();
    const failed = seen.filter(
      ({ operation, answering: { outcome } }) => operation !== 'get_payload' && outcome.kind !== 'answered',
    );
    expect(failed, what).toEqual([]);
    const [v4, v5] = await heads();
    expect(v4, what).toBe(v5);
  }
}, 180_000);
