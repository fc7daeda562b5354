import { types } from 'node:util';
import type { EvaluationContext, Logger } from '@openfeature/server-sdk';
import type { Context, Properties } from './client.js';
import { readTime } from './clock.js';
import { isSafeKey, shownKey } from './safeKey.js';

type OwnField = 'userId' | 'sessionId' | 'remoteAddress' | 'environment' | 'appName';
const ownFields: ReadonlySet<string> = new Set<OwnField>([
  'userId',
  'sessionId',
  'remoteAddress',
  'environment',
  'appName',
]);
const isOwnField = (key: string): key is OwnField => ownFields.has(key);

/**
 * Makes an Unleash context of an OpenFeature one.
 *
 * targetingKey becomes userId and comes before a userId; sessionId, remoteAddress, environment, appName and currentTime
 * keep their names; everything else becomes a property. Values are texts; what has none (null, objects, arrays) and
 * what has a hostile name is left out and told to the logger's debug.
 *
 * Source: unleash-client, lib/context.ts.
 */
export function unleashContext(context: EvaluationContext, logger?: Logger): Context {
  // Made for every evaluation, by assignments: spreading and putting together entries cost twenty times as much.
  const made: Context = {};
  let properties: Properties | undefined;
  for (const key of Object.keys(context)) {
    const value = context[key];
    if (value === undefined || key === 'targetingKey') continue;
    const read = key === 'currentTime' ? readTime(value) : textOf(value);
    // Past this check no assignment meets Object.prototype.
    if (read === undefined || !isSafeKey(key)) {
      logger?.debug(`the context's ${shownKey(key)} is left out: Unleash takes texts, numbers, booleans and dates`);
    } else if (typeof read !== 'string') {
      made.currentTime = read;
    } else if (isOwnField(key)) {
      made[key] = read;
    } else {
      properties ??= {};
      properties[key] = read;
    }
  }
  const userId = textOf(context.targetingKey);
  if (userId !== undefined && userId !== '') made.userId = userId;
  if (properties !== undefined) made.properties = properties;
  return made;
}

/** Adds to a context, in place, what the client adds to every one. It is given contexts without: it merges more slowly what stands in both. */
export function addStaticContext(context: Context, staticContext: Context): void {
  for (const key of Object.keys(staticContext)) context[key] ??= staticContext[key];
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : undefined;
    default:
      return types.isDate(value) ? readTime(value)?.toISOString() : undefined;
  }
}
