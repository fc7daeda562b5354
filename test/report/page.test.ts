import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reportHtml } from '@lighthouse-compat/report';
import { expect, test } from 'vitest';
import { hasChromium, openChromium } from '../support/chromium.js';
import { recordRun, testFolder } from './recordedRun.js';

/** With LIGHTHOUSE_COMPAT_PICTURES=FOLDER the pictures are kept there. */
const pictures = process.env['LIGHTHOUSE_COMPAT_PICTURES'];

test.skipIf(!hasChromium)(
  'the page of a real run opens in a browser without a word in the console or a request, on a phone and in the dark',
  async () => {
    const folder = await testFolder();
    const { live } = await recordRun(folder);
    const file = join(folder, 'report.html');
    await writeFile(file, reportHtml(live));

    for (const [name, look] of [
      ['desktop', { width: 1200, height: 900, dark: false }],
      ['phone-dark', { width: 375, height: 800, dark: true }],
    ] as const) {
      const context = await openChromium(look);
      const page = await context.newPage();
      const heard: string[] = [];
      page.on('console', (message) => heard.push(message.text()));
      page.on('pageerror', (error) => heard.push(error.message));
      const requested: string[] = [];
      page.on('request', (request) => requested.push(request.url()));
      await page.goto(pathToFileURL(file).href);
      expect(await page.locator('figure svg').count()).toBe(6);
      expect(await page.locator('h2').first().textContent()).toBe('Roll back');
      // Nothing sticks out at the side: whatever is wider scrolls in a box of its own.
      const widths = await page.evaluate<[number, number]>('[document.documentElement.scrollWidth, window.innerWidth]');
      expect(widths[0], name).toBeLessThanOrEqual(widths[1]);
      const picture = await page.screenshot({ fullPage: true });
      expect(picture.byteLength).toBeGreaterThan(20_000);
      if (pictures !== undefined) {
        await mkdir(pictures, { recursive: true });
        await writeFile(join(pictures, `report-${name}.png`), picture);
      }
      expect(heard).toEqual([]);
      expect(requested.filter((url) => !url.startsWith('file:') && !url.startsWith('data:'))).toEqual([]);
      await context.close();
    }
  },
  180_000,
);
