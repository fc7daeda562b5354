import { parseArgs } from 'node:util';

/** What the command line asks for; without `minutes` a person ends it. */
export type DemoOptions = {
  readonly script: boolean;
  readonly json: boolean;
  readonly minutes: number | undefined;
};

/** The usage of a demo: its command, what a person does with it, and what it does by itself. */
export const usageOf = (
  command: string,
  { about, script }: { readonly about: string; readonly script: string },
): string => `Usage: npm run ${command} -- [--minutes N | --script] [--json]

${about}

  --minutes N   ends by itself after so many minutes
  --script      ${script}
  --json        the summary as one JSON object on the last line
  --help        this text

Exit code: 0 when everything held, 1 when something did not, 2 for a wrong option, 130 after
Ctrl-C before it had begun or during --script.`;

/** Reads the arguments; an error's message says what is wrong with them. */
export function parseOptions(args: readonly string[]): DemoOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      script: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      minutes: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) return 'help';
  const { script, json } = values;
  if (values.minutes === undefined) return { script, json, minutes: undefined };
  const minutes = Number(values.minutes);
  if (script) throw new Error('--minutes is for a person, and --script ends by itself');
  if (!Number.isFinite(minutes) || minutes <= 0) throw new Error('--minutes: a number above 0 is needed');
  return { script, json, minutes };
}
