import { normalizedValue } from '../bucketing.js';
import type { Context, StrategyDefinition } from './client.js';

/** What a strategy that goes by percentage says to a context; `bucket` (1 to 100) is there if it was drawn for the userId. */
export type Rollout = {
  readonly percent: number;
  readonly bucket?: number;
  readonly says: 'on' | 'off' | 'unknown';
};

/** Computes a strategy's rollout as the Unleash client does, or gives undefined for a strategy that has none; random lots are unknown. Source: unleash-client, lib/strategy. */
export function rolloutOf({ name, parameters }: StrategyDefinition, context: Context): Rollout | undefined {
  const text = (key: string): string => String(parameters?.[key] ?? '');
  switch (name) {
    case 'default':
      return { percent: 100, says: 'on' };
    case 'gradualRolloutRandom':
      return byChance(Number(text('percentage')));
    case 'gradualRolloutUserId':
      return byId(Number(text('percentage')), text('groupId'), context.userId, true);
    case 'gradualRolloutSessionId':
      return byId(Number(text('percentage')), text('groupId'), context.sessionId, false);
    case 'flexibleRollout': {
      const percent = Number(text('rollout'));
      const stickiness = text('stickiness') || 'default';
      if (stickiness === 'random') return byChance(percent);
      if (stickiness !== 'default') {
        return byId(percent, text('groupId'), fieldOf(context, stickiness), stickiness === 'userId');
      }
      const id = context.userId || context.sessionId;
      return id ? byId(percent, text('groupId'), id, Boolean(context.userId)) : byChance(percent);
    }
    default:
      return undefined;
  }
}

function byId(percent: number, groupId: string, id: string | undefined, isUserId: boolean): Rollout {
  if (!id) return { percent, says: 'off' };
  const bucket = normalizedValue(id, groupId);
  const says = percent > 0 && bucket <= percent ? 'on' : 'off';
  return isUserId ? { percent, bucket, says } : { percent, says };
}

function byChance(percent: number): Rollout {
  if (percent >= 100) return { percent, says: 'on' };
  return { percent, says: percent > 0 ? 'unknown' : 'off' };
}

function fieldOf(context: Context, field: string): string | undefined {
  const value = context[field] ?? context.properties?.[field];
  return value === undefined || value === null ? undefined : String(value);
}
