import { createControlHandler } from '@lighthouse-compat/operator';
import { expect, onTestFinished, test } from 'vitest';
import { hasChromium } from '../../support/chromium.js';
import { serveAnything } from '../../support/serveAnything.js';
import { openControl, token } from '../control/control.js';
import { expectFact, expectText, fillDialog, watchPage } from '../page/openPage.js';
import { openDesk } from './desk.js';

test.skipIf(!hasChromium)(
  'a person watches and moves a service by a desk elsewhere, and goes on by it after the service was restarted',
  async () => {
    // The service serves no page of its own.
    const service = await openControl({ prefix: '/control' }, { compat: { report: true } });
    const { blocks, compat, controller, clock, port, stop } = service;
    await blocks(2);
    const { base, said } = await openDesk(service.url);
    const { page, heard, requested } = await watchPage(base);
    await expectText(page, '.connection', /^Live, of /);
    await expectFact(page, 'State', 'not started');
    await page.locator('[data-action=start]').click();
    await fillDialog(page, { by: 'ada', token: 'not-the-token-at-all' });
    await expectText(page, 'dialog .failure', 'WRONG_TOKEN: this is not the token');
    expect(controller.status.state.kind).toBe('pre_migration');
    await fillDialog(page, { token });
    await expectText(page, '.timeline [aria-current=step] .stop', 'Parallel');
    await blocks(3);
    clock.advance(5_000);
    await expectFact(page, 'match', /^[1-9]/);
    expect(heard.filter((line) => !line.includes('403'))).toEqual([]);

    await stop();
    await expectText(page, '.connection', /^Not connected since .* UTC: .*CONTROL_UNREACHABLE.*The figures are /);
    await page.locator('[data-action=hold]').click();
    await fillDialog(page, { reason: 'to look' });
    await expectText(page, 'dialog .failure', /^CONTROL_UNREACHABLE: /);
    await page.keyboard.press('Escape');
    await controller.hold({ by: 'bob', why: 'while nobody looked' });
    const handler = createControlHandler({ compat, controller, clock, token, prefix: '/control' });
    await serveAnything(handler, port);
    onTestFinished(() => handler.close());
    await expectText(page, '.connection', /^Live, of /);
    await expectText(page, '[data-part=banners]', 'Held by bob while nobody looked');

    // The token is still that of the page: the service that was started again has the same.
    await page.locator('[data-action=release]').click();
    await fillDialog(page, {});
    await expectText(page, '[data-part=banners]', /^$/);
    await page.locator('[data-action=rollback]').click();
    await fillDialog(page, { reason: 'seen enough' });
    await expectText(page, '.timeline [aria-current=step] .stop', 'Rolled back');
    expect(compat.latch?.reason).toBe('seen enough');
    expect(new Set(requested.map((asked) => new URL(asked).origin))).toEqual(new Set([base]));
    expect(requested.join()).not.toContain(token);
    expect(said.join()).not.toContain(token);
    expect(said).toEqual([expect.stringContaining('CONTROL_UNREACHABLE'), 'desk: the service answers again']);
  },
  180_000,
);
