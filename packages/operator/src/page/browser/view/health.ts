import type { Criterion, CriterionName, HealthVerdict, MigrationStatus } from '@lighthouse-compat/sdk';
import { number, percent, unknown, words } from './format.js';
import type { Tone } from './parts.js';

/** One criterion as a card: its figure, how far that is from its limit, and what the sample leaves possible. */
export type HealthCard = {
  readonly name: string;
  readonly decides: boolean;
  readonly verdict: string;
  readonly tone: Tone;
  readonly value: string;
  readonly distance: string;
  /** Percent of the bar's width, whose end is twice the limit; null where there is nothing to draw. */
  readonly bar: { readonly value: number; readonly from: number; readonly to: number } | null;
  readonly range: string;
  readonly samples: string;
};

/** The newest check: its verdict, what it adds up to, and a card for each criterion. */
export type Health = {
  readonly verdict: string;
  readonly tone: Tone;
  readonly note: string;
  readonly cards: readonly HealthCard[];
};

const names: Readonly<Record<CriterionName, string>> = {
  v5_errors: 'Errors of v5',
  callers_errors: 'Errors for callers',
  latency: 'v5 slower by',
  divergence: 'Answers that differ',
  critical: 'Contradictions',
  pending: 'Not judged yet',
};

const tones: Readonly<Record<HealthVerdict, Tone>> = {
  pass: 'good',
  fail: 'bad',
  inconclusive: 'attention',
  no_data: 'plain',
};

function distanceOf({ valuePercent, limitPercent }: Criterion): string {
  if (valuePercent === null) return `limit ${percent(limitPercent)}`;
  const left = limitPercent - valuePercent;
  const place = left === 0 ? 'at' : `${number(Math.abs(left))} points ${left > 0 ? 'below' : 'above'}`;
  return `${place} the limit of ${percent(limitPercent)}`;
}

function barOf({ valuePercent, limitPercent, lowerPercent, upperPercent }: Criterion): HealthCard['bar'] {
  if (valuePercent === null || limitPercent <= 0) return null;
  const place = (value: number): number => Math.min(100, Math.max(0, (value / (2 * limitPercent)) * 100));
  return {
    value: place(valuePercent),
    from: place(lowerPercent ?? valuePercent),
    to: place(upperPercent ?? valuePercent),
  };
}

function samplesOf({ samples, controlPercent }: Criterion): string {
  const of = (['v4', 'v5'] as const).flatMap((version) => {
    const count = samples[version];
    return count === null ? [] : [`${version} ${number(count)}`];
  });
  return [
    ...(of.length === 0 ? [] : [`samples: ${of.join(', ')}`]),
    ...(controlPercent === null ? [] : [`v4 itself ${percent(controlPercent)}`]),
  ].join('; ');
}

const cardOf = (criterion: Criterion, decidedBy: CriterionName | null): HealthCard => {
  const { name, verdict, valuePercent, lowerPercent, upperPercent } = criterion;
  return {
    name: names[name],
    decides: name === decidedBy,
    verdict: words(verdict),
    tone: tones[verdict],
    value: percent(valuePercent),
    distance: distanceOf(criterion),
    bar: barOf(criterion),
    range:
      lowerPercent === null && upperPercent === null
        ? ''
        : `from ${lowerPercent === null ? unknown : percent(lowerPercent)} to ${upperPercent === null ? unknown : percent(upperPercent)} is possible`,
    samples: samplesOf(criterion),
  };
};

/** What the newest check of a migration says; null before the first. */
export function healthOf({ check, state, plan }: MigrationStatus): Health | null {
  if (check === null) return null;
  const { fails } = state.streak;
  return {
    verdict: words(check.verdict),
    tone: tones[check.verdict],
    note: `${check.why === undefined ? '' : `${check.why}. `}${check.isCritical ? 'The engines contradict each other. ' : ''}${fails} of ${plan.health.failingChecks} failing checks in a row, which are a rollback.`,
    cards: check.criteria.map((criterion) => cardOf(criterion, check.decidedBy)),
  };
}
