import {
  ErrorCode,
  type FlagMetadata,
  type FlagValue,
  type Logger,
  StandardResolutionReasons as Reason,
  type ResolutionDetails,
  type ResolutionReason,
} from '@openfeature/server-sdk';
import type { Unleash } from 'unleash-client';
import { failure, type Question } from '../evaluateRule.js';
import { type Context, peekVariant } from './client.js';
import { addStaticContext, unleashContext } from './context.js';
import { type Explanation, explainVariant } from './explain.js';
import type { Flag, Flags } from './flags.js';
import { readPayload } from './payload.js';
import { isSafeKey, shownKey } from './safeKey.js';

/** The flags in force, and what is known about them. */
export type FlagSet = {
  readonly unleash: Unleash;
  /** What the client adds to every context. */
  readonly staticContext: Context;
  readonly flags: Flags;
  readonly environment: string | undefined;
  readonly revision: number | undefined;
  /** Whether the server has not been heard for too long: then every answer says so. */
  readonly isStale: boolean;
};

/** Gives what Unleash says to a question; an error is a value with its code and the caller's default, never thrown. */
export function evaluate<T extends FlagValue>(
  set: FlagSet,
  question: Question<T>,
  logger?: Logger,
): ResolutionDetails<T> {
  const { flagKey, defaultValue } = question;
  if (!isSafeKey(flagKey)) return notFound(question);
  const flag = set.flags.get(flagKey);
  if (flag === undefined) {
    // The server shows which unknown flags are asked for.
    set.unleash.count(flagKey, false);
    return notFound(question);
  }
  const context = unleashContext(question.context, logger);
  try {
    return question.type === 'boolean'
      ? (evaluateBoolean(set, flag, context) as ResolutionDetails<T>)
      : evaluateVariant(set, flag, context, question);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failure(defaultValue, ErrorCode.GENERAL, `flag "${flagKey}" cannot be evaluated: ${message}`);
  }
}

function notFound<T extends FlagValue>({ flagKey, defaultValue }: Question<T>): ResolutionDetails<T> {
  return failure(defaultValue, ErrorCode.FLAG_NOT_FOUND, `no flag ${shownKey(flagKey)}`);
}

function evaluateBoolean(set: FlagSet, flag: Flag, context: Context): ResolutionDetails<boolean> {
  const value = set.unleash.isEnabled(flag.name, context, false);
  addStaticContext(context, set.staticContext);
  const explanation = flag.explain(context, value);
  const reason = reasonIn(set, explanation.reason);
  const flagMetadata = metadata(set, flag, explanation, value);
  if (!value || explanation.variants.length === 0) return { value, reason, flagMetadata };
  const chosen = peekVariant(set.unleash, flag.name, context);
  return chosen?.enabled ? { value, reason, variant: chosen.name, flagMetadata } : { value, reason, flagMetadata };
}

function evaluateVariant<T extends FlagValue>(
  set: FlagSet,
  flag: Flag,
  context: Context,
  { type, defaultValue }: Question<T>,
): ResolutionDetails<T> {
  const variant = set.unleash.getVariant(flag.name, context);
  addStaticContext(context, set.staticContext);
  const isOn = variant.feature_enabled === true;
  const explanation = flag.explain(context, isOn);
  const flagMetadata = metadata(set, flag, explanation, isOn);
  if (!variant.enabled) {
    // Off, or on without variants: there is nothing but the caller's default.
    const reason = isOn ? Reason.DEFAULT : explanation.reason;
    return { value: defaultValue, reason: reasonIn(set, reason), flagMetadata };
  }
  const { name, payload } = variant;
  if (!payload) {
    return { value: defaultValue, reason: reasonIn(set, Reason.DEFAULT), variant: name, flagMetadata };
  }
  const reading = readPayload(payload, type);
  if (reading.kind === 'error') {
    const message = `flag "${flag.name}", variant "${name}": ${reading.errorMessage}`;
    return { ...failure(defaultValue, reading.errorCode, message), variant: name, flagMetadata };
  }
  const reason = explainVariant(explanation, context);
  return { value: reading.value as T, reason: reasonIn(set, reason), variant: name, flagMetadata };
}

function reasonIn({ isStale }: FlagSet, reason: ResolutionReason): ResolutionReason {
  return isStale ? Reason.STALE : reason;
}

function metadata(
  { environment, revision }: FlagSet,
  { project }: Flag,
  { bucket }: Explanation,
  isOn: boolean,
): FlagMetadata {
  const made: { [key: string]: boolean | number | string } = { feature_enabled: isOn };
  if (project !== undefined) made['project'] = project;
  if (environment !== undefined) made['environment'] = environment;
  if (revision !== undefined) made['revision'] = revision;
  if (bucket !== undefined) made['bucket'] = bucket;
  return made;
}
