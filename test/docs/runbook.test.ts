import { readFile } from 'node:fs/promises';
import { type ActionName, actionNames, actionSchemas } from '@lighthouse-compat/operator';
import { createLighthouseCompat, MigrationController } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { openDesk } from '../operator/command/desk.js';
import { openControl } from '../operator/control/control.js';
import { openMigration, shortPlan } from '../sdk/migration/migration.js';
import { root } from '../support/process.js';
import { capellaPayload, forks } from '../support/samples.js';

const runbook = await readFile(`${root}/docs/runbook.md`, 'utf8');

/** What reads, and does nothing to a migration. */
const reading = ['check', 'plan', 'status', 'report', 'flags setup', 'flags show', 'decide', 'serve'];

/** Each command that the runbook names, with its options. */
const commands = [...runbook.matchAll(/`lighthouse-compat ([^`]+)`|^lighthouse-compat (.+)$/gm)].map(
  ([, inText = '', inBlock = '']) => inText || inBlock,
);
const nameOf = (command: string): string => /^(?:flags )?[a-z-]+/.exec(command)?.[0] ?? '';
const isAction = (name: string): name is ActionName => (actionNames as readonly string[]).includes(name);

test('the runbook has every command by which a person acts, and none that is not there', () => {
  // What clears a rollback is `clear-latch`, too.
  const acting = actionNames.filter((name) => name !== 'clear');
  expect([...new Set(commands.map(nameOf))].sort()).toEqual([...acting, ...reading].sort());
});

test.each(commands.filter((command) => isAction(nameOf(command))))(
  'lighthouse-compat %s has the options that its action takes',
  (command) => {
    const { required, properties } = actionSchemas[nameOf(command) as ActionName];
    const options = [...command.matchAll(/--([a-z]+)/g)].map(([, name = '']) => name);
    const own = [...Object.keys(properties), 'service'];
    expect(options.filter((name) => !own.includes(name))).toEqual([]);
    const needed = (required as readonly string[]).filter((name) => name !== 'by');
    expect(needed.filter((name) => !options.includes(name))).toEqual([]);
  },
);

test("after the end v4's client is taken out as the runbook says, and v5's alone answers without an alarm", async () => {
  const before = await openMigration();
  const { controller, journal, v4, v5 } = before;
  await before.blocks(2);
  await controller.start({ by: 'ada' });
  for (let checks = 0; before.kind !== 'complete'; checks += 1) {
    if (checks === 12) throw new Error(`it is not complete but ${before.kind}`);
    await before.step();
  }
  expect((await controller.finalize({ by: 'ada' })).applied).toBe(true);
  // While it is configured, an end of it is an engine out of step.
  await v4.stop();
  await before.blocks(1);
  expect(before.compat.standby().v4.state).toBe('out_of_step');
  await controller.close();
  await before.compat.close();

  const engine = { url: v5.url, jwtSecret: v5.secret };
  const compat = await createLighthouseCompat({ v4: engine, v5: engine, forks });
  onTestFinished(() => compat.close());
  const again = new MigrationController({ compat, journal, plan: shortPlan, clock: before.clock });
  onTestFinished(() => again.close());
  const alarms: string[] = [];
  again.on('alarm', ({ code }) => alarms.push(code));
  await again.open();
  const request = { executionPayload: capellaPayload(500) };
  expect((await compat.decide('new_payload', request)).adapter).toBe('v5');
  expect((await compat.newPayload(request)).status).toBe('VALID');
  await again.check();
  expect([again.status.state.kind, alarms, compat.stats().answered]).toEqual(['finalized', [], { v4: 0, v5: 1 }]);
});

test('a process is latched by hand as the runbook says', async () => {
  const command = commands.find((each) => each.startsWith('latch --service')) ?? '';
  const [, name = '', reason = ''] = /^latch --service (\w+) --reason '([^']+)'$/.exec(command) ?? [];
  const { url, compat } = await openControl({ prefix: '/control' });
  const { run, write } = await openDesk();
  await write('lighthouse-compat.yaml', `peers: [{ name: ${name}, url: '${url}', tokenFile: control.token }]\n`);
  expect((await run(['latch', '--service', name, '--reason', reason, '--by', 'ada'])).code).toBe(0);
  expect(compat.latch?.reason).toBe('Unleash is gone (by ada)');
});
