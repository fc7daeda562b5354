import { StandardResolutionReasons as Reason, type ResolutionReason } from '@openfeature/server-sdk';
import { Strategy } from 'unleash-client';
import type { Context, FlagDefinition, StrategyDefinition, VariantDefinition } from './client.js';
import { type Rollout, rolloutOf } from './rollout.js';

/** Why a flag is on or off, and the bucket of the userId where one was drawn. */
export type Explanation = {
  readonly reason: ResolutionReason;
  readonly bucket?: number;
  /** The variants that the context's variant was chosen from. */
  readonly variants: readonly VariantDefinition[];
};

type Verdict = {
  readonly strategy: StrategyDefinition;
  readonly kind: 'everyone' | 'targeted' | 'drawn';
  readonly says: 'on' | 'off' | 'unknown';
  readonly rollout: Rollout | undefined;
  readonly constraintsMet: boolean;
};

const constraintCheck = new Strategy('constraints', true);

/**
 * Says why a flag is as it is for a context, by its definition.
 *
 * DISABLED: switched off. STATIC: the same for everyone. SPLIT: a gradual rollout drew lots. TARGETING_MATCH:
 * constraints, segments or ids were met. DEFAULT: none were met, or a flag that this one depends on was not as required.
 */
export function explain(flag: FlagDefinition, context: Context, isOn: boolean): Explanation {
  const variants = Array.isArray(flag.variants) ? flag.variants : [];
  if (!flag.enabled) return { reason: Reason.DISABLED, variants };
  if (!Array.isArray(flag.strategies)) return { reason: Reason.UNKNOWN, variants };
  const verdicts = flag.strategies.map((strategy) => judge(strategy, context));
  if (!isOn) return { ...whyOff(verdicts), variants };
  if (verdicts.length === 0) return { reason: Reason.STATIC, variants };
  // Unleash takes the first strategy that says yes; one that cannot be judged here only counts if no other does.
  const deciding = verdicts.find(({ says }) => says === 'on') ?? verdicts.find(({ says }) => says === 'unknown');
  if (deciding === undefined) return { reason: Reason.UNKNOWN, variants };
  const { strategy, kind, rollout } = deciding;
  const reasons = { everyone: Reason.STATIC, targeted: Reason.TARGETING_MATCH, drawn: Reason.SPLIT } as const;
  return {
    reason: reasons[kind],
    ...bucketIn(rollout),
    variants: strategy.variants?.length ? strategy.variants : variants,
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

function whyOff(verdicts: readonly Verdict[]): { reason: ResolutionReason; bucket?: number } {
  // A strategy says yes and the flag is off all the same: a flag that it depends on is not as required.
  if (verdicts.some(({ says }) => says === 'on')) return { reason: Reason.DEFAULT };
  const drawn = verdicts.find(({ constraintsMet, kind }) => constraintsMet && kind === 'drawn');
  if (drawn !== undefined) return { reason: Reason.SPLIT, ...bucketIn(drawn.rollout) };
  const forNobody = verdicts.every(({ rollout }) => rollout?.percent === 0);
  return { reason: forNobody ? Reason.STATIC : Reason.DEFAULT, ...bucketIn(verdicts[0]?.rollout) };
}

function judge(strategy: StrategyDefinition, context: Context): Verdict {
  const { constraintsMet, constrained } = checkConstraints(strategy, context);
  const rollout = rolloutOf(strategy, context);
  if (rollout === undefined) {
    // Strategies by id, address or host name, and the caller's own.
    return { strategy, kind: 'targeted', says: constraintsMet ? 'unknown' : 'off', rollout, constraintsMet };
  }
  const kind = rollout.percent > 0 && rollout.percent < 100 ? 'drawn' : constrained ? 'targeted' : 'everyone';
  return { strategy, kind, says: constraintsMet ? rollout.says : 'off', rollout, constraintsMet };
}

function checkConstraints(
  { constraints, segments }: StrategyDefinition,
  context: Context,
): { constrained: boolean; constraintsMet: boolean } {
  // A segment that the server did not send is a hole, which no context meets.
  const all = [...(constraints ?? []), ...(segments ?? []).flatMap((segment) => segment?.constraints ?? [undefined])];
  const constrained = all.length > 0;
  return { constrained, constraintsMet: !constrained || constraintCheck.checkConstraints(context, all.values()) };
}

function bucketIn(rollout: Rollout | undefined): { bucket?: number } {
  return rollout?.bucket === undefined ? {} : { bucket: rollout.bucket };
}
