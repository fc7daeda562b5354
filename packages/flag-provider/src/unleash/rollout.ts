import { normalizedValue } from '../bucketing.js';
import type { Context, StrategyDefinition } from './client.js';

/** What a rollout says to one context; `bucket` (1 to 100) is there if it was drawn for the userId. */
export type Lot = { readonly says: 'on' | 'off' | 'unknown'; readonly bucket?: number };

/** A strategy that goes by percentage. */
export type Rollout = { readonly percent: number; readonly draw: (context: Context) => Lot };

const on: Lot = { says: 'on' };
const off: Lot = { says: 'off' };
const unknown: Lot = { says: 'unknown' };

/** Reads a strategy's rollout, which draws lots as the Unleash client does, or gives undefined for a strategy that has none; random lots are unknown. Source: unleash-client, lib/strategy. */
export function rolloutOf({ name, parameters }: StrategyDefinition): Rollout | undefined {
  const text = (key: string): string => String(parameters?.[key] ?? '');
  switch (name) {
    case 'default':
      return { percent: 100, draw: () => on };
    case 'gradualRolloutRandom':
      return byChance(Number(text('percentage')));
    case 'gradualRolloutUserId': {
      const lot = lotsOf(Number(text('percentage')), text('groupId'));
      return { percent: lot.percent, draw: ({ userId }) => lot.ofUser(userId) };
    }
    case 'gradualRolloutSessionId': {
      const lot = lotsOf(Number(text('percentage')), text('groupId'));
      return { percent: lot.percent, draw: ({ sessionId }) => lot.ofOther(sessionId) };
    }
    case 'flexibleRollout':
      return flexible(Number(text('rollout')), text('stickiness') || 'default', text('groupId'));
    default:
      return undefined;
  }
}

function flexible(percent: number, stickiness: string, groupId: string): Rollout {
  const chance = byChance(percent);
  const lot = lotsOf(percent, groupId);
  switch (stickiness) {
    case 'random':
      return chance;
    case 'userId':
      return { percent, draw: (context) => lot.ofUser(fieldOf(context, 'userId')) };
    case 'default':
      return {
        percent,
        draw: (context) => {
          if (context.userId) return lot.ofUser(context.userId);
          return context.sessionId ? lot.ofOther(context.sessionId) : chance.draw(context);
        },
      };
    default:
      return { percent, draw: (context) => lot.ofOther(fieldOf(context, stickiness)) };
  }
}

type Lots = {
  readonly percent: number;
  readonly ofUser: (userId: string | undefined) => Lot;
  readonly ofOther: (id: string | undefined) => Lot;
};

function lotsOf(percent: number, groupId: string): Lots {
  const isOn = (bucket: number) => percent > 0 && bucket <= percent;
  // Every lot there is, so that drawing one makes none.
  const lots = Array.from({ length: 101 }, (_none, bucket): Lot => ({ says: isOn(bucket) ? 'on' : 'off', bucket }));
  return {
    percent,
    ofUser: (userId) => (userId ? (lots[normalizedValue(userId, groupId)] ?? off) : off),
    ofOther: (id) => (id && isOn(normalizedValue(id, groupId)) ? on : off),
  };
}

function byChance(percent: number): Rollout {
  const lot = percent >= 100 ? on : percent > 0 ? unknown : off;
  return { percent, draw: () => lot };
}

function fieldOf(context: Context, field: string): string | undefined {
  const value = context[field] ?? context.properties?.[field];
  return value === undefined || value === null ? undefined : String(value);
}
