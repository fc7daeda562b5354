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
import { type Context, type FlagDefinition, peekVariant } from './client.js';
import { unleashContext } from './context.js';
import { type Explanation, explain, explainVariant } from './explain.js';
import { readPayload } from './payload.js';
import { isSafeKey, shownKey } from './safeKey.js';

/** The flags in force, and what is known about them. */
export type FlagSet = {
  readonly unleash: Unleash;
  /** What the client adds to every context. */
  readonly staticContext: Context;
  readonly definitions: ReadonlyMap<string, FlagDefinition>;
  readonly environment: string | undefined;
  readonly revision: number | undefined;
  /** Whether the server has not been heard for too long: then every answer says so. */
  readonly isStale: boolean;
};

/** Gives what Unleash says to a question; an error is a value with its code and the caller's default, never thrown. */
export function evaluate<T extends FlagValue>(
  flags: FlagSet,
  question: Question<T>,
  logger?: Logger,
): ResolutionDetails<T> {
  const { flagKey, defaultValue } = question;
  const notFound = () => failure(defaultValue, ErrorCode.FLAG_NOT_FOUND, `no flag ${shownKey(flagKey)}`);
  if (!isSafeKey(flagKey)) return notFound();
  const flag = flags.definitions.get(flagKey);
  if (flag === undefined) {
    // The server shows which unknown flags are asked for.
    flags.unleash.count(flagKey, false);
    return notFound();
  }
  const context = unleashContext(question.context, logger);
  try {
    return question.type === 'boolean'
      ? (evaluateBoolean(flags, flag, context) as ResolutionDetails<T>)
      : evaluateVariant(flags, flag, context, question);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failure(defaultValue, ErrorCode.GENERAL, `flag "${flagKey}" cannot be evaluated: ${message}`);
  }
}

function evaluateBoolean(flags: FlagSet, flag: FlagDefinition, context: Context): ResolutionDetails<boolean> {
  const value = flags.unleash.isEnabled(flag.name, context, false);
  const explanation = explainIn(flags, flag, context, value);
  const chosen =
    value && explanation.variants.length > 0
      ? peekVariant(flags.unleash, flag.name, { ...flags.staticContext, ...context })
      : undefined;
  return {
    value,
    reason: reasonIn(flags, explanation.reason),
    ...(chosen?.enabled ? { variant: chosen.name } : {}),
    flagMetadata: metadata(flags, flag, explanation, value),
  };
}

function evaluateVariant<T extends FlagValue>(
  flags: FlagSet,
  flag: FlagDefinition,
  context: Context,
  { type, defaultValue }: Question<T>,
): ResolutionDetails<T> {
  const variant = flags.unleash.getVariant(flag.name, context);
  const isOn = variant.feature_enabled === true;
  const explanation = explainIn(flags, flag, context, isOn);
  const flagMetadata = metadata(flags, flag, explanation, isOn);
  if (!variant.enabled) {
    // Off, or on without variants: there is nothing but the caller's default.
    const reason = isOn ? Reason.DEFAULT : explanation.reason;
    return { value: defaultValue, reason: reasonIn(flags, reason), flagMetadata };
  }
  const { name, payload } = variant;
  if (!payload) {
    return { value: defaultValue, reason: reasonIn(flags, Reason.DEFAULT), variant: name, flagMetadata };
  }
  const reading = readPayload(payload, type);
  if (reading.kind === 'error') {
    const message = `flag "${flag.name}", variant "${name}": ${reading.errorMessage}`;
    return { ...failure(defaultValue, reading.errorCode, message), variant: name, flagMetadata };
  }
  const reason = explainVariant(explanation, { ...flags.staticContext, ...context });
  return { value: reading.value as T, reason: reasonIn(flags, reason), variant: name, flagMetadata };
}

function explainIn(flags: FlagSet, flag: FlagDefinition, context: Context, isOn: boolean): Explanation {
  return explain(flag, { ...flags.staticContext, ...context }, isOn);
}

function reasonIn({ isStale }: FlagSet, reason: ResolutionReason): ResolutionReason {
  return isStale ? Reason.STALE : reason;
}

function metadata(
  { environment, revision }: FlagSet,
  { project }: FlagDefinition,
  { bucket }: Explanation,
  isOn: boolean,
): FlagMetadata {
  return {
    feature_enabled: isOn,
    ...(project === undefined ? {} : { project }),
    ...(environment === undefined ? {} : { environment }),
    ...(revision === undefined ? {} : { revision }),
    ...(bucket === undefined ? {} : { bucket }),
  };
}
