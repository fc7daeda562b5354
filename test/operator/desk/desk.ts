import { onTestFinished } from 'vitest';
import { startDesk } from '../../../packages/operator/src/desk/desk.js';
import type { DeskOptions } from '../../../packages/operator/src/desk/options.js';
import { asker, rawAnswer } from '../control/control.js';

/** A desk for the service at an address, ended with the test. */
export async function openDesk(url: string, options: Partial<DeskOptions> & { readonly timeoutMs?: number } = {}) {
  const { timeoutMs, ...rest } = options;
  const said: string[] = [];
  const say = (message: string): void => {
    said.push(message);
  };
  const desk = await startDesk({
    service: { url, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    logger: { info: say, warn: say, error: say },
    ...rest,
  });
  onTestFinished(() => desk.close());
  const base = desk.url.replace(/\/$/, '');
  const { port } = new URL(desk.url);
  return {
    desk,
    base,
    said,
    ...asker(base),
    raw: (text: string): Promise<string> => rawAnswer(Number(port), text, { end: false }),
  };
}
