import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { root } from './process.js';

const executablePath = '/usr/bin/chromium';

/** Why the tests in a browser cannot run, or undefined if they can; where everything is required they run, and fail. */
export const noBrowser: string | undefined =
  existsSync(executablePath) || process.env['LIGHTHOUSE_COMPAT_REQUIRE_ALL'] === '1'
    ? undefined
    : `${executablePath} is not there (apt-get install chromium)`;

/** A page that gets nothing from anywhere but one server, closed with the test. */
export async function openPage(url: string): Promise<{ page: Page; context: BrowserContext }> {
  const profile = await mkdtemp(join(tmpdir(), 'browser-test-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    viewport: { width: 1280, height: 860 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  onTestFinished(async () => {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 3 });
  });
  context.setDefaultTimeout(60_000);
  // Fonts and avatars.
  await context.route(
    (asked) => asked.origin !== url,
    (route) => route.abort(),
  );
  return { page: context.pages()[0] ?? (await context.newPage()), context };
}

/** Keeps a picture of a part of a page under test/artifacts, and what the page shows there must have come to rest. */
export async function keepScreenshot(
  page: Page,
  name: string,
  clip: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): Promise<void> {
  const folder = join(root, 'test/artifacts');
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', clip });
}
