import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '../../support/process.js';
import { openControl } from '../control/control.js';
import { openDesk } from './desk.js';

const command = `'${process.execPath}' '${root}/packages/operator/bin/lighthouse-compat.mjs'`;

/** Runs a line of a shell in which `COMMAND` is the built command. */
async function shell(line: string, cwd: string): Promise<{ readonly code: number; readonly err: string }> {
  const script = `set -o pipefail; ${line.replaceAll('COMMAND', command)}`;
  const child = spawn('bash', ['-c', script], { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let err = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
  });
  const closed = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const [code] = (await closed) as [number];
  return { code, err };
}

test.each([
  ['plan >/dev/full', 1, 'standard output: ENOSPC'],
  ['check >/dev/full', 6, 'standard output: ENOSPC'],
  ['check | true', 6, ''],
  ['plan | true', 0, ''],
  ['plan 2>/dev/full', 0, ''],
])('COMMAND %s ends with %i: what cannot be written hides nothing', async (line, code, said) => {
  const { folder } = await openDesk();
  const ended = await shell(`COMMAND ${line}`, folder);
  expect([ended.code, ended.err.includes(said)]).toEqual([code, true]);
});

test('a rollback is followed to its end also where nobody reads of it', async () => {
  const { folder, write } = await openDesk();
  const { url, blocks, controller } = await openControl();
  await write('lighthouse-compat.yaml', `service: { url: '${url}', tokenFile: control.token }\n`);
  await blocks(2);
  await controller.start({ by: 'ada' });
  expect((await shell("COMMAND rollback --reason 'seen enough' | true", folder)).code).toBe(0);
  expect(controller.status.state.kind).toBe('rolled_back');
});

test('watching ends where its reader has', async () => {
  const { folder } = await openDesk();
  const { url, controller, blocks } = await openControl();
  await blocks(2);
  const watching = shell(`COMMAND status --watch --every 1 --json --url ${url} | head -n 1`, folder);
  await controller.open();
  expect((await watching).code).toBe(0);
});
