import type { PayloadId, ServedFork } from '@lighthouse-compat/conversions';
import { defaultGroupId, normalizedValue } from '@lighthouse-compat/flag-provider';
import type { EvaluationContext } from '@openfeature/server-sdk';
import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import type { Operation } from '../operation.js';
import { adapterByFork, type ChainView } from './chainView.js';
import type { FlagSource } from './flagSource.js';
import type { FlagChoice, UnusableFlag } from './flags.js';
import type { CallMode, MigrationMode } from './migrationMode.js';
import { modePlans } from './modePlans.js';
import type { PayloadPins } from './payloadPins.js';

/** Why a call went where it went, in the order in which the rules are asked; the rules about time and standby stand beside the one that they overrule. */
export type DecisionReason =
  | 'PIN'
  | 'FORK'
  | 'ROLLBACK_LATCH'
  | 'OUT_OF_STEP'
  | 'FLAG'
  | 'FLAG_TIMEOUT'
  | 'STANDBY_COLD'
  | 'CONFIGURED';

/** Whose answer counts for one call, and why; frozen, since several calls and their listeners may hold it. */
export type Decision = {
  readonly operation: Operation;
  readonly adapter: AdapterVersion;
  readonly mode: CallMode;
  readonly reason: DecisionReason;
  readonly targetingKey: string | null;
  /** The flag that decided, and its variant; null for every other reason. */
  readonly flagKey: string | null;
  readonly variant: string | null;
  /** The key's bucket, 1 to 100, where it is known. */
  readonly bucket: number | null;
  /** Flags that could not be used and counted as off. */
  readonly unusableFlags: readonly UnusableFlag[];
};

/** What the rules look at. */
export type SelectionInput = {
  readonly operation: Operation;
  readonly fork: ServedFork;
  /** Null except for get_payload. */
  readonly payloadId: PayloadId | null;
  readonly targetingKey: string | null;
  readonly sessionId: string | null;
};

/** Where the rules look. */
export type SelectionSources = {
  readonly chain: ChainView;
  readonly pins: PayloadPins;
  readonly flags: FlagSource | undefined;
  readonly nodeId: string | null;
  readonly standby: 'warm' | 'cold';
  isLatched(): boolean;
  mode(): MigrationMode;
};

const noFlags: readonly UnusableFlag[] = Object.freeze([]);

function decision(
  { operation, targetingKey }: SelectionInput,
  mode: CallMode,
  reason: DecisionReason,
  adapter: AdapterVersion = modePlans[mode].answering,
  facts?: { flagKey: string | null; variant: string | null; bucket: number | null; unusable: readonly UnusableFlag[] },
): Decision {
  const unusable = facts?.unusable ?? noFlags;
  return Object.freeze({
    operation,
    adapter,
    mode,
    reason,
    targetingKey,
    flagKey: facts?.flagKey ?? null,
    variant: facts?.variant ?? null,
    bucket: facts?.bucket ?? null,
    unusableFlags: unusable.length === 0 ? noFlags : Object.freeze(unusable),
  });
}

function resolveMode(mode: MigrationMode, targetingKey: string | null): { mode: CallMode; bucket: number | null } {
  if (mode.kind !== 'canary') return { mode: mode.kind, bucket: null };
  const bucket = targetingKey === null ? null : normalizedValue(targetingKey, defaultGroupId);
  const inBucket = mode.percent === 100 || (bucket !== null && bucket <= mode.percent);
  return { mode: inBucket ? 'v5_primary' : 'v4_only', bucket };
}

/** What a flag choice, or the configured mode that it leaves the call to, comes to. */
function byMode(input: SelectionInput, choice: FlagChoice | undefined, sources: SelectionSources): Decision {
  if (choice?.mode !== undefined) {
    if (sources.standby === 'cold' && choice.mode !== 'v4_only' && choice.mode !== 'v5_only') {
      return decision(input, 'v4_only', 'STANDBY_COLD', 'v4', choice);
    }
    return decision(input, choice.mode, 'FLAG', undefined, choice);
  }
  const configured = resolveMode(sources.mode(), input.targetingKey);
  return decision(input, configured.mode, 'CONFIGURED', undefined, {
    flagKey: null,
    variant: null,
    bucket: configured.bucket ?? choice?.bucket ?? null,
    unusable: choice?.unusable ?? noFlags,
  });
}

/** The rules that come before the flags, none of which waits for anything. */
function beforeFlags(input: SelectionInput, sources: SelectionSources): Decision | undefined {
  const pin = input.payloadId === null ? undefined : sources.pins.find(input.payloadId);
  if (pin !== undefined) return decision(input, pin.mode, 'PIN', pin.adapter);
  if (adapterByFork(input.fork, sources.chain) === 'v5') return decision(input, 'v5_only', 'FORK');
  if (sources.isLatched()) return decision(input, 'v4_only', 'ROLLBACK_LATCH');
  return undefined;
}

/** What the flags are asked about: the same key always gets the same answer, and no two calls that may get different ones have the same key. */
function flagKeyOf({ targetingKey, sessionId }: SelectionInput): string {
  if (sessionId === null || sessionId === targetingKey) return targetingKey ?? '';
  return `\0${sessionId.length} ${sessionId}${targetingKey ?? ''}`;
}

/** Decides one call by the first rule that applies: pin, fork, rollback latch, flags, configured mode; readiness is asked by the dispatcher, which knows when an engine's state is settled. Undefined where the flags have to be asked first; never throws: what cannot be evaluated is v4. */
export function select(input: SelectionInput, sources: SelectionSources, timedOut = false): Decision | undefined {
  const early = beforeFlags(input, sources);
  if (early !== undefined) return early;
  if (sources.flags === undefined) return byMode(input, undefined, sources);
  const known = sources.flags.known(input.operation, flagKeyOf(input));
  if (known !== undefined) {
    // A key has one decision for as long as its choice is kept: a change of the mode makes the source forget both.
    known.decision ??= byMode(input, known.choice, sources);
    return known.decision;
  }
  return timedOut ? decision(input, 'v4_only', 'FLAG_TIMEOUT') : undefined;
}

/** Decides likewise, asking the flags where that is needed; `selected` hears the decision in the turn in which it was made, so that nothing can change between the decision and what is done by it. */
export function whenSelected(
  input: SelectionInput,
  sources: SelectionSources,
  selected: (decision: Decision) => void,
): void {
  const decided = select(input, sources);
  if (decided !== undefined) {
    selected(decided);
    return;
  }
  const { operation, targetingKey, sessionId } = input;
  const context = (): EvaluationContext => ({
    ...(targetingKey === null ? {} : { targetingKey }),
    ...(sessionId === null ? {} : { sessionId }),
    ...(sources.nodeId === null ? {} : { nodeId: sources.nodeId }),
    operation,
  });
  sources.flags?.ask(operation, flagKeyOf(input), context, (outcome) => {
    const late = select(input, sources, outcome === 'FLAG_TIMEOUT');
    if (late === undefined) whenSelected(input, sources, selected);
    else selected(late);
  });
}
