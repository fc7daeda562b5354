import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Program, runProgram } from '../support/process.js';

/** Runs the demo with a temporary folder of its own, so that what it leaves there can be seen. */
async function demo(...args: string[]): Promise<Program & { leftBehind(): Promise<string[]> }> {
  const folder = await mkdtemp(join(tmpdir(), 'unleash-demo-test-'));
  await chmod(folder, 0o711);
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const program = runProgram('examples/unleash/dist/main.js', args, { TMPDIR: folder });
  return { ...program, leftBehind: () => readdir(folder) };
}

test('the script moves the flags of a real Unleash, and every block goes where its playground says', async () => {
  const program = await demo('--script', '--json');
  expect(await program.exited).toEqual({ code: 0, signal: null });
  const lines = program.output().trimEnd().split('\n');
  expect(lines.at(-2)).toBe('demo: ok');
  const { failures, stretches, heads } = JSON.parse(lines.at(-1) ?? '');
  expect(failures).toEqual([]);
  const shares = stretches.map(({ title, blocks, decidedForV5 }: Record<string, number>) => [
    title,
    blocks,
    decidedForV5,
  ]);
  expect(shares).toEqual([
    ['everything off', 4, 0],
    ['lighthouse_v5 on', 4, 0],
    ['lighthouse_v5_primary on, at 0 %', 6, 0],
    ['lighthouse_v5_primary at 10 %', 30, expect.any(Number)],
    ['lighthouse_v5_primary at 50 %', 20, expect.any(Number)],
    ['lighthouse_v5_primary at 100 %', 6, 6],
    ['lighthouse_v5 off', 6, 0],
  ]);
  expect(heads.v4).toEqual(heads.v5);
  expect(heads.v4.number).toBe(76);
  expect(await program.leftBehind()).toEqual([]);
}, 240_000);

test('a person is told where the UI is, and Ctrl-C ends it with demo: ok and nothing left behind', async () => {
  const program = await demo();
  const [, url, login] = await program.writes(/Unleash: +(http:\S+)\/projects\/[\s\S]*log in: +(\S+ \/ \S+)/);
  expect(login).toBe('admin / unleash4all');
  expect((await fetch(`${url}/health`)).status).toBe(200);
  await program.writes(/by version: +4/);
  program.child.kill('SIGINT');
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(program.output().trimEnd().split('\n').at(-1)).toBe('demo: ok');
  expect(await program.leftBehind()).toEqual([]);
}, 120_000);

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
