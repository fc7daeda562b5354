import { ConversionError, type PayloadId } from '@lighthouse-compat/conversions';
import {
  type AdapterVersion,
  CompatError,
  type EngineName,
  type Observation,
  type Operation,
} from '@lighthouse-compat/sdk';
import type { CallSpec, Ending, History } from './history.js';

/** As many calls as a lane holds. */
export const laneCalls = 64;

/** One thing that an engine received. */
export type Send = {
  readonly send: number;
  readonly call: number;
  readonly adapter: AdapterVersion;
  readonly engine: EngineName;
  readonly operation: Operation;
  readonly method: string;
  readonly hasAttributes: boolean;
  readonly payloadId: PayloadId | null;
  readonly atSeq: number;
  readonly atMs: number;
  /** Undefined: never answered. */
  answer: { readonly ending: Ending; readonly seq: number; readonly atMs: number } | undefined;
};

/** One call with everything that became of it. */
export type Call = {
  readonly call: number;
  readonly spec: CallSpec;
  readonly enteredSeq: number;
  /** Whether the lane held as many calls as it can when this one came. */
  readonly wasFull: Readonly<Record<AdapterVersion, boolean>>;
  readonly sends: Send[];
  abortedSeq: number | undefined;
  settled: { readonly ending: Ending; readonly seq: number } | undefined;
  observed: { readonly observation: Observation; readonly seq: number; readonly isFrozen: boolean } | undefined;
};

/** The stable code of an error, as the taxonomy names it. */
export const codeOf = (error: unknown): string =>
  error instanceof CompatError || error instanceof ConversionError ? error.code : 'INTERNAL';

export const otherOf = (adapter: AdapterVersion): AdapterVersion => (adapter === 'v4' ? 'v5' : 'v4');

/** The sends of a call by one adapter, in order. */
export const sendsBy = ({ sends }: Call, adapter: AdapterVersion): readonly Send[] =>
  sends.filter((send) => send.adapter === adapter);

/** Gathers what happened by call; observations are matched later. */
export function gatherCalls({ events }: History): { readonly calls: readonly Call[]; readonly sends: readonly Send[] } {
  const calls = new Map<number, Call>();
  const sends = new Map<number, Send>();
  for (const event of events) {
    switch (event.kind) {
      case 'entered': {
        const { call, spec, stats } = event;
        const wasFull = { v4: stats.lanes.v4.calls >= laneCalls, v5: stats.lanes.v5.calls >= laneCalls };
        const empty = { abortedSeq: undefined, settled: undefined, observed: undefined };
        calls.set(call, { call, spec, enteredSeq: event.seq, wasFull, sends: [], ...empty });
        break;
      }
      case 'aborted': {
        const call = calls.get(event.call);
        if (call !== undefined) call.abortedSeq ??= event.seq;
        break;
      }
      case 'settled': {
        const call = calls.get(event.call);
        if (call !== undefined) call.settled ??= { ending: event.ending, seq: event.seq };
        break;
      }
      case 'received': {
        const { send, call, adapter, engine, operation, method, hasAttributes, payloadId, seq, atMs } = event;
        const where = { send, call, adapter, engine, operation, method, hasAttributes, payloadId };
        const record: Send = { ...where, atSeq: seq, atMs, answer: undefined };
        sends.set(send, record);
        calls.get(call)?.sends.push(record);
        break;
      }
      case 'answered': {
        const send = sends.get(event.send);
        if (send !== undefined) send.answer = { ending: event.ending, seq: event.seq, atMs: event.atMs };
        break;
      }
      default:
        break;
    }
  }
  return { calls: [...calls.values()], sends: [...sends.values()] };
}
