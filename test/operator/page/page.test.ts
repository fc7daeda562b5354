import { createServer } from 'node:http';
import { createControlHandler, type StatusAnswer } from '@lighthouse-compat/operator';
import { type Adoption, compatActuator, type JournalRecord, memoryJournal } from '@lighthouse-compat/sdk';
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { hasChromium } from '../../support/chromium.js';
import { serveAnything } from '../../support/serveAnything.js';
import { openControl, token } from '../control/control.js';
import { desktop, expectFact, expectText, fillDialog, heardAloud, keepPicture, phone, watchPage } from './openPage.js';

const browserTest = test.skipIf(!hasChromium);
const minutes = (count: number): number => count * 60_000;

const openServed = (
  options: Parameters<typeof openControl>[0] = {},
  migration: Parameters<typeof openControl>[1] = {},
) => openControl({ page: true, prefix: '/control', ...options }, { compat: { report: true }, ...migration });

browserTest(
  'the page shows what the API says, without a word in the console or a request to anybody else',
  async () => {
    const { url, port, get, post, blocks, clock, controller } = await openServed();
    await blocks(2);
    await post('/actions/start', { by: 'ada' });
    await blocks(60);
    const { page, heard, requested } = await watchPage(url);
    await expectText(page, '.connection', /^Live, of /);
    await expectText(page, '.timeline [aria-current=step] .stop', 'Parallel');
    clock.advance(60_000);
    await controller.check();
    await blocks(20);
    clock.advance(5_000);
    await expectText(page, '.timeline [aria-current=step] .stop', '10 %');

    const status: StatusAnswer = (await get('/status')).body;
    const { answered, verdicts, lanes } = status.stats;
    await expectFact(page, 'Set for v5', '10 %');
    await expectFact(page, 'match', String(verdicts.match));
    const calls = answered.v4 + answered.v5;
    expect(await page.locator('[data-part=share]').textContent()).toContain(`${answered.v5} of ${calls} calls`);
    expect(status.migration?.check?.verdict).toBe('pass');
    await expectFact(page, 'verdict', 'pass');
    const errors = status.migration?.check?.criteria.find(({ name }) => name === 'v5_errors');
    await expectText(page, '[data-criterion="Errors of v5"]', `${errors?.valuePercent} %`);
    const engine = await page.locator('[data-part=engines] tbody tr').first().locator('td').allTextContents();
    expect(engine.slice(1, 5)).toEqual([
      'in step',
      status.standby.v4.because?.replaceAll('_', ' '),
      String(lanes.v4.calls),
      `${lanes.v4.bytes} B`,
    ]);
    const newest = (await get(`/journal?before=${status.journal.lastSeq + 1}&limit=1`)).body
      .records[0] as JournalRecord;
    await expectText(page, '.journal li:first-child strong', newest.event.type);
    await expectFact(page, 'journal', `${status.journal.lastSeq} to 1 of ${status.journal.lastSeq}`);
    // What the report says, to the figure.
    await page.reload();
    const { report } = (await get('/report')).body;
    const p50 = new Intl.NumberFormat('en', { maximumFractionDigits: 2 }).format(
      report.operations.new_payload.v4.durations.p50Ms,
    );
    await expect
      .poll(() => page.locator('[data-part=latency] tbody tr').first().locator('td').allTextContents())
      .toEqual(expect.arrayContaining(['v4', `${p50} ms`, String(report.operations.new_payload.v4.sent)]));

    expect(heard).toEqual([]);
    expect(new Set(requested.map((asked) => new URL(asked).host))).toEqual(new Set([`127.0.0.1:${port}`]));
    expect(requested.every((asked) => new URL(asked).pathname.startsWith('/control/'))).toBe(true);
  },
  minutes(3),
);

