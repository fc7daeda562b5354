import { setTimeout as delay } from 'node:timers/promises';
import { createBlockDriver, type ExecutionClient, startDevnet } from '@lighthouse-compat/example-devnet';
import { flagKeys, LocalFlagProvider } from '@lighthouse-compat/flag-provider';
import { createLighthouseCompat } from '@lighthouse-compat/sdk';
import { OpenFeature } from '@openfeature/server-sdk';
import { createOutage, type Outage } from './outage.js';
import { type DemoRecord, type Heads, observe } from './record.js';

/** What the demo tells a watcher as it goes. */
export type Watcher = {
  say(line: string): void;
  block(record: DemoRecord, phase: number, heads: Heads): void;
};

const domain = 'canary-demo';

const patienceMs = 2_000;

/** Tells whether a client has ended, or is about to: it does not answer, and its process ends within the patience. */
async function endOf(client: ExecutionClient): Promise<boolean> {
  const answers = await client.rpc.head().then(
    () => true,
    () => false,
  );
  if (answers) return false;
  return Promise.race([client.exited.then(() => true), delay(patienceMs, false)]);
}

/** Runs the plan of a record on two real execution clients, and fills the record; everything it started has ended when it settles. */
export async function runDemo(record: DemoRecord, watcher: Watcher, signal: AbortSignal): Promise<void> {
  const { plan } = record;
  const blocksBeforeFork = plan.reduce((sum, { fork, blocks }) => sum + (fork === 'shanghai' ? blocks : 0), 0);

  watcher.say('starting two execution clients of one genesis (EthereumJS, one for v4 and one for v5)');
  const devnet = await startDevnet({ names: ['v4', 'v5'], blocksBeforeFork, signal });
  try {
    const { v4, v5 } = devnet.clients;
    watcher.say(`v4's engine: ${v4.engineUrl} (pid ${v4.pid})   v5's engine: ${v5.engineUrl} (pid ${v5.pid})`);

    const provider = new LocalFlagProvider({
      flags: { [flagKeys.lighthouseV5]: true, [flagKeys.lighthouseV5Primary]: { percent: 0 } },
    });
    await OpenFeature.setProviderAndWait(domain, provider);
    const compat = await createLighthouseCompat({
      v4: { url: v4.engineUrl, jwtSecretFile: v4.jwtSecretFile },
      v5: { url: v5.engineUrl, jwtSecretFile: v5.jwtSecretFile },
      forks: devnet.forks,
      flags: OpenFeature.getClient(domain),
    });

    // A call about a block may come before the block is known to the demo: the import comes before the record.
    const answers = new Map<string, DemoRecord['blocks'][number]['answers']>();
    let outage: Outage | undefined;
    const genesisHead = { number: 0, hash: devnet.genesisHash };
    const answersOf = (hash: string): DemoRecord['blocks'][number]['answers'] => {
      const known = answers.get(hash) ?? [];
      answers.set(hash, known);
      return known;
    };
    compat.on('observation', (observation) => observe(record, observation, answersOf));
    compat.on('standby', ({ state }) => {
      if (state !== 'unfed') return;
      record.feedEnded += 1;
      watcher.say("Cancun has begun: v4's structures cannot express it, so v4's engine is no longer fed");
    });

    let heads: Heads = { v4: genesisHead, v5: genesisHead };
    /** A client that is away on purpose keeps the head that it had. */
    const readHeads = async (): Promise<Heads> => {
      const headOf = async (client: ExecutionClient, known: Heads['v4']): Promise<Heads['v4']> => {
        if (outage?.isWanted(client) === true) return known;
        const { number, hash } = await client.rpc.head();
        return { number: Number(number), hash };
      };
      const [of4, of5] = await Promise.all([headOf(v4, heads.v4), headOf(v5, heads.v5)]);
      heads = { v4: of4, v5: of5 };
      return heads;
    };

    const drive = async (): Promise<void> => {
      const driver = createBlockDriver({ engine: compat, devnet });
      for (const [index, { percent, blocks, outage: planned }] of plan.entries()) {
        if (planned !== undefined) {
          const { say } = watcher;
          outage = createOutage({ plan: planned, blocks, clients: { v4, v5 }, compat, seen: record.outage, say });
        }
        provider.set({ [flagKeys.lighthouseV5Primary]: { percent } });
        for (let made = 0; made < blocks; made += 1) {
          signal.throwIfAborted();
          const { number, hash } = await driver.nextBlock();
          record.blocks.push({ number: Number(number), hash, phase: index, answers: answersOf(hash.toLowerCase()) });
          // A client that is only fed may be slower than the one that answers; it is not left behind for long.
          if (made % 10 === 9) await compat.drain();
          if (planned !== undefined) await outage?.afterBlock(made + 1);
          watcher.block(record, index, await readHeads());
        }
        await compat.drain();
        record.phaseEnds.push({ heads: await readHeads(), driverHead: driver.head.hash });
      }
    };

    const clients = [v4, v5];
    const lossOf = (
      client: (typeof clients)[number],
      { code, signal: killedBy }: Awaited<typeof client.exited>,
    ): Error =>
      new Error(
        `the execution client of ${client.name} (pid ${client.pid}) ended in the middle of the demo (${killedBy ?? `exit code ${code}`})`,
      );
    const lossless = async (client: ExecutionClient): Promise<never> => {
      for (;;) {
        const exit = await client.exited;
        if (outage?.isWanted(client) !== true) throw lossOf(client, exit);
        // Its end was asked for; the next run is watched in its turn.
        await outage.restarted;
      }
    };
    const lost = clients.map(lossless);
    const interrupted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const driven = drive();
    try {
      await Promise.race([driven, interrupted, ...lost]);
    } catch (error) {
      // A call may fail before its client's end is known: one that cannot be asked any more is waited for.
      const ended = await Promise.all(clients.map((client) => endOf(client)));
      const dead = clients.find((_client, index) => ended[index]);
      throw dead === undefined || signal.aborted ? error : lossOf(dead, await dead.exited);
    } finally {
      for (const promise of [driven, interrupted, ...lost]) promise.catch(() => {});
      await compat.close();
      await OpenFeature.clearProviders();
    }
  } finally {
    await devnet.stop();
  }
}
