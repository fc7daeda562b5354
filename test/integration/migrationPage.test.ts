import type { ReportAnswer, StatusAnswer } from '@lighthouse-compat/operator';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { createRecord } from '../../examples/migration/src/record.js';
import { inWorld, type World } from '../../examples/migration/src/world.js';
import {
  desktop,
  expectFact,
  expectText,
  fillDialog,
  keepPicture,
  phone,
  watchPage,
} from '../operator/page/openPage.js';
import { hasChromium } from '../support/chromium.js';

const shown = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** Makes slots until a check of the page holds. */
async function slotsUntil({ nextSlot }: World, page: Page, stop: string): Promise<void> {
  const present = page.locator('.timeline [aria-current=step] .stop');
  for (let slots = 0; (await present.textContent()) !== stop; slots += 1) {
    if (slots === 400) throw new Error(`the page does not come to ${stop} but is at ${await present.textContent()}`);
    await nextSlot();
  }
}

async function click(page: Page, action: string, filled: Parameters<typeof fillDialog>[1] = {}): Promise<void> {
  await page.locator(`[data-action=${action}]`).click();
  await fillDialog(page, filled);
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
}

/** Holds what the page shows against what the API says, while no call is made. */
async function expectSameFigures(page: Page, url: string): Promise<StatusAnswer> {
  const read = async (path: string): Promise<unknown> => (await fetch(`${url}/${path}`)).json();
  const status = (await read('status')) as StatusAnswer;
  const { report } = (await read('report')) as ReportAnswer;
  const { answered, verdicts, lanes } = status.stats;
  const { migration } = status;
  if (migration === null) throw new Error('there is no migration');
  await expectFact(page, 'Set for v5', `${shown.format(migration.percent)} %`);
  await expectFact(page, 'match', new RegExp(`^${shown.format(verdicts.match)}$`));
  await expectText(page, '[data-part=share]', `${answered.v5} of ${answered.v4 + answered.v5} calls`);
  for (const [name, label] of [
    ['v5_errors', 'Errors of v5'],
    ['latency', 'v5 slower by'],
    ['divergence', 'Answers that differ'],
  ] as const) {
    const value = migration.check?.criteria.find((criterion) => criterion.name === name)?.valuePercent ?? null;
    await expectText(page, `[data-criterion="${label}"]`, value === null ? '-' : `${shown.format(value)} %`);
  }
  await expectFact(page, 'verdict', migration.check?.verdict.replaceAll('_', ' ') ?? '');
  const cells = () => page.locator('[data-part=engines] tbody tr').last().locator('td').allTextContents();
  await expect.poll(cells).toEqual(expect.arrayContaining(['v5', 'in step', String(lanes.v5.calls)]));
  // The report is asked for every ten seconds.
  const rows = () => page.locator('[data-part=latency] tbody tr').allTextContents();
  const { v4, v5 } = report.operations.new_payload;
  for (const [at, { sent, durations }] of [v4, v5].entries()) {
    const [p50, p99] = [shown.format(durations?.p50Ms ?? 0), shown.format(durations?.p99Ms ?? 0)];
    const isShown = async (): Promise<boolean> => {
      const row = (await rows())[at] ?? '';
      return row.includes(`${p50} ms${p99} ms`) && row.includes(`ms${shown.format(sent)}`);
    };
    await expect.poll(isShown, { timeout: 40_000 }).toBe(true);
  }
  const place = page.locator('[data-fact=journal]');
  await expect.poll(() => place.textContent()).toContain(`of ${status.journal.lastSeq}`);
  return status;
}

async function keepPictures(page: Page): Promise<void> {
  for (const [name, size, colorScheme] of [
    ['page-phone-light', phone, 'light'],
    ['page-phone-dark', phone, 'dark'],
    ['page-desktop-dark', desktop, 'dark'],
    ['page-desktop-light', desktop, 'light'],
  ] as const) {
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    // Charts follow the width of their place.
    const fits = 'document.querySelector(".uplot").offsetWidth <= document.querySelector(".chart").clientWidth';
    await page.waitForFunction(`${fits} && document.documentElement.scrollWidth <= window.innerWidth`);
    await keepPicture(page, name);
  }
}

test.skipIf(!hasChromium)(
  'a migration on real clients is watched from its start to its rollback by itself, and another is rolled back by clicking',
  async () => {
    const record = createRecord();
    const watcher = { say: () => {}, begin: () => {}, show: () => {} };
    const { signal } = new AbortController();
    await inWorld({ record, watcher, signal, page: true }, async (world) => {
      const { controller, compat, nextSlot, v5Proxy, page: served } = world;
      if (served === null) throw new Error('no page is served');
      const url = served.url.replace(/\/$/, '');
      const { page, heard, requested } = await watchPage(url);
      await expectText(page, '.timeline [aria-current=step] .stop', 'Not started');
      // The first forkchoice of an instance says where each engine is.
      await nextSlot();
      await click(page, 'start', { by: 'ada', token: served.token });
      await slotsUntil(world, page, 'Parallel');
      await slotsUntil(world, page, '10 %');
      for (let slots = 0; slots < 20; slots += 1) await nextSlot();
      await click(page, 'promote');
      await slotsUntil(world, page, '50 %');
      for (let slots = 0; slots < 45; slots += 1) await nextSlot();
      await page.locator('.more > summary').click();
      await click(page, 'drill');
      await expectText(page, '[data-fact=drill]', 'The rollback was rehearsed, and is well');
      expect(controller.status.drilledMs).not.toBeNull();
      const { migration } = await expectSameFigures(page, url);
      expect(migration?.percent).toBe(controller.status.percent);
      await expect.poll(() => page.locator('.uplot canvas').count(), { timeout: 30_000 }).toBe(3);
      await keepPictures(page);

      v5Proxy.failOneIn = 3;
      await slotsUntil(world, page, 'Rolled back');
      v5Proxy.failOneIn = null;
      await controller.ended();
      await expectText(page, '.timeline .fell .stop', '50 %');
      await expectText(page, '[data-part=banners]', /^Rolled back fail: v5_errors/);
      await expectFact(page, 'Rollback latch', /^set$/);
      await expectSameFigures(page, url);
      await keepPicture(page, 'page-rolled-back');
      expect(controller.status.state).toMatchObject({ kind: 'rolled_back', run: { rollbacks: 1 } });

      await click(page, 'clear', { reason: 'v5 has been mended' });
      await expectFact(page, 'Rollback latch', 'not set');
      await nextSlot();
      await click(page, 'start');
      await slotsUntil(world, page, 'Parallel');
      for (let slots = 0; slots < 5; slots += 1) await nextSlot();
      await click(page, 'promote');
      await slotsUntil(world, page, '10 %');
      await nextSlot();
      await click(page, 'rollback', { reason: 'a person has seen enough' });
      await controller.ended();
      await slotsUntil(world, page, 'Rolled back');
      await expectText(page, '.timeline .fell .stop', '10 %');
      await expectText(page, '[data-part=banners]', 'Rolled back a person has seen enough');
      expect(compat.latch?.reason).toBe('a person has seen enough');
      expect(controller.records.findLast(({ event }) => event.type === 'rollback')?.event).toMatchObject({ by: 'ada' });
      expect(heard).toEqual([]);
      expect(requested.filter((asked) => !asked.startsWith(served.url))).toEqual([]);
    });
    expect(record.callersErrors).toBe(0);
  },
  600_000,
);
