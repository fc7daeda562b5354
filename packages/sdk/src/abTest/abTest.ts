import { CompatError } from '../errors.js';
import type { Operation } from '../operation.js';

/** What a test is made from. */
export type AbTestOptions = {
  /** 1 to 64 letters, digits, `.`, `_`, `~` and `-`; it is also the group by which sessions are assigned. */
  readonly name: string;
  /** The share of sessions, or of requests where they are not sticky, for v5: a whole number from 0 to 100. */
  readonly v5Percent: number;
  /** Unix time in milliseconds; default now. */
  readonly startMs?: number;
  /** How long from the start, in milliseconds. */
  readonly durationMs: number;
  /** True, the default: a session is always assigned alike, by its id. False: each request by chance. */
  readonly stickySessions?: boolean;
  /** The operations that the test is about; default all. */
  readonly operations?: readonly Operation[];
};

/** A test, once checked. */
export type AbTest = {
  readonly name: string;
  readonly v5Percent: number;
  readonly startMs: number;
  /** The first moment at which the test is over. */
  readonly endMs: number;
  readonly stickySessions: boolean;
  readonly operations: readonly Operation[];
};

/** Where a test is in its life. */
export type AbTestStatus = 'planned' | 'running' | 'over' | 'stopped';

const allOperations: Readonly<Record<Operation, true>> = {
  new_payload: true,
  forkchoice_updated: true,
  get_payload: true,
};
const nameForm = /^[A-Za-z0-9._~-]{1,64}$/;

/** How many tests are kept at most, those that are over or stopped included. */
export const maxTests = 32;

/** Whether a test may have this name. */
export const isTestName = (name: string): boolean => nameForm.test(name);

const optionKeys: readonly string[] = [
  'name',
  'v5Percent',
  'startMs',
  'durationMs',
  'stickySessions',
  'operations',
] satisfies readonly (keyof AbTestOptions)[];

const invalid = (path: string, what: string): never => {
  throw new CompatError('INVALID_OPTION', `${path}: ${what}`, { path });
};

/** Throws UNKNOWN_OPERATION, with `path`, unless the value names an operation. */
export function requireOperation(value: unknown, path: string): Operation {
  if (typeof value === 'string' && Object.hasOwn(allOperations, value)) return value as Operation;
  throw new CompatError('UNKNOWN_OPERATION', `${path}: one of ${Object.keys(allOperations).join(', ')} is needed`, {
    path,
  });
}

function parseTime(options: AbTestOptions, nowMs: number): { startMs: number; endMs: number } {
  const { startMs = nowMs, durationMs } = options;
  const invalidTime = (path: string, what: string): never => {
    throw new CompatError('INVALID_TEST_TIME', `${path}: ${what}`, { path });
  };
  if (!Number.isFinite(startMs) || startMs < 0) invalidTime('startMs', 'a Unix time in milliseconds is needed');
  if (!Number.isFinite(durationMs) || durationMs <= 0)
    invalidTime('durationMs', 'a number of milliseconds above 0 is needed: a test ends after its start');
  const endMs = startMs + durationMs;
  if (endMs <= nowMs) invalidTime('durationMs', 'the test would be over already');
  return { startMs, endMs };
}

function parseOperations(value: unknown): readonly Operation[] {
  if (value === undefined) return Object.freeze(Object.keys(allOperations) as Operation[]);
  if (!Array.isArray(value) || value.length === 0) return invalid('operations', 'a list of operations is needed');
  return Object.freeze([...new Set(value.map((item, i) => requireOperation(item, `operations[${i}]`)))]);
}

/** Checks what a test is to be made from at `nowMs`; throws INVALID_OPTION, INVALID_TEST_NAME, INVALID_PERCENT, INVALID_TEST_TIME or UNKNOWN_OPERATION, with the field's path. */
export function parseAbTest(options: AbTestOptions, nowMs: number): AbTest {
  if (typeof options !== 'object' || options === null) return invalid('options', 'an object is needed');
  for (const key of Object.keys(options)) if (!optionKeys.includes(key)) invalid(key, 'there is no such option');
  const { name, v5Percent, stickySessions = true } = options;
  if (typeof name !== 'string' || !isTestName(name)) {
    throw new CompatError('INVALID_TEST_NAME', "name: 1 to 64 letters, digits, '.', '_', '~' and '-' are needed", {
      path: 'name',
    });
  }
  if (!Number.isInteger(v5Percent) || v5Percent < 0 || v5Percent > 100) {
    throw new CompatError('INVALID_PERCENT', 'v5Percent: a whole number from 0 to 100 is needed', {
      path: 'v5Percent',
    });
  }
  if (typeof stickySessions !== 'boolean') invalid('stickySessions', 'true or false is needed');
  const operations = parseOperations(options.operations);
  return Object.freeze({ name, v5Percent, ...parseTime(options, nowMs), stickySessions, operations });
}
