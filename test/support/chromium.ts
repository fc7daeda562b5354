import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import { onTestFinished } from 'vitest';
import { hasProgram } from './systemProgram.js';

const program = 'chromium';

/** Whether Chromium is there; where every test must run, that it is not is an error. */
export const hasChromium: boolean = hasProgram(program, program);

type Look = { readonly width: number; readonly height: number; readonly dark: boolean };

/** Opens Debian's Chromium, ended with the test, with a profile of its own; it reaches no host but this page's. */
export async function openChromium({ width, height, dark }: Look): Promise<BrowserContext> {
  const folder = await mkdtemp(join(tmpdir(), 'chromium-test-'));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: `/usr/bin/${program}`,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    timeout: 60_000,
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
  });
  onTestFinished(async () => {
    await context.close();
    await rm(folder, { recursive: true, force: true });
  });
  return context;
}