browserTest(
  'a person holds, releases, promotes and rolls back by clicking or by keyboard; the token stays in memory',
  async () => {
    const { url, blocks, controller, compat } = await openServed();
    await blocks(2);
    const { page, context, requested } = await watchPage(url);
    await page.locator('[data-action=start]').click();
    await fillDialog(page, { by: 'ada', token: 'not-the-token-at-all' });
    await expectText(page, 'dialog .failure', /WRONG_TOKEN/);
    expect(controller.status.state.kind).toBe('pre_migration');
    await fillDialog(page, { token });
    await expectText(page, '.timeline [aria-current=step] .stop', 'Parallel');

    // The token is not asked for again, nor the name.
    await page.locator('[data-action=hold]').focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('dialog').getByLabel('Token').count()).toBe(0);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(controller.status.state.held).toBeNull();
    await page.locator('[data-action=hold]').click();
    await fillDialog(page, { reason: 'to <b>look</b>' });
    await expectText(page, '[data-part=banners]', 'Held by ada to <b>look</b>');
    expect(controller.status.state.held).toMatchObject({ by: 'ada', why: 'to <b>look</b>' });
    // Whoever goes by keyboard stays where they were, though the buttons beside have changed.
    const pause = page.locator('[data-action=pause]');
    const hasFocus = () => pause.evaluate((button) => button === button.ownerDocument.activeElement);
    await pause.focus();
    await controller.release({ by: 'bob' });
    await expectText(page, '[data-part=banners]', /^$/);
    await expect.poll(() => page.locator('[data-action=hold]').count()).toBe(1);
    expect(await hasFocus()).toBe(true);

    await page.locator('[data-action=promote]').click();
    await fillDialog(page, {});
    await expectText(page, '.timeline [aria-current=step] .stop', '10 %');
    expect(controller.status.percent).toBe(10);
    await page.locator('[data-action=rollback]').click();
    await fillDialog(page, { reason: 'rehearsed' });
    await expectText(page, '.timeline [aria-current=step] .stop', 'Rolled back');
    await expectText(page, '.timeline .fell .stop', '10 %');
    await expectFact(page, 'Rollback latch', 'set');
    expect(compat.latch?.reason).toBe('rehearsed');
    await expect
      .poll(() => page.locator('[data-part=buttons] button').allTextContents())
      .toEqual(['Clear the rollback', 'Rehearse a rollback']);
    await page.locator('[data-action=clear]').click();
    await fillDialog(page, { reason: 'well again' });
    await expectFact(page, 'Rollback latch', 'not set');

    expect(requested.filter((asked) => asked.includes(token))).toEqual([]);
    const kept = 'JSON.stringify([localStorage, sessionStorage, document.cookie, document.documentElement.outerHTML])';
    expect(await page.evaluate<string>(kept)).not.toContain(token);
    expect(await context.cookies()).toEqual([]);
    await page.reload();
    await page.locator('[data-action=start]').click();
    expect(await page.getByRole('dialog').getByLabel('Token').inputValue()).toBe('');
  },
  minutes(3),
);

browserTest(
  'a person rehearses the rollback, with the latch and without, and aborts, by what is behind More',
  async () => {
    const { url, blocks, controller, compat, post } = await openServed();
    await blocks(2);
    await post('/actions/start', { by: 'ada' });
    const { page, heard } = await watchPage(url);
    const drill = page.locator('[data-action=drill]');
    await expectText(page, '.timeline [aria-current=step] .stop', 'Parallel');
    expect(await drill.isVisible()).toBe(false);
    await page.locator('.more > summary').focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await drill.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await fillDialog(page, { by: 'ada', token });
    await expectText(page, '[data-fact=drill]', 'The rollback was rehearsed, and is well');
    await expectText(page, '[data-part=drill] .note', /^[\d.,]+ ms; by ada, /);
    await expectText(page, '[data-part=said]', 'The rollback was rehearsed, and is well');
    const made = () => controller.records.flatMap(({ event }) => (event.type === 'drilled' ? [event.drill] : []));
    expect(made()).toMatchObject([{ ok: true, live: false, by: 'ada' }]);

    const latched: string[] = [];
    compat.on('latched', ({ reason }) => latched.push(reason));
    await drill.click();
    await fillDialog(page, { tick: true });
    await expectText(page, '[data-part=drill] .note', /; live, by ada, /);
    expect(made()[1]).toMatchObject({ ok: true, live: true });
    expect(latched).toEqual(['drill by ada']);
    expect(compat.latch).toBeNull();
    expect(controller.status.state.kind).toBe('parallel_testing');

    // What somebody has opened stays open, and what has gone leaves the focus near.
    await page.locator('[data-action=abort]').click();
    await fillDialog(page, {});
    await expectText(page, '.timeline [aria-current=step] .stop', 'Rolled back');
    expect(compat.latch?.reason).toBe('aborted');
    expect(controller.records.findLast(({ event }) => event.type === 'abort')?.event).toMatchObject({
      by: 'ada',
      force: false,
    });
    expect(await drill.isVisible()).toBe(true);
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('More');
    await drill.click();
    expect(await page.getByRole('dialog').getByRole('checkbox').count()).toBe(0);
    await page.keyboard.press('Escape');
    // Who opens the page later is told by the journal.
    await page.reload();
    await expectText(page, '[data-part=drill] .note', /; live, by ada, /);
    expect(heard).toEqual([]);
  },
  minutes(3),
);

