import { StandardResolutionReasons as Reason, type ResolutionReason } from '@openfeature/server-sdk';
import { Strategy } from 'unleash-client';
import type { Context, FlagDefinition, StrategyDefinition, VariantDefinition } from './client.js';
import { type Lot, rolloutOf } from './rollout.js';

/** Why a flag is on or off, and the bucket of the userId where one was drawn. */
export type Explanation = {
  readonly reason: ResolutionReason;
  readonly bucket: number | undefined;
  /** The variants that the context's variant was chosen from. */
  readonly variants: readonly VariantDefinition[];
};

/** Says why a flag is on, or off, for a context that has the client's own fields already. */
export type Explain = (context: Context, isOn: boolean) => Explanation;

/** A strategy, read once for all the contexts that come to it. */
type Judge = {
  readonly reason: ResolutionReason;
  readonly isForNobody: boolean;
  readonly variants: readonly VariantDefinition[];
  readonly meetsConstraints: (context: Context) => boolean;
  readonly draw: (context: Context) => Lot;
};

const constraintCheck = new Strategy('constraints', true);

/**
 * Reads a flag's definition, so as to say why it is as it is for a context.
 *
 * DISABLED: switched off. STATIC: the same for everyone. SPLIT: a gradual rollout drew lots. TARGETING_MATCH:
 * constraints, segments or ids were met. DEFAULT: none were met, or a flag that this one depends on was not as required.
 */
export function explainer(flag: FlagDefinition): Explain {
  const variants = Array.isArray(flag.variants) ? flag.variants : [];
  const always = (reason: ResolutionReason): Explanation => ({ reason, bucket: undefined, variants });
  const disabled = always(Reason.DISABLED);
  const nobodyKnows = always(Reason.UNKNOWN);
  const forEveryone = always(Reason.STATIC);
  if (!flag.enabled) return () => disabled;
  if (!Array.isArray(flag.strategies)) return () => nobodyKnows;
  const judges = flag.strategies.map((strategy) => judgeOf(strategy, variants));
  return (context, isOn) => {
    if (!isOn) return whyOff(judges, variants, context);
    return judges.length === 0 ? forEveryone : (whyOn(judges, context) ?? nobodyKnows);
  };
}

/** Says why a context got its variant, given why the flag is on: an override is TARGETING_MATCH, lots drawn by weight are SPLIT. */
export function explainVariant({ reason, variants }: Explanation, context: Context): ResolutionReason {
  const overridden = variants.some(({ overrides }) =>
    overrides?.some(({ contextName, values }) => {
      const value = context[contextName] ?? context.properties?.[contextName];
      return value !== undefined && values.includes(String(value));
    }),
  );
  if (overridden) return Reason.TARGETING_MATCH;
  return variants.filter(({ weight }) => weight > 0).length > 1 ? Reason.SPLIT : reason;
}

/** Unleash takes the first strategy that says yes; one that cannot be judged here only counts if no other does. */
function whyOn(judges: readonly Judge[], context: Context): Explanation | undefined {
  let unknown: Explanation | undefined;
  for (const { reason, variants, meetsConstraints, draw } of judges) {
    if (!meetsConstraints(context)) continue;
    const { says, bucket } = draw(context);
    if (says === 'on') return { reason, bucket, variants };
    if (says === 'unknown') unknown ??= { reason, bucket, variants };
  }
  return unknown;
}

function whyOff(judges: readonly Judge[], variants: readonly VariantDefinition[], context: Context): Explanation {
  let drawn: Explanation | undefined;
  let firstBucket: number | undefined;
  let isForNobody = true;
  for (const [index, judge] of judges.entries()) {
    const { says, bucket } = judge.draw(context);
    if (index === 0) firstBucket = bucket;
    isForNobody &&= judge.isForNobody;
    if (!judge.meetsConstraints(context)) continue;
    // A strategy says yes and the flag is off all the same: a flag that it depends on is not as required.
    if (says === 'on') return { reason: Reason.DEFAULT, bucket: undefined, variants };
    if (judge.reason === Reason.SPLIT) drawn ??= { reason: Reason.SPLIT, bucket, variants };
  }
  return drawn ?? { reason: isForNobody ? Reason.STATIC : Reason.DEFAULT, bucket: firstBucket, variants };
}

function judgeOf(strategy: StrategyDefinition, flagVariants: readonly VariantDefinition[]): Judge {
  const { constraints, segments } = strategy;
  // A segment that the server did not send is a hole, which no context meets.
  const all = [...(constraints ?? []), ...(segments ?? []).flatMap((segment) => segment?.constraints ?? [undefined])];
  const rollout = rolloutOf(strategy);
  const isDrawn = rollout !== undefined && rollout.percent > 0 && rollout.percent < 100;
  // Strategies by id, address or host name, and the caller's own, have no rollout.
  const isTargeted = rollout === undefined || all.length > 0;
  const cannotBeJudged: Lot = { says: 'unknown' };
  return {
    reason: isDrawn ? Reason.SPLIT : isTargeted ? Reason.TARGETING_MATCH : Reason.STATIC,
    isForNobody: rollout?.percent === 0,
    variants: strategy.variants?.length ? strategy.variants : flagVariants,
    meetsConstraints:
      all.length === 0 ? () => true : (context) => constraintCheck.checkConstraints(context, all.values()),
    draw: rollout?.draw ?? (() => cannotBeJudged),
  };
}
