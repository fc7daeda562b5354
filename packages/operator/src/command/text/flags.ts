import type { FlagSetUp, FlagState } from '@lighthouse-compat/flag-provider/unleash/admin';
import type { Cell } from '../../page/browser/view/parts.js';
import type { FlagReading } from '../readFlags.js';
import type { Paint } from '../terminal.js';
import { clean } from './clean.js';
import { columns } from './columns.js';

const differenceText = ({ path, found, wanted }: { path: string; found: string; wanted: string }): string =>
  clean(`${path}: found ${found}, wanted ${wanted}`);

const setUpText = (result: FlagSetUp): Cell => {
  switch (result.kind) {
    case 'created':
      return { text: 'created, off', tone: 'good' };
    case 'completed':
      return { text: 'was there without a rollout in this environment, and has one now; off', tone: 'good' };
    case 'present':
      return { text: `is there, ${result.enabled ? 'on' : 'off'}` };
    case 'differs':
      return { text: 'is there in another shape, and was not touched:', tone: 'bad' };
  }
};

/** What a set-up came to, a line each. */
export const setUpLines = (results: readonly FlagSetUp[], paint: Paint): string =>
  results
    .map((result) => {
      const { text, tone = 'plain' } = setUpText(result);
      const differences = result.kind === 'differs' ? result.differences : [];
      return `  ${result.flagKey.padEnd(28)}${paint(tone, text)}\n${differences.map((each) => `    ${differenceText(each)}\n`).join('')}`;
    })
    .join('');

/** To whom a flag gives what it is for. */
function givenText({ strategies }: FlagState): string {
  const [strategy, ...others] = strategies;
  if (strategy === undefined) return 'no strategy';
  if (others.length > 0) return `${strategies.length} strategies`;
  const share = `${String(strategy.parameters['rollout'] ?? '?')} %`;
  const weights = strategy.variants.filter(({ weight }) => weight > 0);
  return weights.length === 0
    ? share
    : `${share}: ${weights.map(({ payload, name, weight }) => `${payload?.value ?? name} ${weight / 10} %`).join(', ')}`;
}

/** The flags as they are, a line each. */
export const flagLines = (readings: readonly FlagReading[], paint: Paint): string =>
  columns(
    readings.flatMap(({ flagKey, flag, differences }): readonly Cell[][] => [
      flag === null
        ? [{ text: flagKey }, { text: 'missing', tone: 'bad' as const }]
        : [
            { text: flagKey },
            { text: flag.enabled ? 'on' : 'off', tone: flag.enabled ? ('attention' as const) : ('plain' as const) },
            { text: givenText(flag) },
          ],
      ...differences.map((each): Cell[] => [
        { text: '' },
        { text: '' },
        { text: differenceText(each), tone: 'bad' as const },
      ]),
    ]),
    paint,
  );
