import type { AdapterVersion } from '@lighthouse-compat/sdk';
import { sendsBy } from '../calls.js';
import type { Facts } from '../facts.js';

type Issue = {
  readonly payloadId: string;
  readonly adapter: AdapterVersion;
  readonly fromSeq: number;
  readonly bySeq: number;
};

/** The ids that callers were given: issued between the engine's answer and its being known. */
export function issuesOf({ calls }: Facts): readonly Issue[] {
  return calls.flatMap((call): Issue[] => {
    if (call.spec.operation !== 'forkchoice_updated' || call.observed === undefined) return [];
    const { adapter } = call.observed.observation.answering;
    const answer = sendsBy(call, adapter).at(-1)?.answer;
    if (answer?.ending.kind !== 'value') return [];
    const { payloadId } = answer.ending.value as { readonly payloadId: string | null };
    if (payloadId === null) return [];
    const bySeq = call.abortedSeq === undefined ? (call.settled?.seq ?? call.observed.seq) : call.observed.seq;
    return [{ payloadId, adapter, fromSeq: answer.seq, bySeq }];
  });
}
