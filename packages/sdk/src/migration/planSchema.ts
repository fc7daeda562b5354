import { defaultPlan, type HealthLimits, type MigrationPlan } from './plan.js';
import { type Bounds, forkTimeBounds, healthBounds, parallelBounds, stepBounds, topBounds } from './planBounds.js';

/** A JSON Schema (draft-07), as its JSON has it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

const number = ({ min, max, isFraction }: Bounds): JsonSchema => ({
  type: isFraction === true ? 'number' : 'integer',
  minimum: min,
  maximum: max,
});

type Said<K extends string> = Readonly<Record<K, string>>;

const object = (properties: { readonly [name: string]: JsonSchema }, description: string): JsonSchema => ({
  description,
  type: 'object',
  additionalProperties: false,
  properties,
});

const numbers = <K extends string>(
  bounds: Readonly<Record<K, Bounds>>,
  defaults: Readonly<Record<K, number>>,
  said: Said<K>,
): { readonly [name: string]: JsonSchema } =>
  Object.fromEntries(
    (Object.keys(bounds) as K[]).map((name) => [
      name,
      { description: said[name], ...number(bounds[name]), default: defaults[name] },
    ]),
  );

const healthSaid: Said<keyof HealthLimits> = {
  errorRatePercent: "Limit of v5's errors, and of callers' errors, in percent.",
  latencyRegressionPercent: 'How much slower than v4 v5 may be on average, in percent.',
  divergencePercent: 'Limit of the answers that differ, in percent of those compared.',
  pendingPercent: 'SYNCING and ACCEPTED above which a check is not clear, in percent.',
  minimumSamples: 'Attempts at each engine below which a check says nothing.',
  windowMs: 'How far a check looks back at most, in milliseconds.',
  failingChecks: 'So many in a row are a rollback.',
  falseAlarm: 'The probability, over the whole plan, of rolling back a v5 that is as good as v4.',
};

const parallelSaid: Said<keyof MigrationPlan['parallel']> = {
  comparisons: 'Answers to compare before the canary.',
  coveragePercent: 'How many of the calls that should be compared must have been, in percent.',
  expectedMs: 'How long the phase is meant to take, in milliseconds.',
};

const topSaid: Said<keyof typeof topBounds> = {
  incrementPoints: 'The most that the share rises by at once, in points.',
  firstStepMs: 'How long the first step is stayed at, in milliseconds.',
  stepMs: 'How long every other step is stayed at, in milliseconds.',
  checkEveryMs: 'In milliseconds.',
  rollbackDeadlineMs: 'A rollback that is not verified within it has failed; in milliseconds.',
  forkMarginMs: 'So long before Cancun a running plan is held, in milliseconds.',
};

/** The JSON Schema of a plan's options, as a file has them; what hangs together between two options only parsePlan checks. */
export const planSchema: JsonSchema = object(
  {
    steps: {
      description: 'Shares of the calls that v5 answers, in percent, rising to 100.',
      type: 'array',
      minItems: 1,
      items: number(stepBounds),
      default: defaultPlan.steps,
    },
    ...numbers(topBounds, defaultPlan, topSaid),
    parallel: object(numbers(parallelBounds, defaultPlan.parallel, parallelSaid), 'The phase before the canary.'),
    health: object(numbers(healthBounds, defaultPlan.health, healthSaid), 'What a check is held against.'),
    cancunTime: {
      description: 'When Cancun begins, in Unix seconds; null where no such time is known.',
      ...number(forkTimeBounds),
      type: ['integer', 'null'],
      default: null,
    },
    fleet: {
      description: "Whether other nodes migrate with this one; needs the stickiness 'node'.",
      type: 'boolean',
      default: defaultPlan.fleet,
    },
    stickiness: {
      description: "What keeps a call's way: the block's hash, or the node.",
      enum: ['block', 'node'],
      default: defaultPlan.stickiness,
    },
  },
  'How the migration goes.',
);
