import type { Comparison } from '../comparison/verdict.js';
import type { ArmObservation, Observation, Outcome } from '../observation.js';
import type { Operation } from '../operation.js';

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

const isLikeArm = (one: ArmObservation, two: ArmObservation): boolean =>
  isLikeOutcome(one.outcome, two.outcome) &&
  one.adapter === two.adapter &&
  one.engine === two.engine &&
  (one.durationMs === null) === (two.durationMs === null);

/** Whether both fail alike counts, too: then neither failure is the engine's. */
const isLikeComparison = (one: Comparison | null, two: Comparison | null): boolean =>
  one === two ||
  (one !== null &&
    two !== null &&
    one.verdict === two.verdict &&
    (one.differences.length === 0) === (two.differences.length === 0));

/** Whether two calls of one operation are counted alike, how long they took apart. */
function isLike(one: Observation, two: Observation): boolean {
  const mine = one.decision;
  const its = two.decision;
  return (
    (mine === its ||
      (mine.mode === its.mode &&
        mine.reason === its.reason &&
        mine.adapter === its.adapter &&
        mine.unusableFlags === its.unusableFlags)) &&
    isLikeArm(one.answering, two.answering) &&
    (one.other === null || two.other === null ? one.other === two.other : isLikeArm(one.other, two.other)) &&
    isLikeComparison(one.comparison, two.comparison) &&
    one.fallback?.cause === two.fallback?.cause &&
    one.sharedEngine === two.sharedEngine
  );
}

/** More than there are at a time: a canary with an engine that fails now and then has six. */
const keptKinds = 8;

/** Gives what `make` made of the first call of a kind for every call of that kind: calls that are counted alike come one after the other for hours. */
export function createByKind<T>(make: (example: Observation) => T): (observation: Observation) => T {
  type Kind = { readonly example: Observation; readonly made: T };
  const kinds: Readonly<Record<Operation, Kind[]>> = { new_payload: [], forkchoice_updated: [], get_payload: [] };
  return (observation) => {
    const ofOperation = kinds[observation.operation];
    for (const { example, made } of ofOperation) if (isLike(example, observation)) return made;
    const made = make(observation);
    if (ofOperation.length === keptKinds) ofOperation.shift();
    ofOperation.push({ example: observation, made });
    return made;
  };
}
