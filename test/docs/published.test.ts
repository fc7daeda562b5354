import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';

test.each(['conversions', 'flag-provider', 'operator', 'report', 'sdk'])(
  'every file that the exports of %s name is packed, and is what they say',
  async (name) => {
    const { messages, pkg } = await publint({ pkgDir: `${root}/packages/${name}`, pack: 'npm', strict: true });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  },
);
