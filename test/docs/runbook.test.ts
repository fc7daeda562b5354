import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ActionName, actionNames, actionSchemas } from '@lighthouse-compat/operator';
import { expect, onTestFinished, test } from 'vitest';
import { openControl, token } from '../operator/control/control.js';
import { root } from '../support/process.js';
import { hasProgram } from '../support/systemProgram.js';

const runbook = await readFile(`${root}/docs/runbook.md`, 'utf8');

/** What reads, and does nothing to a migration. */
const reading = ['check', 'plan', 'status', 'report', 'flags setup', 'flags show', 'decide', 'serve'];

/** Each command that the runbook names, with its options. */
const commands = [...runbook.matchAll(/`lighthouse-compat ([^`]+)`|^lighthouse-compat (.+)$/gm)].map(
  ([, inText = '', inBlock = '']) => inText || inBlock,
);
const nameOf = (command: string): string => /^[a-z-]+(?: [a-z]+)?/.exec(command)?.[0] ?? '';
const isAction = (name: string): name is ActionName => (actionNames as readonly string[]).includes(name);

test('the runbook has every command by which a person acts, and none that is not there', () => {
  // A latch without a migration's rollback is by hand, and `clear` is what clears one.
  const acting = actionNames.filter((name) => name !== 'latch' && name !== 'clear');
  expect([...new Set(commands.map(nameOf))].sort()).toEqual([...acting, ...reading].sort());
});

test.each(commands.filter((command) => isAction(nameOf(command))))(
  'lighthouse-compat %s has the options that its action takes',
  (command) => {
    const { required, properties } = actionSchemas[nameOf(command) as ActionName];
    const options = [...command.matchAll(/--([a-z]+)/g)].map(([, name = '']) => name);
    const own = Object.keys(properties);
    expect(options.filter((name) => !own.includes(name))).toEqual([]);
    const needed = (required as readonly string[]).filter((name) => name !== 'by');
    expect(needed.filter((name) => !options.includes(name))).toEqual([]);
  },
);

test.skipIf(!hasProgram('curl', 'curl'))(
  'a process is latched by hand as the runbook says, with the token on no command line',
  async () => {
    const [, block = ''] = /```sh\n(printf [\s\S]+?)```/.exec(runbook) ?? [];
    expect(block).toContain('http://127.0.0.1:9400/control/');
    const { url, compat } = await openControl({ prefix: '/control' });
    const folder = await mkdtemp(join(tmpdir(), 'runbook-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'control-token'), `${token}\n`);
    const { stdout } = await promisify(execFile)('bash', ['-c', block.replace('http://127.0.0.1:9400/control', url)], {
      cwd: folder,
    });
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, action: 'latch' });
    expect(compat.latch?.reason).toBe('Unleash is gone (by ada)');
  },
);
