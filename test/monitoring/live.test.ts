import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { RpcError } from '../support/fakeEngine.js';
import { isAlive, root } from '../support/process.js';
import { hasPrometheus, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { firing, patience, requireData } from './liveAlerts.js';
import { hastened, readRules, ruleFile } from './ruleFile.js';
import { startRunningSdk } from './runningSdk.js';

const { alerts: rules, recordings } = await readRules();

/** How often an alert was seen in a state so far. */
const timesSeen = async (prometheus: Prometheus, name: string, state: string): Promise<number> =>
  (await prometheus.query(`sum(count_over_time(ALERTS{alertname="${name}",alertstate="${state}"}[5m]))`))[0]?.value ??
  0;

test.skipIf(!hasPrometheus)(
  'a real Prometheus that scrapes a running SDK sees each trouble as its alert, and none before it',
  async () => {
    const sdk = await startRunningSdk();
    const { compat, v4, v5 } = sdk;
    const prometheus = await startPrometheus({
      targets: [sdk.port],
      rules: hastened(await readFile(ruleFile, 'utf8')),
    });
    await vi.waitFor(async () => {
      const evaluated = await prometheus.query('instance:lighthouse_compat_v5_share:ratio_rate5m');
      expect(evaluated.map(({ value }) => value)).toEqual([0]);
      expect(await prometheus.query('lighthouse_compat_standby_state{state="in_step"} == 1')).toHaveLength(2);
    }, patience);
    // NoData is pending until the first scrape.
    await vi.waitFor(async () => expect(await prometheus.alerts()).toEqual([]), patience);

    // One contradiction, among blocks on which the engines agree.
    v5.trouble(
      'engine_newPayload',
      { kind: 'status', payloadStatus: { status: 'INVALID', latestValidHash: null, validationError: 'no' } },
      { times: 1 },
    );
    const divergence = await firing(prometheus, 'LighthouseCompatDivergence');
    expect(divergence.labels).toMatchObject({
      severity: 'critical',
      operation: 'new_payload',
      job: 'lighthouse-compat',
    });
    expect(divergence.annotations['description']).toContain(': 1 new_payload calls in 10 minutes');
    expect(await timesSeen(prometheus, 'LighthouseCompatV5ErrorRate', 'firing')).toBe(0);

    // A burst of errors of the engine that is only fed.
    v5.on('engine_newPayloadV2', () => {
      throw new RpcError(-32603);
    });
    const burst = await firing(prometheus, 'LighthouseCompatV5ErrorRate');
    expect(burst.labels).toMatchObject({ severity: 'warning', version: 'v5' });
    expect(await timesSeen(prometheus, 'LighthouseCompatV5ErrorRate', 'pending')).toBeGreaterThan(0);
    expect(await timesSeen(prometheus, 'LighthouseCompatCallErrors', 'firing')).toBe(0);
    expect(await timesSeen(prometheus, 'LighthouseCompatFallbacks', 'firing')).toBe(0);
    expect(await timesSeen(prometheus, 'LighthouseCompatAbTestSplitMismatch', 'firing')).toBe(0);

    // The same errors where v5 is to answer: callers get v4's answers.
    compat.setMigrationMode({ kind: 'v5_primary' });
    await firing(prometheus, 'LighthouseCompatFallbacks');
    expect(await timesSeen(prometheus, 'LighthouseCompatFallbacks', 'pending')).toBeGreaterThan(0);
    expect(await timesSeen(prometheus, 'LighthouseCompatCallErrors', 'firing')).toBe(0);

    // And it is not what the A/B test has planned.
    const skewed = await firing(prometheus, 'LighthouseCompatAbTestSplitMismatch');
    expect(skewed.labels).toMatchObject({ severity: 'warning', test: 'deneb' });
    expect(skewed.annotations['description']).toMatch(/: [\d.]+% of the A\/B test deneb went to v5,/);

    // Both fail: now callers see it.
    v4.on('engine_newPayloadV2', () => {
      throw new RpcError(-32603);
    });
    const seen = await firing(prometheus, 'LighthouseCompatCallErrors');
    expect(seen.annotations['runbook_url']).toBe('docs/runbook.md#lighthousecompatcallerrors');

    await compat.rollback('a test');
    await firing(prometheus, 'LighthouseCompatRollbackLatchSet');

    await requireData(prometheus, ({ row }) => row !== 'Migration');

    await sdk.stopBlocks();
    await firing(prometheus, 'LighthouseCompatNoCalls');
    await sdk.stopServing();
    const gone = await firing(prometheus, 'LighthouseCompatNoData');
    expect(gone.labels['instance']).toBe(`127.0.0.1:${sdk.port}`);

    // Whatever a rule records was there at some time.
    for (const { record } of recordings)
      expect((await prometheus.query(`count_over_time({__name__="${record}"}[5m])`)).length, record).toBeGreaterThan(0);
    expect(rules.length).toBeGreaterThan(10);
  },
  240_000,
);

test.skipIf(!hasPrometheus)('a Prometheus whose test is killed ends, and takes its folder with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-kill-'));
  const script = `
    import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, ['${root}/examples/fleet/keeper.mjs', '${folder}', 'sh', '-c', 'echo $$; exec sleep 600'], { stdio: ['pipe', 'inherit', 'inherit'] });
    console.error('keeper', child.pid);
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))));
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await vi.waitFor(() => {
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(folder)).toBe(false);
  }, patience);
});
