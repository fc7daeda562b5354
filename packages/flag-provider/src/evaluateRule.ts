import {
  ErrorCode,
  type EvaluationContext,
  type FlagMetadata,
  type FlagValue,
  type FlagValueType,
  type ResolutionDetails,
  StandardResolutionReasons,
} from '@openfeature/server-sdk';
import { normalizedValue } from './bucketing.js';
import type { LocalFlagRule } from './localFlagRule.js';

/** What is asked of a rule: the flag type the caller wants, its default, and the context of the call. */
export type Question<T extends FlagValue> = {
  readonly flagKey: string;
  readonly type: FlagValueType;
  readonly defaultValue: T;
  readonly context: EvaluationContext;
};

/** Gives what a rule, or the want of one, says to a question; an error is a value with its code and the caller's default, never thrown. */
export function evaluateRule<T extends FlagValue>(
  rule: LocalFlagRule | undefined,
  question: Question<T>,
): ResolutionDetails<T> {
  const { flagKey, type, defaultValue, context } = question;
  if (rule === undefined) {
    return failure(defaultValue, ErrorCode.FLAG_NOT_FOUND, `no flag "${flagKey}"`);
  }
  if (rule.type !== type) {
    return failure(defaultValue, ErrorCode.TYPE_MISMATCH, `flag "${flagKey}" is a ${rule.type}, not a ${type}`);
  }
  if (rule.kind === 'constant') {
    return { value: rule.value as T, reason: StandardResolutionReasons.STATIC, ...constantVariant(rule.value) };
  }

  const { percent, groupId } = rule;
  const { targetingKey } = context;
  const hasKey = typeof targetingKey === 'string' && targetingKey !== '';
  const everyKeyAlike = percent === 0 || percent === 100;
  if (!hasKey && !everyKeyAlike) {
    const message = `flag "${flagKey}" is rolled out to ${percent} percent of keys and the context has no targetingKey`;
    return { ...failure(defaultValue, ErrorCode.TARGETING_KEY_MISSING, message), flagMetadata: { percent, groupId } };
  }
  const bucket = hasKey ? normalizedValue(targetingKey, groupId) : undefined;
  // Buckets are 1 to 100, so that 0 and 100 need none.
  const inRollout = bucket === undefined ? percent === 100 : bucket <= percent;
  const flagMetadata: FlagMetadata = bucket === undefined ? { percent, groupId } : { bucket, percent, groupId };
  // At 0 and 100 nothing is assigned by key: the outcome is as fixed as a constant's, and says so.
  const reason = everyKeyAlike ? StandardResolutionReasons.STATIC : StandardResolutionReasons.SPLIT;
  if (type === 'boolean') {
    const value = inRollout && rule.value === true;
    return { value: value as T, reason, variant: booleanVariant(value), flagMetadata };
  }
  return inRollout
    ? { value: rule.value as T, reason, variant: 'in', flagMetadata }
    : { value: defaultValue, reason, variant: 'out', flagMetadata };
}

/** Answers with the caller's default and says why: returned and not thrown, so that metadata reaches the caller and a MultiProvider sees the code. */
export function failure<T extends FlagValue>(
  defaultValue: T,
  errorCode: ErrorCode,
  errorMessage: string,
): ResolutionDetails<T> {
  return { value: defaultValue, reason: StandardResolutionReasons.ERROR, errorCode, errorMessage };
}

function constantVariant(value: LocalFlagRule['value']): { variant?: string } {
  return typeof value === 'boolean' ? { variant: booleanVariant(value) } : {};
}

function booleanVariant(value: boolean): 'on' | 'off' {
  return value ? 'on' : 'off';
}
