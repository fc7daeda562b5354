import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, type Program, runProgram } from '../support/process.js';

/** Runs the demo with a temporary folder of its own, so that what it leaves there can be seen. */
async function demo(...args: string[]): Promise<Program & { stdout(): string; leftBehind(): Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'migration-demo-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const program = runProgram('examples/migration/dist/main.js', args, { TMPDIR: folder });
  let text = '';
  program.child.stdout.on('data', (chunk: string) => {
    text += chunk;
  });
  return { ...program, stdout: () => text, leftBehind: () => readdir(folder) };
}

async function clientPids(program: Program): Promise<readonly [number, number]> {
  const match = await program.writes(/v4's engine: \S+ \(pid (\d+)\) +v5's engine: \S+ \(pid (\d+)\)/);
  return [Number(match[1]), Number(match[2])];
}

type Phase = { run: number; state: string; percent: number; blocks: number; answeredByV5: number };

test('a migration comes to its end, and one in which v5 fails is rolled back by itself, with the figures why; its page stays until Ctrl-C', async () => {
  const program = await demo('--json', '--page');
  const pids = await clientPids(program);
  const [, url = ''] = await program.writes(/the page: (\S+)/);
  expect(await (await fetch(url)).text()).toContain('<title>Migration</title>');
  await program.writes(/it is over; the page stays until Ctrl-C/);
  expect(await (await fetch(`${url}status`)).json()).toMatchObject({
    migration: { state: { kind: 'rolled_back' } },
    takesActions: true,
  });
  program.child.kill('SIGINT');
  expect(await program.exited).toEqual({ code: 0, signal: null });

  // One document and nothing else; what a person reads is on standard error.
  expect(program.stdout().trimEnd().split('\n')).toHaveLength(1);
  expect(program.output()).toContain('demo: ok');
  const summary = JSON.parse(program.stdout());
  expect(summary).toMatchObject({ ok: true, failures: [], callersErrors: 0, slotMs: 12_000 });

  expect(summary.migration).toMatchObject({ success: true, rollbacksExecuted: 0 });
  expect(summary.migration.rollbackReason).toBeUndefined();
  expect(summary.migration.totalDurationMs).toBeLessThan(2 * 3_600_000);
  expect(summary.migration.performanceImpact).toBeLessThan(0.5);
  expect(summary.drill).toMatchObject({ ok: true, live: true });
  const phases: readonly Phase[] = summary.phases;
  const first = phases.filter(({ run, state }) => run === 1 && state !== 'pre_migration');
  expect(first.map(({ state, percent }) => [state, percent])).toEqual([
    ['parallel_testing', 0],
    ['canary', 10],
    ['gradual', 50],
    ['gradual', 100],
    ['completing', 100],
    ...(first.length === 6 ? [['complete', 100]] : []),
  ]);
  for (const { percent, blocks, answeredByV5 } of first)
    if (percent === 0 || percent === 100) expect(answeredByV5).toBe((blocks * percent) / 100);

  expect(summary.rollback).toMatchObject({ success: false, rollbacksExecuted: 1 });
  expect(summary.rollback.rollbackReason).toMatch(/^fail: v5_errors \d/);
  expect(summary.rollback.rollbackDurationMs).toBeLessThan(10_000);
  const decided = summary.decidingCheck.criteria.find(({ name }: { name: string }) => name === 'v5_errors');
  expect(decided).toMatchObject({ verdict: 'fail', limitPercent: 1, controlPercent: 0 });
  expect(decided.valuePercent).toBeGreaterThan(5);
  expect(summary.fallbacks).toBeGreaterThan(0);
  expect(summary.afterRollback).toMatchObject({ answeredByV5: 0, isLatched: true });
  expect(summary.afterRollback.blocks).toBeGreaterThanOrEqual(19);
  expect(summary.heads.v4).toEqual(summary.heads.v5);
  expect(summary.heads.v4.number).toBe(summary.blocks);

  expect(pids.some(isAlive)).toBe(false);
  expect(await program.leftBehind()).toEqual([]);
}, 600_000);

test("a client's end in the middle is a clear word and exit code 1, with nothing left running", async () => {
  const program = await demo();
  const pids = await clientPids(program);
  await program.writes(/parallel_testing 0 %/);
  process.kill(pids[1], 'SIGKILL');
  expect(await program.exited).toEqual({ code: 1, signal: null });
  expect(program.output()).toContain(
    `the execution client of v5 (pid ${pids[1]}) ended in the middle of the demo (SIGKILL)`,
  );
  expect(program.output().trimEnd().split('\n').at(-1)).toBe('demo: failed');
  expect(pids.some(isAlive)).toBe(false);
}, 120_000);

test('Ctrl-C stops everything', async () => {
  const program = await demo();
  const pids = await clientPids(program);
  await program.writes(/parallel_testing 0 %/);
  program.child.kill('SIGINT');
  expect(await program.exited).toEqual({ code: 130, signal: null });
  expect(program.output()).toContain('demo: interrupted; everything has been stopped');
  expect(pids.some(isAlive)).toBe(false);
  expect(await program.leftBehind()).toEqual([]);
}, 120_000);

test('a wrong option is told with the right ones', async () => {
  const program = await demo('--fast');
  expect(await program.exited).toEqual({ code: 2, signal: null });
  expect(program.output()).toMatch(/--fast[\s\S]*--json/);
});
