import { CompatError } from '../errors.js';
import { defaultPlan, type MigrationPlan, type MigrationPlanOptions } from './plan.js';
import { type Bounds, forkTimeBounds, healthBounds, parallelBounds, stepBounds, topBounds } from './planBounds.js';

/** What is wrong with one option of a plan. */
export type PlanProblemCode =
  | 'UNKNOWN_OPTION'
  | 'INVALID_TYPE'
  | 'OUT_OF_RANGE'
  | 'STEPS_NOT_RISING'
  | 'LAST_STEP_NOT_100'
  | 'FLEET_NEEDS_NODE_STICKINESS';

/** One thing that is wrong, with the option's path. */
export type PlanProblem = { readonly code: PlanProblemCode; readonly path: string; readonly message: string };

type Report = (code: PlanProblemCode, path: string, what: string) => void;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checkNumber(value: unknown, { min, max, isFraction }: Bounds, path: string, report: Report): void {
  if (typeof value !== 'number' || !(isFraction === true ? Number.isFinite(value) : Number.isSafeInteger(value)))
    report('INVALID_TYPE', path, `a ${isFraction === true ? '' : 'whole '}number is needed`);
  else if (value < min || value > max) report('OUT_OF_RANGE', path, `from ${min} to ${max}`);
}

function checkGroup<K extends string>(
  value: unknown,
  bounds: Readonly<Record<K, Bounds>>,
  path: string,
  report: Report,
): void {
  if (value === undefined) return;
  if (!isRecord(value)) {
    report('INVALID_TYPE', path, 'an object is needed');
    return;
  }
  for (const [key, member] of Object.entries(value)) {
    if (!Object.hasOwn(bounds, key)) report('UNKNOWN_OPTION', `${path}.${key}`, 'there is no such option');
    else if (member !== undefined) checkNumber(member, bounds[key as K], `${path}.${key}`, report);
  }
}

function checkSteps(steps: unknown, report: Report): void {
  if (!Array.isArray(steps) || steps.length === 0) {
    report('INVALID_TYPE', 'steps', 'a list of percentages that is not empty is needed');
    return;
  }
  steps.forEach((step: unknown, at) => {
    checkNumber(step, stepBounds, `steps[${at}]`, report);
    if (at > 0 && typeof step === 'number' && !(step > steps[at - 1]))
      report('STEPS_NOT_RISING', `steps[${at}]`, `above the step before it, ${steps[at - 1]}`);
  });
  if (steps.at(-1) !== 100) report('LAST_STEP_NOT_100', `steps[${steps.length - 1}]`, 'the last step is 100');
}

function checkForkTime(time: unknown, report: Report): void {
  if (time === undefined || time === null) return;
  if (typeof time !== 'bigint') checkNumber(time, forkTimeBounds, 'cancunTime', report);
  else if (time < 0n || time > BigInt(forkTimeBounds.max))
    report('OUT_OF_RANGE', 'cancunTime', 'a time in Unix seconds');
}

function findProblems(options: unknown): readonly PlanProblem[] {
  const problems: PlanProblem[] = [];
  const report: Report = (code, path, what) => {
    problems.push(Object.freeze({ code, path, message: `${path}: ${what}` }));
  };
  if (!isRecord(options)) {
    report('INVALID_TYPE', 'plan', 'an object is needed');
    return problems;
  }
  for (const key of Object.keys(options))
    if (!Object.hasOwn(defaultPlan, key)) report('UNKNOWN_OPTION', key, 'there is no such option');
  if (options['steps'] !== undefined) checkSteps(options['steps'], report);
  for (const [key, bounds] of Object.entries(topBounds))
    if (options[key] !== undefined) checkNumber(options[key], bounds, key, report);
  checkGroup(options['parallel'], parallelBounds, 'parallel', report);
  checkGroup(options['health'], healthBounds, 'health', report);
  checkForkTime(options['cancunTime'], report);
  const { fleet = defaultPlan.fleet, stickiness = defaultPlan.stickiness } = options;
  if (typeof fleet !== 'boolean') report('INVALID_TYPE', 'fleet', 'true or false is needed');
  if (stickiness !== 'block' && stickiness !== 'node')
    report('INVALID_TYPE', 'stickiness', "'block' or 'node' is needed");
  if (fleet === true && stickiness === 'block') {
    report(
      'FLEET_NEEDS_NODE_STICKINESS',
      'stickiness',
      "'node' is needed in a fleet: with 'block' one block goes to v5 on every node at once",
    );
  }
  return problems;
}

/** The members that were told, those that say undefined left out. */
const told = <T extends object>(options: T | undefined): Partial<T> =>
  Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Checks a plan's options and fills in the defaults; throws INVALID_PLAN with every problem at once. */
export function parsePlan(options: MigrationPlanOptions = {}): MigrationPlan {
  const problems = findProblems(options);
  if (problems.length > 0) {
    const message = `the migration plan cannot be used: ${problems.map((problem) => problem.message).join('; ')}`;
    throw new CompatError('INVALID_PLAN', message, { path: problems[0]?.path ?? 'plan', problems });
  }
  const { parallel, health, cancunTime, steps, ...rest } = options;
  return Object.freeze({
    ...defaultPlan,
    ...told(rest),
    steps: Object.freeze([...(steps ?? defaultPlan.steps)]),
    parallel: Object.freeze({ ...defaultPlan.parallel, ...told(parallel) }),
    health: Object.freeze({ ...defaultPlan.health, ...told(health) }),
    cancunTime: cancunTime === undefined || cancunTime === null ? null : Number(cancunTime),
  });
}
