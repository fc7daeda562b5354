import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { openChromium } from '../../support/chromium.js';
import { root } from '../../support/process.js';

export const desktop = { width: 1280, height: 900 };
export const phone = { width: 360, height: 780 };

/** The page of a service in a browser, with everything that it asked for and said in the console. */
export async function watchPage(url: string, look: { width?: number; height?: number; dark?: boolean } = {}) {
  const context = await openChromium({ ...desktop, dark: false, ...look });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  const heard: string[] = [];
  const requested: string[] = [];
  page.on('console', (message) => heard.push(message.text()));
  page.on('pageerror', (error) => heard.push(error.message));
  page.on('request', (request) => requested.push(request.url()));
  await page.goto(`${url}/`);
  return { page, context, heard, requested };
}

/** The figure with a name, once it is what is expected. */
export const expectFact = (page: Page, name: string, text: string | RegExp): Promise<void> =>
  expect.poll(() => page.locator(`[data-fact="${name}"]`).textContent(), { timeout: 20_000 }).toMatch(text);

export const expectText = (page: Page, selector: string, text: string | RegExp): Promise<void> =>
  expect.poll(() => page.locator(selector).textContent(), { timeout: 20_000 }).toMatch(text);

/** Notes everything that is said aloud from now on: the next event may replace it at once. */
export async function heardAloud(page: Page): Promise<() => Promise<readonly string[]>> {
  await page.evaluate(`{
    const place = document.querySelector('[data-part=said]');
    window.saidAloud = [place.textContent];
    new MutationObserver(() => window.saidAloud.push(place.textContent)).observe(place, { childList: true, characterData: true, subtree: true });
  }`);
  return () => page.evaluate('window.saidAloud');
}

/** Fills the dialog that is open and confirms. */
export async function fillDialog(
  page: Page,
  { by, reason, token, tick = false }: { by?: string; reason?: string; token?: string; tick?: boolean },
): Promise<void> {
  const dialog = page.getByRole('dialog');
  if (by !== undefined) await dialog.getByLabel('Your name').fill(by);
  if (reason !== undefined) await dialog.getByLabel('Reason').fill(reason);
  if (token !== undefined) await dialog.getByLabel('Token').fill(token);
  if (tick) await dialog.getByRole('checkbox').check();
  await dialog.locator('button[type=submit]').click();
}

/** Keeps a picture of the whole page under test/artifacts and, with LIGHTHOUSE_COMPAT_PICTURES=FOLDER, there. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const picture = await page.screenshot({ fullPage: true, animations: 'disabled' });
  const pictures = process.env['LIGHTHOUSE_COMPAT_PICTURES'];
  for (const folder of [join(root, 'test/artifacts'), ...(pictures === undefined ? [] : [pictures])]) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.png`), picture);
  }
}
