import type { Comparison } from '../comparison/verdict.js';
import type { ArmObservation, Observation, Outcome } from '../observation.js';
import type { Operation } from '../operation.js';
import type { UnusableFlag } from '../selection/flags.js';

/** What a part is counted by, apart from how long it took: whether that is known at all is part of it. */
export type PartOfKind = Pick<ArmObservation, 'adapter' | 'engine' | 'outcome'> & {
  readonly durationMs: 'known' | null;
};

/** What a call is counted by: nothing else of it may be looked at for what all calls of a kind have in common, and {@link isLike} compares all of it. */
export type CallKind = Pick<Observation, 'operation' | 'fallback' | 'comparison' | 'sharedEngine'> & {
  readonly decision: Pick<Observation['decision'], 'adapter' | 'mode' | 'reason' | 'unusableFlags'>;
  readonly answering: PartOfKind;
  readonly other: PartOfKind | null;
};

function partOfKind({ adapter, engine, outcome, durationMs }: ArmObservation): PartOfKind {
  return { adapter, engine, outcome, durationMs: durationMs === null ? null : 'known' };
}

function kindOf({ operation, decision, fallback, answering, other, comparison, sharedEngine }: Observation): CallKind {
  return {
    operation,
    decision,
    fallback,
    answering: partOfKind(answering),
    other: other === null ? null : partOfKind(other),
    comparison,
    sharedEngine,
  };
}

function isLikeOutcome(one: Outcome, two: Outcome): boolean {
  // Nearly all are one and the same object.
  if (one === two) return true;
  switch (one.kind) {
    case 'answered':
      return two.kind === 'answered' && one.status === two.status && one.builtHere === two.builtHere;
    case 'failed':
      return two.kind === 'failed' && one.code === two.code;
    case 'dropped':
      return two.kind === 'dropped' && one.reason === two.reason;
    case 'unneeded':
    case 'unsupported':
      return one.kind === two.kind;
  }
}

const isLikePart = (kind: PartOfKind, part: ArmObservation): boolean =>
  isLikeOutcome(kind.outcome, part.outcome) &&
  kind.adapter === part.adapter &&
  kind.engine === part.engine &&
  (kind.durationMs === null) === (part.durationMs === null);

const areLikeFlags = (one: readonly UnusableFlag[], two: readonly UnusableFlag[]): boolean =>
  one === two || (one.length === two.length && one.every(({ problem }, at) => problem === two[at]?.problem));

/** Whether both fail alike counts, too: then neither failure is the engine's. */
const isLikeComparison = (one: Comparison | null, two: Comparison | null): boolean =>
  one === two ||
  (one !== null &&
    two !== null &&
    one.verdict === two.verdict &&
    (one.differences.length === 0) === (two.differences.length === 0));

/** Whether a call of the kind's operation is counted as the kind is: by all that a kind has. */
function isLike(kind: CallKind, call: Observation): boolean {
  const mine = kind.decision;
  const its = call.decision;
  return (
    (mine === its ||
      (mine.mode === its.mode &&
        mine.reason === its.reason &&
        mine.adapter === its.adapter &&
        areLikeFlags(mine.unusableFlags, its.unusableFlags))) &&
    isLikePart(kind.answering, call.answering) &&
    (kind.other === null || call.other === null ? kind.other === call.other : isLikePart(kind.other, call.other)) &&
    isLikeComparison(kind.comparison, call.comparison) &&
    kind.fallback?.cause === call.fallback?.cause &&
    kind.sharedEngine === call.sharedEngine
  );
}

/** Of each operation: nearly all calls are of one or two, and failures bring more. */
const keptKinds = 8;

/** Gives what `make` made of the first call of a kind for every call of that kind: calls that are counted alike come one after the other for hours. */
export function createByKind<T>(make: (kind: CallKind) => T): (observation: Observation) => T {
  type Kept = { readonly kind: CallKind; readonly made: T };
  const kept: Readonly<Record<Operation, Kept[]>> = { new_payload: [], forkchoice_updated: [], get_payload: [] };
  return (observation) => {
    const ofOperation = kept[observation.operation];
    for (let at = 0; at < ofOperation.length; at += 1) {
      const found = ofOperation[at] as Kept;
      if (!isLike(found.kind, observation)) continue;
      // One that comes often comes to the front, and stays when there are more than are kept.
      if (at > 0) {
        ofOperation[at] = ofOperation[at - 1] as Kept;
        ofOperation[at - 1] = found;
      }
      return found.made;
    }
    const kind = kindOf(observation);
    const made = make(kind);
    if (ofOperation.length === keptKinds) ofOperation.pop();
    ofOperation.push({ kind, made });
    return made;
  };
}
