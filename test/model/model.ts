import type { PayloadStatus, ServedFork } from '@lighthouse-compat/conversions';
import { defaultGroupId, type FlagKey, flagKeys, normalizedValue } from '@lighthouse-compat/flag-provider';
import type { AdapterVersion, DecisionReason, MigrationMode, Operation } from '@lighthouse-compat/sdk';
import { forkOfBlock, hashOf } from './blocks.js';
import { codeOf, laneCalls, otherOf, type Send } from './calls.js';
import { holds } from './flags.js';
import type { CallSpec, Ending, FlagSettings, History, HistoryEvent, Setup } from './history.js';
import { nodeId } from './run.js';

type Readiness = 'unproven' | 'in_step' | 'out_of_step' | 'unfed';

/** What people and flags have set; it counts at once. */
type Control = {
  readonly flags: FlagSettings | null;
  readonly mode: MigrationMode;
  /** `either`: a person is clearing the latch. */
  readonly latch: 'set' | 'clear' | 'either';
};

/** What the calls and their answers have told. */
type Seen = {
  readonly readiness: Readonly<Record<AdapterVersion, Readiness>>;
  readonly cancunHeadWasValid: boolean;
};

/** The state of the rules at one moment. */
export type Moment = {
  readonly seq: number;
  readonly atMs: number;
  readonly control: Control;
  readonly seen: Seen;
  /** The same without the answers that were given since everything was last quiet: the SDK may not have heard them yet. */
  readonly heard: Seen;
  /** The flags of the last second, where they changed without an event. */
  readonly earlierFlags: readonly FlagSettings[];
};

/** What the rules say of one call at one moment. */
export type Verdict = {
  readonly adapter: AdapterVersion;
  readonly reason: DecisionReason;
  readonly mode: Exclude<MigrationMode['kind'], 'canary'>;
  readonly flagKey: string | null;
  readonly unusable: readonly string[];
  /** Passed over because its engine is out of step: only once its place is reached is that known. */
  readonly passedOver: AdapterVersion | null;
};

const decisionMemoryMs = 1_000;

/** Whether an answer to new_payload leaves its engine in doubt: no usable one, or SYNCING, with which it cannot have executed the payload. */
function payloadFailed(ending: Ending, asked: string): boolean {
  const status = readStatus(ending, asked);
  return status === null || status.status === 'SYNCING';
}

/** The status that an engine gave, or null for what is no usable answer: VALID for a foreign hash is none. */
export function readStatus(ending: Ending, asked: string): PayloadStatus | null {
  if (ending.kind === 'error') return null;
  const value = ending.value as PayloadStatus | { readonly payloadStatus: PayloadStatus };
  const isHead = 'payloadStatus' in value;
  const status = isHead ? value.payloadStatus : value;
  if (status.status === 'VALID' && status.latestValidHash !== asked) return null;
  if (isHead && status.status === 'ACCEPTED') return null;
  return status;
}

/** Failures that leave the block unjudged, so that the other engine may be heard. */
const fallbackCauses: ReadonlySet<string> = new Set([
  'CONNECTION_LOST',
  'TIMEOUT',
  'SERVER_ERROR',
  'MALFORMED_RESULT',
  'FOREIGN_LATEST_VALID_HASH',
]);

/** The cause for which a fallback is taken where there is one to take, or null. */
export function fallbackCauseOf(ending: Ending, asked: string | null): string | null {
  const code = failureOf(ending, asked);
  return code !== null && fallbackCauses.has(code) ? code : null;
}

/** The code by which an engine's part counts as failed, or null for a usable answer. */
export function failureOf(ending: Ending, asked: string | null): string | null {
  if (ending.kind === 'error') return codeOf(ending.error);
  if (asked === null || readStatus(ending, asked) !== null) return null;
  const value = ending.value as PayloadStatus | { readonly payloadStatus: PayloadStatus };
  const { status } = 'payloadStatus' in value ? value.payloadStatus : value;
  return status === 'ACCEPTED' ? 'MALFORMED_RESULT' : 'FOREIGN_LATEST_VALID_HASH';
}

/** The block that a call asks about. */
export const askedOf = (spec: CallSpec): string | null => {
  switch (spec.operation) {
    case 'new_payload':
      return hashOf(spec.block);
    case 'forkchoice_updated':
      return hashOf(spec.head);
    case 'get_payload':
      return null;
  }
};

const isInStep = (seen: Seen, adapter: AdapterVersion): boolean => seen.readiness[adapter] === 'in_step';

