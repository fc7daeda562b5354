import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createRecord } from '../../examples/migration/src/record.js';
import { inWorld, type World } from '../../examples/migration/src/world.js';
import { root, runProgram } from '../support/process.js';
import { hasProgram } from '../support/systemProgram.js';

const program = 'packages/operator/bin/lighthouse-compat.mjs';
const watcher = { say: () => {}, begin: () => {}, show: () => {} };

/** Runs `act` with a migration on two real execution clients, and a person's configuration for it. */
async function atDesk(act: (world: World, env: NodeJS.ProcessEnv, url: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'command-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const { signal } = new AbortController();
  await inWorld({ record: createRecord(), watcher, signal, page: true }, async (world) => {
    if (world.page === null) throw new Error('no page is served');
    const url = world.page.url.replace(/\/$/, '');
    await writeFile(join(folder, 'token'), world.page.token, { mode: 0o600 });
    await writeFile(join(folder, 'desk.yaml'), `by: ada\nservice: { name: fra, url: '${url}', tokenFile: token }\n`);
    await act(world, { LIGHTHOUSE_COMPAT_CONFIG: join(folder, 'desk.yaml'), NO_COLOR: '', FORCE_COLOR: '' }, url);
  });
}

/** Runs the command to its end, into a pipe. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ code: number | null; output: string }> {
  const { exited, output } = runProgram(program, args, env);
  const { code } = await exited;
  return { code, output: output() };
}

/** Of util-linux: runs a program in a terminal of its own. */
const terminal = 'script';

/** Runs the command in a terminal of its own, where nothing but the terminal says whether there are colours. */
function inTerminal(args: readonly string[], env: NodeJS.ProcessEnv) {
  // `exec`: whichever shell it is started by must not hear Ctrl-C as well.
  const command = `exec ${[process.execPath, `${root}/${program}`, ...args].map((each) => `'${each}'`).join(' ')}`;
  const { NO_COLOR: _, FORCE_COLOR: __, ...settings } = env;
  const child = spawn(terminal, ['--quiet', '--flush', '--return', '--command', command, '/dev/null'], {
    // Of these tests' own environment (CI, NODE_DISABLE_COLORS, ...) no more than finds the programs.
    env: { PATH: process.env['PATH'], ...settings, TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { ended, output: () => text, type: (keys: string) => child.stdin.write(keys) };
}

/** Takes out what is of the moment: clocks, and widths that go by the terminal's. */
const untimed = (text: string): string =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC|"\w*(?:At|at|since)Ms": [\d.]+|-?\d+ ms ahead/g, '*')
    .replaceAll(/\s+/g, ' ');

const soon = { timeout: 20_000, interval: 50 };

test('a migration on real clients is checked, started, watched, drilled, rolled back and cleared from a shell', async () => {
  await atDesk(async ({ controller, compat, nextSlot }, env) => {
    const early = await run(['check'], env);
    expect(early.code).toBe(6);
    expect(early.output).toMatch(/PROBLEM {2}standby: v4 unproven, v5 unproven\n +-> wait for the next forkchoice/);
    await nextSlot();
    const checked = await run(['check'], env);
    expect(checked.output).toContain('No problem was found.');
    expect(checked.code).toBe(0);
    expect((await run(['start'], env)).output).toMatch(/^start: done\. Now: parallel testing/);

    const watching = runProgram(program, ['status', '--watch', '--every', '1'], env);
    await watching.writes(/parallel testing, \d+ % of the comparisons; v5 0 %/);
    while (controller.status.state.kind === 'parallel_testing') await nextSlot();
    await watching.writes(/check: canary at 10 %; v5 10 %; pass/);
    watching.child.kill('SIGINT');
    expect(await watching.exited).toMatchObject({ code: 0 });
    expect(watching.output()).not.toContain('\u001B');

    const drilled = await run(['drill', '--live'], env);
    expect(drilled.output).toMatch(/^The rollback was rehearsed, and is well/);
    expect((await run(['promote'], env)).code).toBe(0);
    const back = await run(['rollback', '--reason', 'seen enough'], env);
    expect(back.output).toMatch(
      /^rollback: done\. Now: rolling back: seen enough\.\nNow: rolled back within \d+ s: seen enough\.\n$/,
    );
    expect(back.code).toBe(0);
    expect(compat.latch?.reason).toBe('seen enough');
    expect(JSON.parse((await run(['status', '--json'], env)).output)).toMatchObject({
      migration: { state: { kind: 'rolled_back', run: { rollbacks: 1 } } },
    });
    expect((await run(['clear-latch', '--reason', 'mended'], env)).output).toBe('clear: done. Now: not started.\n');
    expect(controller.records.findLast(({ event }) => event.type === 'clear')?.event).toMatchObject({ by: 'ada' });
  });
}, 300_000);

test.skipIf(!hasProgram(terminal, 'bsdutils'))(
  'in a terminal it is in colour and drawn anew, and Ctrl-C ends watching well and a question undone',
  async () => {
    await atDesk(async ({ controller, nextSlot }, env) => {
      await nextSlot();
      const watching = inTerminal(['status', '--watch', '--every', '1'], env);
      await expect.poll(watching.output, soon).toContain('\u001B[1;1H\u001B[0J\u001B[?7lfra (');
      expect(watching.output()).toContain('\u001B[32mnot set\u001B[39m');
      expect((await run(['hold', '--reason', 'not yet'], env)).code).toBe(0);
      await expect.poll(watching.output, soon).toContain('\u001B[33mHeld by ada: not yet');
      watching.type('\u0003');
      expect(await watching.ended).toBe(0);
      // What turned wrapping off has turned it on again.
      expect(watching.output().lastIndexOf('\u001B[?7h')).toBeGreaterThan(watching.output().lastIndexOf('\u001B[?7l'));

      const asked = inTerminal(['finalize'], env);
      await expect.poll(asked.output, soon).toContain('Type finalize to go on: ');
      asked.type('\u0003');
      expect(await asked.ended).toBe(130);
      const refused = inTerminal(['finalize'], env);
      await expect.poll(refused.output, soon).toContain('Type finalize to go on: ');
      refused.type('finalise\r');
      expect(await refused.ended).toBe(1);
      expect(refused.output()).toContain('Nothing was done.');
      expect(controller.records.map(({ event }) => event.type)).toEqual(['hold']);
    });
  },
  300_000,
);

/** Takes out what a terminal adds: colours, and its own ends of lines. */
const plain = (text: string): string => stripVTControlCharacters(text).replaceAll('\r\n', '\n');

test.skipIf(!hasProgram(terminal, 'bsdutils'))(
  'every command says in a terminal what it says in a pipe, and ends with the same code',
  async () => {
    await atDesk(async ({ nextSlot }, env) => {
      await nextSlot();
      // Nothing runs between two of them, so that what they say is the same.
      for (const [args, code] of [
        [['check'], 0],
        [['plan'], 0],
        [['status'], 0],
        [['report'], 0],
        [['decide', 'forkchoice_updated', '--head', `0x${'11'.repeat(32)}`], 0],
        [['status', '--json'], 0],
        [['release'], 3],
        [['promote'], 3],
        [['retry'], 3],
        [['adopt'], 3],
        [['finalize', '--yes'], 3],
        [['flags', 'show'], 2],
        [['hold'], 2],
        [['status', '--url', 'http://127.0.0.1:1'], 4],
        [['abort', '--token-file', 'missing.token'], 5],
        [['--help'], 0],
      ] as const) {
        const shown = inTerminal(args, env);
        const [piped, ended] = await Promise.all([run(args, env), shown.ended]);
        const told = { args, code: ended, output: untimed(plain(shown.output())) };
        expect(told).toEqual({ args, code, output: untimed(piped.output) });
        expect(piped.code).toBe(code);
      }
    });
  },
  300_000,
);

test('serve shows the page of the service until Ctrl-C', async () => {
  await atDesk(async ({ nextSlot }, env, url) => {
    await nextSlot();
    const serving = runProgram(program, ['serve'], env);
    const [, at = ''] = await serving.writes(/^(http:\/\/127\.0\.0\.1:\d+\/\S*) shows fra; /);
    const page = await fetch(at);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const read = async (base: string) => (await fetch(`${base}status`)).json();
    const { atMs: _, ...served } = (await read(at)) as Record<string, unknown>;
    const { atMs: __, ...own } = (await read(`${url}/`)) as Record<string, unknown>;
    expect(served).toEqual(own);
    serving.child.kill('SIGINT');
    expect(await serving.exited).toMatchObject({ code: 0 });
    await expect(fetch(at)).rejects.toThrow();
  });
}, 300_000);
