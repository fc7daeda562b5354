import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isAlive, type Program, root, runProgram } from '../support/process.js';

/** Runs the demo with a temporary folder of its own, so that what it leaves there can be seen. */
async function demo(...args: string[]): Promise<Program & { leftBehind(): Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'canary-test-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const program = runProgram('examples/canary/dist/main.js', args, { TMPDIR: folder });
  return { ...program, leftBehind: () => readdir(folder) };
}

async function clientPids(program: Program): Promise<{ v4: number; v5: number }> {
  const match = await program.writes(/v4's engine: \S+ \(pid (\d+)\) +v5's engine: \S+ \(pid (\d+)\)/);
  return { v4: Number(match[1]), v5: Number(match[2]) };
}

const filesOf = async () => (await readdir(root)).filter((name) => name !== 'coverage').sort();

test('the demo runs a canary on two real execution clients, ends with demo: ok, and leaves nothing behind', async () => {
  const files = await filesOf();
  const program = await demo('--quick', '--json');
  const pids = await clientPids(program);
  expect(isAlive(pids.v4) && isAlive(pids.v5)).toBe(true);
  expect(await program.exited).toEqual({ code: 0, signal: null });

  const lines = program.output().trimEnd().split('\n');
  expect(lines.at(-2)).toBe('demo: ok');
  const summary = JSON.parse(lines.at(-1) ?? '');
  expect(summary).toMatchObject({ ok: true, failures: [], errors: 0, feedErrors: 0, feedEnded: 1 });
  expect(summary.phases.map(({ percent, blocks }: { percent: number; blocks: number }) => [percent, blocks])).toEqual([
    [0, 2],
    [10, 12],
    [50, 8],
    [100, 2],
    [0, 2],
    [0, 2],
  ]);
  const byV5 = summary.phases.map(({ answeredByV5 }: { answeredByV5: number }) => answeredByV5);
  expect([byV5[0], byV5[3], byV5[4], byV5[5]]).toEqual([0, 2, 0, 2]);
  expect(summary.heads.beforeFork.v4).toEqual(summary.heads.beforeFork.v5);
  expect(summary.heads.atEnd.v5.hash).toBe(summary.heads.driver);

  expect(isAlive(pids.v4) || isAlive(pids.v5)).toBe(false);
  expect(await filesOf()).toEqual(files);
  expect(await program.leftBehind()).toEqual([]);
}, 120_000);

test.each(['v4', 'v5'] as const)(
  'killing the client of %s in the middle is a clear message and exit code 1, with nothing left running',
  async (name) => {
    const program = await demo('--quick');
    const pids = await clientPids(program);
    await program.writes(/\[0 %\] 2\/2 blocks/);
    process.kill(pids[name], 'SIGKILL');
    expect(await program.exited).toEqual({ code: 1, signal: null });
    expect(program.output()).toContain(
      `the execution client of ${name} (pid ${pids[name]}) ended in the middle of the demo (SIGKILL)`,
    );
    expect(program.output().trimEnd().split('\n').at(-1)).toBe('demo: failed');
    expect(isAlive(pids.v4) || isAlive(pids.v5)).toBe(false);
  },
);

test('Ctrl-C stops everything at once', async () => {
  const program = await demo('--quick');
  const pids = await clientPids(program);
  await program.writes(/\[0 %\]/);
  program.child.kill('SIGINT');
  expect(await program.exited).toEqual({ code: 130, signal: null });
  expect(program.output()).toContain('demo: interrupted; everything has been stopped');
  expect(isAlive(pids.v4) || isAlive(pids.v5)).toBe(false);
  expect(await program.leftBehind()).toEqual([]);
});

test('Ctrl-C while the clients are being started stops them too', async () => {
  const program = await demo('--quick');
  await program.writes(/starting two execution clients/);
  program.child.kill('SIGINT');
  expect(await program.exited).toEqual({ code: 130, signal: null });
  expect(await program.leftBehind()).toEqual([]);
});

test('a wrong option is told with the right ones', async () => {
  const program = await demo('--fast');
  expect(await program.exited).toEqual({ code: 2, signal: null });
  expect(program.output()).toMatch(/--fast[\s\S]*--quick/);
});