browserTest(
  'what was set elsewhere is told by a drill that fails, and adopted or reset by clicking',
  async () => {
    let drift: string | null = null;
    let found: Adoption = { target: null, why: 'a variant was added' };
    let resets = 0;
    const { url, blocks, controller, post } = await openServed(
      {},
      {
        actuator: (compat) => ({
          ...compatActuator(compat),
          inspect: async () => ({ unknown: null, drift }),
          adopt: async () => found,
          reset: async () => {
            resets += 1;
          },
        }),
      },
    );
    await blocks(2);
    await post('/actions/start', { by: 'ada' });
    const { page } = await watchPage(url);
    await expectText(page, '.timeline [aria-current=step] .stop', 'Parallel');
    expect(await page.locator('[data-action=adopt], [data-action=reset]').count()).toBe(0);
    const saidAloud = await heardAloud(page);
    drift = 'lighthouse_v5_primary is at 20 % in place of 0 %';
    await controller.check();
    await page.locator('.more > summary').click();
    await page.locator('[data-action=drill]').click();
    await fillDialog(page, { by: 'ada', token });
    await expectText(page, '[data-fact=drill]', 'The rehearsal of the rollback failed');
    await expectText(page, '[data-part=drill] li', drift);
    await page.locator('[data-action=reset]').click();
    await fillDialog(page, {});
    await expect.poll(saidAloud).toContain('Reset: done');
    expect(resets).toBe(1);

    await page.locator('[data-action=adopt]').click();
    await fillDialog(page, {});
    await expectText(page, 'dialog .failure', 'NOT_ADOPTABLE: a variant was added');
    found = { target: { kind: 'canary', percent: 20 } };
    await fillDialog(page, {});
    await expectText(page, '.timeline [aria-current=step] .stop', '100 %');
    expect(controller.status.percent).toBe(20);
    drift = null;
    await controller.check();
    await expect.poll(() => page.locator('[data-action=adopt], [data-action=reset]').count()).toBe(0);
  },
  minutes(2),
);

browserTest(
  'a migration that is complete is finalized by clicking, and nothing but a drill is offered then',
  async () => {
    const { url, blocks, controller, step } = await openServed();
    await blocks(2);
    await controller.start({ by: 'ada' });
    for (let checks = 0; controller.status.state.kind !== 'complete'; checks += 1) {
      if (checks === 12) throw new Error(`it is not complete but ${JSON.stringify(controller.status.state)}`);
      await step();
    }
    const { page } = await watchPage(url);
    await page.locator('.more > summary').click();
    await page.locator('[data-action=finalize]').click();
    await expectText(page, '#dialog-does', /v5 answers alone.*There is no way back by itself/);
    await fillDialog(page, { by: 'ada', token });
    await expectText(page, '.timeline [aria-current=step] .stop', 'Finalized');
    expect(controller.status.target.kind).toBe('v5_only');
    await expect
      .poll(() => page.locator('[data-part=buttons] button').allTextContents())
      .toEqual(['Rehearse a rollback']);
  },
  minutes(2),
);

browserTest(
  'a service that ends and comes back is told as not connected with the age of the figures, and is watched again',
  async () => {
    const { url, port, stop, blocks, post, compat, controller, clock } = await openServed();
    await blocks(2);
    await post('/actions/start', { by: 'ada' });
    const { page } = await watchPage(url);
    await expectText(page, '.connection', /^Live, of /);
    await stop();
    await expectText(page, '.connection', /^Not connected since .* UTC: .*The figures are \d+ s old, of /);
    expect(await page.locator('main.old').count()).toBe(1);
    expect(await page.title()).toMatch(/^\(old\) /);
    await expectText(page, '[data-part=said]', 'The service is not connected any more');
    // What happens meanwhile is in nobody's stream.
    await controller.hold({ by: 'bob', why: 'while nobody looked' });

    const handler = createControlHandler({ compat, controller, clock, token, page: true, prefix: '/control' });
    await serveAnything(handler, port);
    onTestFinished(() => handler.close());
    await expectText(page, '.connection', /^Live, of /);
    await expectText(page, '[data-part=banners]', 'Held by bob while nobody looked');
    await expectText(page, '.journal li:first-child strong', 'hold');
    expect(await page.locator('main.old').count()).toBe(0);
  },
  minutes(2),
);

