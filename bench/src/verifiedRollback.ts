import { createBlockDriver, startDevnet } from '@lighthouse-compat/example-devnet';
import { createLighthouseCompat } from '@lighthouse-compat/sdk';
import type { Series } from './series.js';

const blocksBefore = 20;
const blocksAway = 10;

/** How long a rollback takes on two real execution clients, from the latch until v4's has answered VALID for the last known head, in milliseconds: with v4's in step, and with it behind by ten blocks that it is given again. */
export async function measureVerifiedRollback({
  rounds,
}: {
  readonly rounds: number;
}): Promise<{ readonly inStep: Series; readonly behind: Series }> {
  const devnet = await startDevnet({ names: ['v4', 'v5'] });
  try {
    const { v4, v5 } = devnet.clients;
    const compat = await createLighthouseCompat({
      v4: { url: v4.engineUrl, jwtSecretFile: v4.jwtSecretFile },
      v5: { url: v5.engineUrl, jwtSecretFile: v5.jwtSecretFile },
      forks: devnet.forks,
      mode: { kind: 'v5_only' },
    });
    const driver = createBlockDriver({ engine: compat, devnet, transactionsPerBlock: 1 });
    const blocks = async (count: number): Promise<void> => {
      for (let made = 0; made < count; made += 1) await driver.nextBlock();
    };
    const rollBack = async (): Promise<number> => {
      const beganMs = performance.now();
      await compat.rollback('bench');
      const { verified, reason } = await compat.verifyRollback();
      if (!verified) throw new Error(`the rollback could not be verified: ${reason}`);
      const durationMs = performance.now() - beganMs;
      await compat.clearLatch({ by: 'bench', reason: 'measured' });
      return durationMs;
    };
    const [inStep, behind]: [number[], number[]] = [[], []];
    try {
      await blocks(blocksBefore);
      for (let round = 0; round < rounds; round += 1) {
        await blocks(1);
        inStep.push(await rollBack());
      }
      for (let round = 0; round < rounds; round += 1) {
        await compat.drain();
        v4.kill('SIGKILL');
        await v4.exited;
        await blocks(blocksAway);
        await v4.restart();
        behind.push(await rollBack());
      }
    } finally {
      await compat.close();
    }
    return { inStep, behind };
  } finally {
    await devnet.stop();
  }
}
