import { types } from 'node:util';
import type { EvaluationContext, Logger } from '@openfeature/server-sdk';
import type { Context, Properties } from './client.js';
import { readTime } from './clock.js';
import { isSafeKey, shownKey } from './safeKey.js';

const ownFields = new Set(['userId', 'sessionId', 'remoteAddress', 'environment', 'appName']);

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
  const fields: [string, string | NonNullable<Context['currentTime']>][] = [];
  const properties: [string, string][] = [];
  for (const [key, value] of Object.entries(context)) {
    if (value === undefined || key === 'targetingKey') continue;
    const read = key === 'currentTime' ? readTime(value) : textOf(value);
    if (read === undefined || !isSafeKey(key)) {
      logger?.debug(`the context's ${shownKey(key)} is left out: Unleash takes texts, numbers, booleans and dates`);
    } else if (typeof read !== 'string' || ownFields.has(key)) {
      fields.push([key, read]);
    } else {
      properties.push([key, read]);
    }
  }
  const userId = textOf(context.targetingKey);
  if (userId !== undefined && userId !== '') fields.push(['userId', userId]);
  const made: Context = Object.fromEntries(fields);
  if (properties.length > 0) made.properties = Object.fromEntries(properties) satisfies Properties;
  return made;
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