browserTest(
  'a journal of 10,000 records is read page by page, and stays where it is while records come',
  async () => {
    const journal = memoryJournal();
    await journal.open();
    for (let seq = 1; seq <= 10_000; seq += 1) {
      const state = { kind: 'pre_migration', held: null, streak: { fails: 0, unsureSinceMs: null } } as const;
      await journal.append({
        seq,
        atMs: seq * 1_000,
        event: { type: 'release', by: `person ${seq}` },
        state: { ...state, run: { startedMs: null, rollbacks: 0 } },
      });
    }
    await journal.close();
    const { url, post, clock, controller } = await openServed({}, { journal });
    await controller.open();
    const { page } = await watchPage(url);
    const seqs = async () =>
      page.locator('.journal li').evaluateAll((rows) => rows.map((row) => Number(row.getAttribute('data-seq'))));
    await expectFact(page, 'journal', '10000 to 9951 of 10000');
    expect(await seqs()).toEqual(Array.from({ length: 50 }, (_, at) => 10_000 - at));
    const older = page.getByRole('button', { name: 'Older' });
    await older.focus();
    for (let turned = 1; turned <= 3; turned += 1) {
      await page.keyboard.press('Enter');
      await expectFact(page, 'journal', `${10_000 - 50 * turned} to ${9_951 - 50 * turned} of 10000`);
    }
    await post('/actions/hold', { by: 'ada', reason: 'look' });
    clock.advance(5_000);
    await expectText(page, '[data-part=banners]', /Held by ada/);
    expect((await seqs())[0]).toBe(9_850);
    await page.getByRole('button', { name: 'Newest' }).click();
    await expectFact(page, 'journal', '10001 to 9952 of 10001');
    await expectText(page, '.journal li:first-child strong', 'hold');
    expect(await page.locator('.journal li').count()).toBe(50);
  },
  minutes(2),
);

browserTest(
  'where reading needs the token the page asks for it, and a wrong one is told',
  async () => {
    const { url } = await openServed({ readsNeedToken: true });
    const { page } = await watchPage(url);
    await expectText(page, '.connection', 'Reading needs the token.');
    const give = page.getByRole('button', { name: 'Give the token' });
    await give.click();
    await fillDialog(page, { token: 'not-the-token-at-all' });
    await expectText(page, '.connection', 'This is not the token.');
    await give.click();
    await fillDialog(page, { token });
    await expectText(page, '.connection', /^Live, of /);
    await expectFact(page, 'State', 'not started');
  },
  minutes(2),
);

browserTest(
  'a service without a token and without a migration is shown for reading alone',
  async () => {
    const { compat, clock } = await openControl();
    const handler = createControlHandler({ compat, clock, page: true });
    const server = createServer(handler);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      handler.close();
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as { port: number };
    const { page, heard } = await watchPage(`http://127.0.0.1:${port}`);
    await expectFact(page, 'State', 'no migration of its own');
    await expectText(page, '[data-part=latency]', /keeps no report/);
    expect(await page.locator('[data-part=buttons] button').count()).toBe(0);
    await expectText(page, 'footer', /for reading alone/);
    // The browser itself says that the report was refused.
    expect(heard.filter((line) => !line.includes('409'))).toEqual([]);
  },
  minutes(2),
);

/** The faults that axe finds serious or critical. */
async function seriousFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate<string[]>(
    "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary).join('; ')))",
  );
}

browserTest(
  'axe finds no serious fault at any width, light or dark, in any dialog or without a connection, and nothing sticks out',
  async () => {
    const { url, blocks, post, controller, clock, stop } = await openServed();
    await blocks(2);
    await post('/actions/start', { by: 'ada' });
    await blocks(60);
    clock.advance(60_000);
    await controller.check();
    await post('/actions/hold', { by: 'ada', reason: 'to look' });
    await post('/actions/drill', { by: 'ada' });
    const pages: Page[] = [];
    for (const [name, look] of [
      ['desktop-light', { ...desktop, dark: false }],
      ['desktop-dark', { ...desktop, dark: true }],
      ['phone-light', { ...phone, dark: false }],
      ['phone-dark', { ...phone, dark: true }],
    ] as const) {
      const { page } = await watchPage(url, look);
      pages.push(page);
      await expectFact(page, 'Set for v5', '10 %');
      await expectText(page, '.journal li:first-child strong', 'drilled');
      await expectText(page, '[data-fact=drill]', /is well/);
      expect(await seriousFaults(page), name).toEqual([]);
      await page.locator('.more > summary').click();
      expect(await seriousFaults(page), `${name}, more`).toEqual([]);
      await keepPicture(page, `fake-page-more-${name}`);
      const widths = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, window.innerWidth]');
      expect(widths[0], name).toBeLessThanOrEqual(widths[1]);
      await page.locator('[data-action=rollback]').click();
      expect(await seriousFaults(page), `${name}, dialog`).toEqual([]);
      await keepPicture(page, `fake-page-dialog-${name}`);
      await page.keyboard.press('Escape');
    }
    await stop();
    for (const page of pages) {
      await expectText(page, '.connection', /^Not connected/);
      expect(await seriousFaults(page)).toEqual([]);
    }
  },
  minutes(4),
);
