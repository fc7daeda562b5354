import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Program, runProgram } from '../support/process.js';
import { hasPrometheus } from '../support/prometheus.js';

/** Runs the demo with a temporary folder of its own, so that what it leaves there can be seen. */
async function demo(...args: string[]): Promise<Program & { leftBehind(): Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'fleet-demo-test-'));
  await chmod(folder, 0o711);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = runProgram('examples/fleet/dist/main.js', args, { TMPDIR: folder });
  return { ...program, leftBehind: () => readdir(folder) };
}

const evidence = hasPrometheus ? 'all three services, as Prometheus has scraped them' : 'its own service alone';

test('the script moves a canary over the fleet through Unleash, node by node, a check passes by the calls of all nodes where Prometheus is there, and a rollback latches every process', async () => {
  const program = await demo('--script', '--json');
  const exit = await program.exited;
  expect(exit, program.output()).toEqual({ code: 0, signal: null });
  const lines = program.output().trimEnd().split('\n');
  expect(lines.at(-2)).toBe('demo: ok');
  expect(lines).toContain(`the controller judges by the calls of ${evidence}`);
  expect(program.output()).toMatch(
    new RegExp(`a check has passed by \\d+ attempts at v4 and \\d+ at v5 of ${evidence}`),
  );
  const { failures, stretches, passedBy, latchedAfterMs } = JSON.parse(lines.at(-1) ?? '');
  expect(failures).toEqual([]);
  const onV5 = stretches.map(({ share, answered }: { share: number; answered: Record<string, { v5: number }> }) => [
    share,
    Object.entries(answered).flatMap(([name, { v5 }]) => (v5 > 0 ? [name] : [])),
  ]);
  expect(onV5).toEqual([
    [10, ['fra']],
    [50, ['fra', 'tyo']],
    [0, []],
  ]);
  expect(Math.min(passedBy.v4, passedBy.v5)).toBeGreaterThanOrEqual(100);
  expect(latchedAfterMs).toBeGreaterThan(0);
  expect(await program.leftBehind()).toEqual([]);
}, 300_000);

test('a person is told where the UI and the control API are, and Ctrl-C ends it with demo: ok and nothing left behind', async () => {
  const program = await demo();
  const [, url] = await program.writes(/Unleash: +(http:\S+)\/projects\//);
  const [, status = ''] = await program.writes(/control: +(http:\S+)/);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect(await (await fetch(status)).json()).toMatchObject({
    takesActions: true,
    migration: { plan: { fleet: true } },
  });
  await program.writes(/set 10 %, canary.*: fra v5, tyo v4, lon v4/);
  program.child.kill('SIGINT');
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(program.output().trimEnd().split('\n').at(-1)).toBe('demo: ok');
  expect(await program.leftBehind()).toEqual([]);
}, 300_000);

test('Ctrl-C while it is being started stops everything', async () => {
  const program = await demo('--script');
  await program.writes(/starting Unleash/);
  program.child.kill('SIGINT');
  expect(await program.exited).toEqual({ code: 130, signal: null });
  expect(program.output()).toContain('demo: interrupted; everything has been stopped');
  expect(await program.leftBehind()).toEqual([]);
}, 60_000);

test.each([
  [['--minute', '1'], /--minute[\s\S]*--minutes/],
  [['--minutes', 'many'], /--minutes: a number above 0 is needed/],
  [['--minutes', '1', '--script'], /--script ends by itself/],
])('the wrong options %j are told', async (args, told) => {
  const program = await demo(...args);
  expect(await program.exited).toEqual({ code: 2, signal: null });
  expect(program.output()).toMatch(told);
});
