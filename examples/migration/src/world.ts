import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBlockDriver, DevnetError, type ExecutionClient, startDevnet } from '@lighthouse-compat/example-devnet';
import { fileJournal } from '@lighthouse-compat/operator';
import { createLighthouseCompat, type LighthouseCompat, MigrationController } from '@lighthouse-compat/sdk';
import { type EngineProxy, startEngineProxy } from './engineProxy.js';
import { type PageServer, servePage } from './pageServer.js';
import { networkMs, plan, slotMs } from './plan.js';
import { type DemoRecord, phaseOf } from './record.js';
import { createSlotClock, type SlotClock } from './slotClock.js';
import type { Watcher } from './table.js';

/** Everything that the demo has started. */
export type World = {
  readonly compat: LighthouseCompat;
  readonly controller: MigrationController;
  readonly clock: SlotClock;
  /** In front of v5's engine. */
  readonly v5Proxy: EngineProxy;
  /** Where it is watched; null where nobody wanted to. */
  readonly page: PageServer | null;
  /** Makes the block of one slot, waits until both engines have it, and ends the slot. */
  nextSlot(): Promise<void>;
  readHeads(): Promise<NonNullable<DemoRecord['heads']>>;
};

type Options = {
  readonly record: DemoRecord;
  readonly watcher: Watcher;
  readonly signal: AbortSignal;
  /** Whether a page is served on which it is watched. */
  readonly page: boolean;
};

/** Starts two execution clients with a proxy in front of each, puts the SDK and its migration controller between them, and ends everything when `act` has settled. */
export async function inWorld(options: Options, act: (world: World) => Promise<void>): Promise<void> {
  const { watcher, signal } = options;
  watcher.say('starting two execution clients of one genesis (EthereumJS, one for v4 and one for v5)');
  const ends: (() => Promise<unknown>)[] = [];
  try {
    const devnet = await startDevnet({ names: ['v4', 'v5'], signal });
    ends.push(() => devnet.stop());
    const folder = await mkdtemp(join(tmpdir(), 'lighthouse-compat-migration-'));
    ends.push(() => rm(folder, { recursive: true }));
    const { v4, v5 } = devnet.clients;
    watcher.say(`v4's engine: ${v4.engineUrl} (pid ${v4.pid})   v5's engine: ${v5.engineUrl} (pid ${v5.pid})`);

    const proxyOf = async ({ engineUrl }: ExecutionClient): Promise<EngineProxy> => {
      const proxy = await startEngineProxy(engineUrl, { networkMs });
      ends.push(() => proxy.close());
      return proxy;
    };
    const [v4Proxy, v5Proxy] = [await proxyOf(v4), await proxyOf(v5)];
    const compat = await createLighthouseCompat({
      v4: { url: v4Proxy.url, jwtSecretFile: v4.jwtSecretFile },
      v5: { url: v5Proxy.url, jwtSecretFile: v5.jwtSecretFile },
      forks: devnet.forks,
      latchFile: join(folder, 'latch'),
      report: true,
    });
    ends.push(() => compat.close());
    const clock = createSlotClock(slotMs);
    const journal = fileJournal({ path: join(folder, 'migration.journal') });
    const controller = new MigrationController({ compat, journal, plan, clock });
    ends.push(() => controller.close());

    const page = options.page ? await servePage({ compat, controller, clock }) : null;
    if (page !== null) {
      ends.push(() => page.close());
      watcher.say(`the page: ${page.url}   the token for its buttons: ${page.token}`);
    }

    const nextSlot = createSlots({ ...options, compat, controller, clock, driver: driverOf(compat, devnet) });
    const lost = Promise.race([aborted(signal), lossOf(v4), lossOf(v5)]);
    lost.catch(() => {});
    const world: World = {
      compat,
      controller,
      clock,
      v5Proxy,
      page,
      nextSlot: () => Promise.race([nextSlot(), lost]),
      async readHeads() {
        await compat.drain();
        const [of4, of5] = await Promise.all([v4.rpc.head(), v5.rpc.head()]);
        return {
          v4: { number: Number(of4.number), hash: of4.hash },
          v5: { number: Number(of5.number), hash: of5.hash },
        };
      },
    };
    await Promise.race([act(world), lost]);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

const driverOf = (engine: LighthouseCompat, devnet: Parameters<typeof createBlockDriver>[0]['devnet']) =>
  createBlockDriver({ engine, devnet, transactionsPerBlock: 1 });

/** Gives what makes one slot after the other, and notes in the record what is seen of it. */
function createSlots(
  parts: Options & Pick<World, 'compat' | 'controller' | 'clock'> & { readonly driver: ReturnType<typeof driverOf> },
): () => Promise<void> {
  const { record, watcher, compat, controller, clock, driver } = parts;
  const phaseNow = () => phaseOf(record, controller.status.state, controller.status.percent);
  let beganMs = clock.nowMs();
  const show = (because: 'block' | 'check', phase = phaseNow()): void => {
    const { held, run } = controller.status.state;
    beganMs = run.startedMs ?? beganMs;
    watcher.show({ minutes: (clock.nowMs() - beganMs) / 60_000, phase, held: held?.why ?? null }, because);
  };

  const answeredBy = new Map<string, 'v4' | 'v5'>();
  compat.on('observation', ({ operation, decision, answering, fallback }) => {
    if (fallback !== null) record.fallbacks += 1;
    if (answering.outcome.kind !== 'answered' && operation !== 'get_payload') record.callersErrors += 1;
    if (operation === 'new_payload' && decision.targetingKey !== null)
      answeredBy.set(decision.targetingKey, answering.adapter);
  });
  controller.on('check', ({ check }) => {
    const phase = phaseNow();
    phase.checks += 1;
    phase.lastCheck = check;
    if (record.run === 2) record.decidingCheck = check.verdict === 'fail' ? check : record.decidingCheck;
    show('check', phase);
  });
  controller.on('alarm', ({ code, message }) => {
    record.alarms.push(code);
    watcher.say(`alarm ${code}: ${message}`);
  });

  async function makeBlock(): Promise<string | null> {
    try {
      const { hash } = await driver.nextBlock();
      record.blocks += 1;
      return hash;
    } catch (error) {
      // What v5 was building when it was latched away is the one thing that can be lost.
      if (!(error instanceof DevnetError) || error.facts.step !== 'get_payload' || compat.latch === null) throw error;
      record.lostBuilds += 1;
      return null;
    }
  }

  return async () => {
    const phase = phaseNow();
    const hash = await makeBlock();
    await compat.drain();
    if (hash !== null && phase === phaseNow()) {
      phase.blocks += 1;
      if (answeredBy.get(hash) === 'v5') phase.answeredByV5 += 1;
      show('block', phase);
    }
    // While a rollback is verified the plan's clock goes as the machine's does.
    if (controller.status.state.kind === 'rolling_back') await controller.ended();
    clock.toNextSlot();
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function lossOf(client: ExecutionClient): Promise<never> {
  const { code, signal } = await client.exited;
  throw new Error(
    `the execution client of ${client.name} (pid ${client.pid}) ended in the middle of the demo (${signal ?? `exit code ${code}`})`,
  );
}
