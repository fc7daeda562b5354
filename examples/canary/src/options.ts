import { parseArgs } from 'node:util';

/** What the command line asks for. */
export type DemoOptions = { readonly json: boolean; readonly quick: boolean };

export const usage = `Usage: npm run demo -- [--quick] [--json]

Starts two execution clients of one genesis, one for Lighthouse v4's structures and one
for v5's, and moves the share of blocks that v5 answers from 0 % to 100 % and back.

  --quick   about a fifth of the blocks
  --json    the summary as one JSON object on the last line
  --help    this text

Exit code: 0 when everything held, 1 when something did not, 2 for a wrong option, 130 after Ctrl-C.`;

/** Reads the arguments; an error's message says what is wrong with them. */
export function parseOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) return 'help';
  return { json: values.json === true, quick: values.quick === true };
}