/** The moments of a history, one an event. */
export function momentsOf(
  { setup, events }: History,
  sends: readonly Send[],
  specs: ReadonlyMap<number, CallSpec>,
): Moment[] {
  const countsReadiness = setup.topology === 'split_warm';
  const bySend = new Map(sends.map((send) => [send.send, send]));
  let control: Control = { flags: setup.flags, mode: setup.mode, latch: setup.latched ? 'set' : 'clear' };
  let seen: Seen = { readiness: { v4: 'unproven', v5: 'unproven' }, cancunHeadWasValid: false };
  let heard = seen;
  let earlierFlags: readonly FlagSettings[] = [];
  let earlier: { readonly flags: FlagSettings; readonly untilMs: number }[] = [];
  const cancunBlocks = new Set<string>();
  const { ofBlocks: blockForks } = forksOfCalls({ setup, events });

  const move = (from: Seen, adapter: AdapterVersion, to: Readiness): Seen => {
    if (from.readiness[adapter] === 'unfed' || setup.topology === 'shared') return from;
    return { ...from, readiness: { ...from.readiness, [adapter]: to } };
  };

  function answered(from: Seen, event: HistoryEvent & { readonly kind: 'answered' }): Seen {
    const send = bySend.get(event.send);
    const spec = send === undefined ? undefined : specs.get(send.call);
    if (send === undefined || spec === undefined) return from;
    const asked = askedOf(spec);
    const isCancun = spec.operation !== 'get_payload' && blockForks.get(send.call) === 'cancun';
    const fed = countsReadiness && isCancun ? move(from, 'v4', 'unfed') : from;
    switch (spec.operation) {
      case 'new_payload':
        return payloadFailed(event.ending, asked ?? '') ? move(fed, send.adapter, 'out_of_step') : fed;
      case 'forkchoice_updated': {
        const isValid = readStatus(event.ending, asked ?? '')?.status === 'VALID';
        const moved = move(fed, send.adapter, isValid ? 'in_step' : 'out_of_step');
        return isValid && cancunBlocks.has(asked ?? '') ? { ...moved, cancunHeadWasValid: true } : moved;
      }
      case 'get_payload':
        return from;
    }
  }

  /** What counts at once. */
  function entered(from: Seen, event: HistoryEvent & { readonly kind: 'entered' }): Seen {
    const { spec, stats } = event;
    if (spec.operation === 'get_payload' || setup.topology === 'shared') return from;
    let next = from;
    for (const adapter of ['v4', 'v5'] as const) {
      if (stats.lanes[adapter].calls >= laneCalls) next = move(next, adapter, 'out_of_step');
    }
    return next;
  }

  return events.map((event): Moment => {
    switch (event.kind) {
      case 'entered':
        if (event.spec.operation === 'new_payload' && forkOfBlock(event.spec.block) === 'cancun') {
          cancunBlocks.add(hashOf(event.spec.block));
        }
        seen = entered(seen, event);
        heard = entered(heard, event);
        break;
      case 'answered':
        seen = answered(seen, event);
        break;
      case 'quiet':
        heard = seen;
        break;
      case 'flags':
        if (event.isSilent && control.flags !== null) earlier.push({ flags: control.flags, untilMs: event.atMs });
        else earlier = [];
        control = { ...control, flags: event.settings };
        break;
      case 'mode':
        earlier = [];
        control = { ...control, mode: event.mode };
        break;
      case 'latched':
        control = { ...control, latch: 'set' };
        break;
      case 'clearing':
        if (control.latch === 'set') control = { ...control, latch: 'either' };
        break;
      case 'cleared':
        control = { ...control, latch: event.isLatched ? 'set' : 'clear' };
        break;
      default:
        break;
    }
    if (earlier.length > 0) earlier = earlier.filter(({ untilMs }) => event.atMs - untilMs <= decisionMemoryMs);
    if (earlier.length > 0 || earlierFlags.length > 0) earlierFlags = earlier.map(({ flags }) => flags);
    return { seq: event.seq, atMs: event.atMs, control, seen, heard, earlierFlags };
  });
}

/** The key that a call goes by. */
export function targetingKeyOf(spec: CallSpec, { stickiness }: Setup): string | null {
  if (spec.session !== null) return spec.session;
  switch (stickiness) {
    case 'session':
      return null;
    case 'node':
      return nodeId;
    case 'block':
      return spec.operation === 'get_payload' ? spec.payloadId : askedOf(spec);
  }
}

const answeringOf = { v4_only: 'v4', v4_primary: 'v4', parallel: 'v4', v5_only: 'v5', v5_primary: 'v5' } as const;
type CallMode = keyof typeof answeringOf;
const isCallMode = (text: unknown): text is CallMode => typeof text === 'string' && Object.hasOwn(answeringOf, text);

const ownFlag: Readonly<Record<Operation, FlagKey>> = {
  new_payload: flagKeys.newPayloadV5Only,
  forkchoice_updated: flagKeys.forkchoiceV5Only,
  get_payload: flagKeys.getPayloadV5Only,
};

type Base = {
  readonly mode: CallMode;
  readonly reason: DecisionReason;
  readonly flagKey: string | null;
  readonly unusable: readonly string[];
};

