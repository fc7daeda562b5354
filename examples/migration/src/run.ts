import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBlockDriver, DevnetError, startDevnet } from '@lighthouse-compat/example-devnet';
import { fileJournal } from '@lighthouse-compat/operator';
import {
  createLighthouseCompat,
  MigrationController,
  type MigrationPlanOptions,
  type MigrationResult,
  type MigrationState,
} from '@lighthouse-compat/sdk';
import { acceleratedClock } from './acceleratedClock.js';
import { startSlowProxy } from './slowProxy.js';
import { tableHead, tableRow } from './table.js';

/** A minute of the plan takes a second. */
const factor = 60;
const minutes = (count: number): number => count * 60_000;

const plan: MigrationPlanOptions = {
  steps: [10, 50, 100],
  incrementPoints: 50,
  firstStepMs: minutes(60),
  stepMs: minutes(45),
  parallel: { comparisons: 150, expectedMs: minutes(60) },
  checkEveryMs: minutes(3),
  // Two clients and their caller share this machine's processors, and so unevenly that 5 % would be too strict for them.
  health: { minimumSamples: 100, windowMs: minutes(300), latencyRegressionPercent: 50 },
};

/** How far both engines are away, in milliseconds: beside it what the processors are shared by weighs less. */
const networkMs = 50;

/** What v5's engine takes longer when it is made worse. */
const regressionMs = 400;

/** What the demo found. */
export type DemoReport = {
  readonly migration: MigrationResult;
  readonly rollback: MigrationResult;
  readonly states: readonly MigrationState['kind'][];
  readonly blocks: number;
  readonly lostBuilds: number;
  readonly heads: Readonly<Record<'v4' | 'v5', string>>;
};

/** Runs a whole migration on two real execution clients, makes v5 slower, and waits for it to be rolled back; everything it started has ended when it settles. */
export async function runDemo(say: (line: string) => void, signal: AbortSignal): Promise<DemoReport> {
  say('starting two execution clients of one genesis (EthereumJS, one for v4 and one for v5)');
  const devnet = await startDevnet({ names: ['v4', 'v5'], signal });
  const folder = await mkdtemp(join(tmpdir(), 'lighthouse-compat-migration-'));
  const ends: (() => Promise<unknown>)[] = [() => devnet.stop(), () => rm(folder, { recursive: true })];
  try {
    const { v4, v5 } = devnet.clients;
    const before4 = await startSlowProxy(new URL(v4.engineUrl), networkMs);
    ends.push(() => before4.close());
    const before5 = await startSlowProxy(new URL(v5.engineUrl), networkMs);
    ends.push(() => before5.close());
    const compat = await createLighthouseCompat({
      v4: { url: before4.url, jwtSecretFile: v4.jwtSecretFile },
      v5: { url: before5.url, jwtSecretFile: v5.jwtSecretFile },
      forks: devnet.forks,
      latchFile: join(folder, 'latch'),
    });
    ends.push(() => compat.close());
    const clock = acceleratedClock(factor);
    const beganMs = clock.nowMs();
    const controller = new MigrationController({
      compat,
      journal: fileJournal({ path: join(folder, 'migration.journal') }),
      plan,
      clock,
    });
    ends.push(() => controller.close());

    const since = { blocks: 0, answeredByV5: 0 };
    compat.on('observation', ({ operation, answering }) => {
      if (operation !== 'new_payload') return;
      since.blocks += 1;
      if (answering.adapter === 'v5') since.answeredByV5 += 1;
    });
    const states: MigrationState['kind'][] = [];
    controller.on('transition', ({ state, from }) => {
      if (state.kind !== from.kind) states.push(state.kind);
    });
    controller.on('check', ({ check }) => {
      const { state, percent } = controller.status;
      say(tableRow({ minutes: (clock.nowMs() - beganMs) / 60_000, state, percent, ...since, check }));
      Object.assign(since, { blocks: 0, answeredByV5: 0 });
    });
    controller.on('alarm', ({ code, message }) => say(`alarm ${code}: ${message}`));

    const driver = createBlockDriver({ engine: compat, devnet, transactionsPerBlock: 1 });
    let isDone = false;
    let lostBuilds = 0;
    let blocks = 0;
    const nextBlock = async (): Promise<void> => {
      try {
        await driver.nextBlock();
        blocks += 1;
      } catch (error) {
        // What v5 was building when it was latched away is the one thing that can be lost.
        if (!(error instanceof DevnetError) || error.facts.step !== 'get_payload') throw error;
        lostBuilds += 1;
      }
      // A client that is only fed is not left behind for long.
      if (blocks % 10 === 0) await compat.drain();
    };
    await nextBlock();
    await compat.drain();
    const driving = (async () => {
      while (!isDone) {
        signal.throwIfAborted();
        await nextBlock();
      }
    })();
    driving.catch(() => {});
    // A failure of the driver ends the demo; its end by itself comes last.
    const failed = new Promise<never>((_resolve, reject) => void driving.catch(reject));
    failed.catch(() => {});
    const orFailed = <T>(wanted: Promise<T>): Promise<T> => Promise.race([wanted, failed]);

    say(`a minute of the plan takes a second; a check every 3 min\n\n${tableHead}`);
    const migration = await orFailed(controller.run({ by: 'the demo' }));
    if (!migration.success) throw new Error(`the migration was rolled back: ${migration.rollbackReason}`);
    const drill = await controller.drill({ by: 'the demo', live: true });
    say(
      `complete; a live drill of the rollback: ${drill.ok ? 'ok' : drill.problems.join('; ')}, ${drill.durationMs.toFixed(0)} ms of plan time`,
    );
    if (!drill.ok) throw new Error(`the drill failed: ${drill.problems.join('; ')}`);

    say(`\nv5's engine is made ${regressionMs} ms slower: it must be rolled back by itself\n\n${tableHead}`);
    before5.delayMs = networkMs + regressionMs;
    const rolledBack = new Promise<MigrationResult>((resolve, reject) => {
      controller.on('transition', ({ state }) => {
        if (state.kind === 'rolled_back' || state.kind === 'rollback_failed') controller.ended().then(resolve, reject);
      });
    });
    const rollback = await orFailed(rolledBack);
    isDone = true;
    await driving;
    await compat.drain();
    const [headOf4, headOf5] = await Promise.all([v4.rpc.head(), v5.rpc.head()]);
    return { migration, rollback, states, blocks, lostBuilds, heads: { v4: headOf4.hash, v5: headOf5.hash } };
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
