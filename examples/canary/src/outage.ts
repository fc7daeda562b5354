import type { ExecutionClient } from '@lighthouse-compat/example-devnet';
import type { AdapterVersion, LighthouseCompat, Observation } from '@lighthouse-compat/sdk';
import type { OutagePlan } from './plan.js';
import type { OutageSeen } from './record.js';

/** One client killed on purpose while the other answers, and started again while calls go on. */
export type Outage = {
  /** Hears of each block; does what is due, and waits only for what must not be missed. */
  afterBlock(made: number): Promise<void>;
  /** Whether the end of a client's process was asked for here. */
  isWanted(client: ExecutionClient): boolean;
  /** Resolves when it has been started again. */
  readonly restarted: Promise<void>;
};

/** Makes the outage of a client in a phase of `blocks`; `seen` is filled in as it goes. */
export function createOutage(options: {
  readonly plan: OutagePlan;
  readonly blocks: number;
  readonly clients: Readonly<Record<AdapterVersion, ExecutionClient>>;
  readonly compat: LighthouseCompat;
  readonly seen: OutageSeen;
  readonly say: (line: string) => void;
}): Outage {
  const { plan, blocks, clients, compat, seen, say } = options;
  let wanted: ExecutionClient | undefined;
  let killedAfter: number | undefined;
  let restarting: Promise<void> | undefined;
  let made = 0;
  let tellRestarted = (): void => {};
  const restarted = new Promise<void>((resolve) => {
    tellRestarted = resolve;
  });

  function kill(idle: AdapterVersion, answering: AdapterVersion): void {
    const client = clients[idle];
    wanted = client;
    killedAfter = made;
    seen.killed = idle;
    say(`killing ${idle}'s client (pid ${client.pid}) while ${answering} answers: the caller must not notice`);
    client.kill('SIGKILL');
  }

  /** In the middle of a block, the one that does not answer it. */
  function killWhoIsIdle(): void {
    const off = compat.on('observation', ({ operation, answering: { adapter } }: Observation) => {
      if (operation !== 'new_payload') return;
      off();
      kill(adapter === 'v5' ? 'v4' : 'v5', adapter);
    });
  }

  async function restart(client: ExecutionClient): Promise<void> {
    await client.exited;
    await client.restart();
    wanted = undefined;
    seen.restarted = true;
    tellRestarted();
    say(`${client.name}'s client has been started again (pid ${client.pid}), on the data that it had`);
  }

  compat.on('standby', ({ engine, state, because }) => {
    const { killed } = seen;
    if (killed === null || engine !== killed || state !== 'in_step' || !seen.restarted || seen.back) return;
    seen.back = true;
    seen.blocksAway = made - (killedAfter ?? made);
    seen.payloadsReplayed = compat.stats().replays[killed].payloads;
    say(
      `${killed}'s client is in step again (${because}): ${seen.blocksAway} blocks later, ${seen.payloadsReplayed} payloads given to it`,
    );
  });

  return {
    restarted,
    isWanted: (client) => client === wanted,
    async afterBlock(count) {
      made = count;
      if (count === plan.afterBlocks) killWhoIsIdle();
      if (killedAfter !== undefined && wanted !== undefined && count >= killedAfter + plan.awayBlocks) {
        restarting ??= restart(wanted);
      }
      // The rest of the phase is for its way back.
      if (count === blocks - plan.backBlocks) await restarting;
    },
  };
}