/** Flags and configured mode. */
function byFlags(
  operation: Operation,
  key: string | null,
  flags: FlagSettings | null,
  configured: MigrationMode,
): Base {
  const unusable: string[] = [];
  const isOn = (flagKey: FlagKey): boolean => {
    const setting = flags?.[flagKey];
    if (typeof setting === 'object') unusable.push(flagKey);
    return typeof setting === 'number' ? holds(setting, key) : setting === true;
  };
  const byFlag = (mode: CallMode, flagKey: FlagKey): Base => ({ mode, reason: 'FLAG', flagKey, unusable });
  if (flags !== null) {
    if (!isOn(flagKeys.lighthouseV5)) return byFlag('v4_only', flagKeys.lighthouseV5);
    if (isOn(ownFlag[operation])) return byFlag('v5_only', ownFlag[operation]);
    if (isOn(flagKeys.lighthouseParallelMode)) return byFlag('parallel', flagKeys.lighthouseParallelMode);
    if (isOn(flagKeys.lighthouseV5Primary)) return byFlag('v5_primary', flagKeys.lighthouseV5Primary);
    const named = flags.lighthouse_migration_mode;
    if (isCallMode(named)) return byFlag(named, flagKeys.lighthouseMigrationMode);
    if (named !== '') unusable.push(flagKeys.lighthouseMigrationMode);
  }
  const isIn = configured.kind === 'canary' && holds(configured.percent, key);
  const mode = configured.kind !== 'canary' ? configured.kind : isIn ? 'v5_primary' : 'v4_only';
  return { mode, reason: 'CONFIGURED', flagKey: null, unusable };
}

/** A call as the rules look at it. */
export type Question = { readonly operation: Operation; readonly fork: ServedFork; readonly key: string | null };

function afterPin(
  question: Question,
  setup: Setup,
  control: Control & { readonly latch: 'set' | 'clear' },
  seen: Seen,
  timedOut: boolean,
): Verdict {
  const plain = { flagKey: null, unusable: [], passedOver: null };
  if (question.fork === 'cancun' || seen.cancunHeadWasValid)
    return { adapter: 'v5', mode: 'v5_only', reason: 'FORK', ...plain };
  if (control.latch === 'set') return { adapter: 'v4', mode: 'v4_only', reason: 'ROLLBACK_LATCH', ...plain };
  let base: Base = timedOut
    ? { mode: 'v4_only', reason: 'FLAG_TIMEOUT', flagKey: null, unusable: [] }
    : byFlags(question.operation, question.key, control.flags, control.mode);
  const isHot = base.mode !== 'v4_only' && base.mode !== 'v5_only';
  if (setup.topology === 'split_cold' && isHot) base = { ...base, mode: 'v4_only', reason: 'STANDBY_COLD' };
  const adapter = answeringOf[base.mode];
  const isPassedOver = setup.topology === 'split_warm' && !isInStep(seen, adapter) && isInStep(seen, otherOf(adapter));
  if (isPassedOver) return { ...base, adapter: otherOf(adapter), reason: 'OUT_OF_STEP', passedOver: adapter };
  return { ...base, adapter, passedOver: null };
}

/** Everything that the rules allow for a call at one moment: one verdict, or several where what the SDK knows just then cannot be told from outside. */
export function verdictsAt(
  moment: Moment,
  question: Question,
  setup: Setup,
  { timedOut, heardAll }: { readonly timedOut: boolean; readonly heardAll: boolean },
): readonly Verdict[] {
  const { control, seen, heard, earlierFlags } = moment;
  const latches = control.latch === 'either' ? (['set', 'clear'] as const) : [control.latch];
  const states = heardAll || seen === heard ? [seen] : [seen, heard];
  const flagStates = [control.flags, ...earlierFlags];
  const timeouts = timedOut && control.flags !== null ? [false, true] : [false];
  return latches.flatMap((latch) =>
    states.flatMap((state) =>
      flagStates.flatMap((flags) =>
        timeouts.map((late) => afterPin(question, setup, { ...control, flags, latch }, state, late)),
      ),
    ),
  );
}

/** The bucket of a key, as every provider of ours and the canary mode have it. */
export const bucketOf = (key: string): number => normalizedValue(key, defaultGroupId);

/** The fork of each call and that of the block that it is about, from what the calls before it told of the chain. */
export function forksOfCalls({ events }: History): {
  readonly ofCalls: ReadonlyMap<number, ServedFork>;
  readonly ofBlocks: ReadonlyMap<number, ServedFork>;
} {
  const forks = new Map<number, ServedFork>();
  const ofBlocks = new Map<number, ServedFork>();
  const known = new Map<number, ServedFork>();
  let newest: ServedFork = 'shanghai';
  for (const event of events) {
    if (event.kind !== 'entered') continue;
    const { call, spec } = event;
    switch (spec.operation) {
      case 'new_payload':
        newest = forkOfBlock(spec.block);
        known.set(spec.block, newest);
        forks.set(call, newest);
        ofBlocks.set(call, newest);
        break;
      case 'forkchoice_updated':
        ofBlocks.set(call, known.get(spec.head) ?? newest);
        forks.set(call, spec.attributesFork ?? known.get(spec.head) ?? newest);
        break;
      case 'get_payload':
        forks.set(call, newest);
        break;
    }
  }
  return { ofCalls: forks, ofBlocks };
}
