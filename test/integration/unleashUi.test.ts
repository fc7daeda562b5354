import { flagKeys } from '@lighthouse-compat/flag-provider';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keepScreenshot, noBrowser, openPage } from '../support/browser.js';
import { openTwoEngines } from '../support/twoEngines.js';
import { decideHead, followed, hundredHashes, openFlags, versionAt } from '../support/unleashDecisions.js';
import { leaseTimeoutMs, leaseUnleash, type UnleashLease } from '../support/unleashServer.js';

const { lighthouseV5, lighthouseV5Primary } = flagKeys;

// Without the menu, and of the form without the explanations beside it.
const flagPage = { x: 320, y: 60, width: 920, height: 640 };
const form = { x: 26, y: 0, width: 802, height: 860 };

if (noBrowser !== undefined) process.stderr.write(`the Unleash UI is not tested: ${noBrowser}\n`);

let unleash: UnleashLease;
beforeAll(async () => {
  if (noBrowser === undefined) unleash = await leaseUnleash();
}, leaseTimeoutMs);
afterAll(() => unleash?.release());

async function logIn(page: Page): Promise<void> {
  const { url, login } = unleash;
  await page.goto(`${url}/login`);
  await page.getByTestId('LOGIN_EMAIL_ID').locator('input').fill(login.username);
  await page.getByTestId('LOGIN_PASSWORD_ID').locator('input').fill(login.password);
  await page.getByTestId('LOGIN_BUTTON').click();
  await page.waitForURL((at) => !at.pathname.startsWith('/login'));
  // A welcome would cover the pages.
  const seen = await page.request.post(`${url}/api/admin/splash/personalDashboardKeyConcepts`);
  expect(seen.ok()).toBe(true);
}

/** Waits for what the UI says about a change, and puts it out of the way. */
async function told(page: Page, message: string): Promise<void> {
  await page.getByText(message).waitFor();
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByText(message).waitFor({ state: 'hidden' });
  // Nothing is pointed at any more that would explain itself.
  await page.mouse.move(0, 0);
}

/** Opens a flag's page and gives its switch in the environment. */
async function openFlag(page: Page, flagKey: string) {
  const { url, project, environment } = unleash;
  await page.goto(`${url}/projects/${project}/features/${flagKey}`);
  const flagSwitch = page.getByTestId('permission-switch').locator(`input[aria-label="${environment}"]`);
  await flagSwitch.waitFor({ state: 'attached' });
  return flagSwitch;
}

/** Opens the form of the flag's one strategy, from the flag's page. */
async function openRollout(page: Page) {
  const accordion = page.getByTestId(`FEATURE_ENVIRONMENT_ACCORDION_${unleash.environment}`);
  const edit = accordion.locator('a[href*="strategies/edit"]').first();
  if (!(await edit.isVisible())) await accordion.locator('[aria-expanded]').first().click();
  await edit.waitFor();
  // An explanation that is shown once would lie over the strategy.
  const gotIt = page.getByText('Ok, got it!');
  await gotIt.click({ timeout: 3_000 }).catch(() => {});
  await edit.click();
  const slider = page.getByTestId('ROLLOUT_SLIDER_ID').locator('input[type=range]');
  await slider.waitFor({ state: 'attached' });
  const field = page.locator('input[type=number][max="100"]').first();
  const save = async (): Promise<void> => {
    await page.getByTestId('STRATEGY_FORM_SUBMIT_ID').click();
    await slider.waitFor({ state: 'detached' });
  };
  return { slider, field, save };
}

test.skipIf(noBrowser !== undefined)(
  "a person switches lighthouse_v5_primary on in Unleash's UI and moves its rollout, and the SDK's decisions follow",
  async () => {
    const { flags } = await openFlags(unleash);
    const { compat } = await openTwoEngines({ flags });
    await followed(compat, 0);
    const { page } = await openPage(unleash.url);
    await logIn(page);

    const master = await openFlag(page, lighthouseV5);
    await master.click();
    await told(page, `Enabled in ${unleash.environment}`);
    await keepScreenshot(page, 'unleash-master-switch', flagPage);

    const canary = await openFlag(page, lighthouseV5Primary);
    await canary.click();
    await told(page, `Enabled in ${unleash.environment}`);
    expect(await canary.isChecked()).toBe(true);
    // At 0 % the switch alone gives nothing to v5.
    await followed(compat, 0);

    const first = await openRollout(page);
    await first.field.fill('10');
    await first.field.press('Tab');
    expect(await first.slider.inputValue()).toBe('10');
    await keepScreenshot(page, 'unleash-rollout-10', form);
    await first.save();
    await followed(compat, 10);
    await told(page, 'Strategy updated');
    await page.getByText('10%', { exact: true }).first().waitFor();
    await keepScreenshot(page, 'unleash-canary-on', flagPage);
    expect(await decideHead(compat, hundredHashes.find((one) => versionAt(10, one) === 'v5') ?? '0x')).toMatchObject({
      adapter: 'v5',
      mode: 'v5_primary',
      flagKey: lighthouseV5Primary,
    });

    // By the slider itself: End is 100 %, and each arrow a percent.
    const second = await openRollout(page);
    await second.slider.focus();
    await second.slider.press('End');
    for (let step = 0; step < 40; step += 1) await second.slider.press('ArrowLeft');
    expect(await second.slider.inputValue()).toBe('60');
    await keepScreenshot(page, 'unleash-rollout-60', form);
    await second.save();
    await followed(compat, 60);

    const again = await openFlag(page, lighthouseV5Primary);
    await again.click();
    await told(page, `Disabled in ${unleash.environment}`);
    await followed(compat, 0);
    await keepScreenshot(page, 'unleash-canary-off', flagPage);
  },
  300_000,
);
