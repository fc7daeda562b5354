import type { Verdict } from '@lighthouse-compat/sdk';
import type { StatusAnswer } from '../../../control/answers.js';
import { number, words } from './format.js';
import type { Fact, Table, Tone } from './parts.js';

const tones: Readonly<Record<Verdict, Tone>> = {
  match: 'good',
  pending: 'plain',
  mismatch: 'attention',
  critical: 'bad',
  v4_error: 'attention',
  v5_error: 'attention',
  both_errors: 'attention',
  unsupported: 'plain',
  not_compared: 'plain',
};

/** How often each verdict was given. */
export const verdictFacts = ({ stats: { verdicts } }: StatusAnswer): readonly Fact[] =>
  (Object.keys(tones) as Verdict[]).map((verdict) => ({
    name: words(verdict),
    value: number(verdicts[verdict]),
    tone: verdicts[verdict] === 0 ? 'plain' : tones[verdict],
  }));

const shownSamples = 5;

/** The newest answers that differed; null where none did. */
export function divergenceTable({ stats: { samples } }: StatusAnswer): Table | null {
  if (samples.length === 0) return null;
  return {
    caption: 'The newest answers that differed',
    columns: ['operation', 'verdict', 'key', 'where', 'v4', 'v5'],
    rows: samples
      .slice(-shownSamples)
      .reverse()
      .flatMap(({ operation, verdict, targetingKey, differences }) =>
        differences.map(({ path, v4, v5 }) => [
          { text: operation },
          { text: words(verdict), tone: tones[verdict] },
          { text: targetingKey ?? '-' },
          { text: path },
          { text: v4 },
          { text: v5 },
        ]),
      ),
  };
}
