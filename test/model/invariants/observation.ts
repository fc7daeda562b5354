import type { Observation } from '@lighthouse-compat/sdk';
import { type Call, sendsBy } from '../calls.js';
import { type Facts, isOrdered, isRepeated, summary } from '../facts.js';
import { askedOf, failureOf, readStatus } from '../model.js';
import { partOf } from '../observations.js';

export function checkObservations(facts: Facts): void {
  const { history, calls, breaks } = facts;
  const diverged = new Set(history.events.flatMap((event) => (event.kind === 'diverged' ? [event.observation] : [])));
  const observed = new Set(history.events.flatMap((event) => (event.kind === 'observed' ? [event.observation] : [])));
  for (const event of history.events) {
    if (event.kind !== 'observed') continue;
    if (!event.isFrozen) breaks('observation', `the observation at ${event.seq} is not frozen`);
    const isCritical = event.observation.comparison?.verdict === 'critical';
    if (isCritical !== diverged.has(event.observation)) {
      breaks(
        'observation',
        `the observation at ${event.seq}: ${isCritical ? 'no divergence' : 'a divergence without a critical verdict'}`,
      );
    }
  }
  for (const observation of diverged) {
    if (!observed.has(observation))
      breaks('observation', `a divergence without its observation: ${summary(observation)}`);
  }
  for (const call of calls) {
    if (call.observed === undefined) {
      if (call.sends.length > 0) breaks('observation', `call ${call.call} was sent and never observed`);
      continue;
    }
    for (const part of [call.observed.observation.answering, call.observed.observation.other]) {
      if (part === null || part.durationMs === null || sendsBy(call, part.adapter).length > 0) continue;
      breaks('observation', `call ${call.call}: ${part.durationMs} ms at ${part.adapter}, to which nothing was sent`);
    }
    checkVerdict(facts, call, call.observed.observation);
  }
}

const forkRefusals: ReadonlySet<string> = new Set(['INVALID_PARAMS', 'ENGINE_UNSUPPORTED_FORK']);

/** What the comparison of two parts must come to, from the answers. */
function expectedVerdict(call: Call, observation: Observation): string {
  const kinds = (['v4', 'v5'] as const).map((adapter) => ({
    send: sendsBy(call, adapter)[0],
    outcome: partOf(observation, adapter)?.outcome,
  }));
  const unsent = kinds.filter(({ send }) => send === undefined).map(({ outcome }) => outcome);
  const isFull =
    isOrdered(call) &&
    (['v4', 'v5'] as const).some((adapter) => sendsBy(call, adapter).length === 0 && call.wasFull[adapter]);
  const isDropped =
    (isFull && unsent.length > 0) ||
    unsent.some(
      (outcome) => outcome?.kind === 'dropped' || (outcome?.kind === 'failed' && outcome.code === 'LANE_FULL'),
    );
  if (isDropped) return 'not_compared';
  if (unsent.length > 0) return 'unsupported';
  const asked = askedOf(call.spec);
  const [v4, v5] = kinds.map(({ send }) => {
    const ending = send?.answer?.ending ?? { kind: 'error' as const, error: undefined };
    return { ending, code: failureOf(ending, asked), status: asked === null ? null : readStatus(ending, asked), send };
  });
  if (v4 === undefined || v5 === undefined) return 'unsupported';
  if (v4.code !== null && v5.code !== null) {
    return v4.code !== v5.code && forkRefusals.has(v4.code) && forkRefusals.has(v5.code) ? 'match' : 'both_errors';
  }
  const isJudged = (status: string | undefined): boolean => status === 'VALID' || status === 'INVALID';
  if (v4.code !== null)
    return v4.code === 'FOREIGN_LATEST_VALID_HASH' && isJudged(v5.status?.status) ? 'critical' : 'v4_error';
  if (v5.code !== null)
    return v5.code === 'FOREIGN_LATEST_VALID_HASH' && isJudged(v4.status?.status) ? 'critical' : 'v5_error';
  if (asked === null) {
    const [one, other] = [v4, v5].map(
      ({ ending }) =>
        ending.kind === 'value' &&
        (ending.value as { executionPayload: { blockNumber: bigint } }).executionPayload.blockNumber,
    );
    return one === other ? 'match' : 'mismatch';
  }
  if (!isJudged(v4.status?.status) || !isJudged(v5.status?.status)) return 'pending';
  if (v4.status?.status !== v5.status?.status) return 'critical';
  if (!v4.send?.hasAttributes || !v5.send?.hasAttributes) return 'match';
  // Both were asked to build.
  const [one, other] = [v4, v5].map(
    ({ ending }) => ending.kind === 'value' && (ending.value as { payloadId: string | null }).payloadId !== null,
  );
  return one === other ? 'match' : 'mismatch';
}

/** Whether a call may have gone uncompared: it had one part only, or an engine had just answered the very same. */
const isOneSided = (facts: Facts, call: Call, { other, answering }: Observation): boolean =>
  call.spec.operation === 'get_payload' ||
  facts.history.setup.topology !== 'split_warm' ||
  other?.outcome.kind === 'unneeded' ||
  isRepeated(facts, call, answering.adapter);

/** Whether a comparison is the one that a call's answers give. */
export const isVerdictRight = (facts: Facts, call: Call, observation: Observation): boolean =>
  observation.comparison === null
    ? isOneSided(facts, call, observation)
    : observation.comparison.verdict === expectedVerdict(call, observation);

function checkVerdict(facts: Facts, call: Call, observation: Observation): void {
  const { breaks } = facts;
  const { comparison, other } = observation;
  if (other === null && comparison !== null)
    breaks('observation', `call ${call.call}: a comparison without another part`);
  if (comparison === null) {
    if (!isOneSided(facts, call, observation)) breaks('observation', `call ${call.call} was not compared at all`);
    return;
  }
  const expected = expectedVerdict(call, observation);
  if (comparison.verdict !== expected) {
    breaks(
      'observation',
      `call ${call.call}: ${comparison.verdict}, by the answers ${expected}: ${summary(observation)}`,
    );
  }
}
