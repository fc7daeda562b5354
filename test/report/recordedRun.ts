import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createObservationLog, type Report } from '@lighthouse-compat/sdk';
import { onTestFinished, vi } from 'vitest';
import { startRunningSdk } from '../monitoring/runningSdk.js';
import { RpcError } from '../support/fakeEngine.js';

/** A folder of the test's own. */
export async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'report-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A real run of the SDK between two engines, recorded to a file: v4 answers, then a canary of v5, then a burst of v5's errors on which calls fall back. */
export async function recordRun(
  folder: string,
  blocks = 120,
): Promise<{ readonly file: string; readonly live: Report; readonly written: number }> {
  const file = join(folder, 'observations.jsonl');
  const sdk = await startRunningSdk({ report: true }, 5);
  const { compat, v5 } = sdk;
  const stream = createWriteStream(file);
  const log = createObservationLog(stream);
  compat.on('observation', log.record);
  const made = (count: number) =>
    vi.waitFor(
      () => {
        if (sdk.blocks < count) throw new Error(`${sdk.blocks} of ${count} blocks`);
      },
      { timeout: 60_000, interval: 20 },
    );
  await made(blocks);
  compat.setMigrationMode({ kind: 'canary', percent: 50 });
  await made(2 * blocks);
  compat.setMigrationMode({ kind: 'v5_primary' });
  v5.on('engine_newPayloadV2', () => {
    throw new RpcError(-32603);
  });
  await made(2 * blocks + Math.ceil(blocks / 4));
  await sdk.stopBlocks();
  await compat.drain();
  // The log began with the listener, the report with the instance.
  const live = compat.report();
  const { written } = log;
  await new Promise((resolve) => stream.end(resolve));
  return { file, live, written };
}
