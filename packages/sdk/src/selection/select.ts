import type { ServedFork } from '@lighthouse-compat/conversions';
import { defaultGroupId, normalizedValue } from '@lighthouse-compat/flag-provider';
import type { Client } from '@openfeature/server-sdk';
import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import type { Operation } from '../operation.js';
import { adapterByFork, type ChainView } from './chainView.js';
import { evaluateFlags, type UnusableFlag } from './flags.js';
import { answeringAdapter, type CallMode, type MigrationMode } from './migrationMode.js';
import type { PayloadPin } from './payloadPins.js';

/** Why a call went where it went, in the order in which the rules are asked. */
export type DecisionReason = 'PIN' | 'FORK' | 'FLAG' | 'CONFIGURED';

/** Whose answer counts for one call, and why. */
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
  readonly pin: PayloadPin | undefined;
  readonly targetingKey: string | null;
  readonly sessionId: string | null;
};

/** Where the rules look. */
export type SelectionSources = {
  readonly chain: ChainView;
  readonly flags: Client | undefined;
  readonly nodeId: string | null;
  mode(): MigrationMode;
};

function resolveMode(mode: MigrationMode, targetingKey: string | null): { mode: CallMode; bucket: number | null } {
  if (mode.kind !== 'canary') return { mode: mode.kind, bucket: null };
  const bucket = targetingKey === null ? null : normalizedValue(targetingKey, defaultGroupId);
  const inBucket = mode.percent === 100 || (bucket !== null && bucket <= mode.percent);
  return { mode: inBucket ? 'v5_primary' : 'v4_only', bucket };
}

/** Decides one call by the first rule that applies: pin, fork, flags, configured mode. It never throws: what cannot be evaluated is v4. */
export async function select(input: SelectionInput, sources: SelectionSources): Promise<Decision> {
  const { operation, fork, pin, targetingKey } = input;
  const decide = (
    mode: CallMode,
    reason: DecisionReason,
    facts: Partial<Pick<Decision, 'flagKey' | 'variant' | 'bucket' | 'unusableFlags'>> & {
      adapter?: AdapterVersion;
    } = {},
  ): Decision => ({
    operation,
    adapter: answeringAdapter[mode],
    mode,
    reason,
    targetingKey,
    flagKey: null,
    variant: null,
    bucket: null,
    unusableFlags: [],
    ...facts,
  });

  if (pin !== undefined) return decide(pin.mode, 'PIN', { adapter: pin.adapter });
  if (adapterByFork(fork, sources.chain) === 'v5') return decide('v5_only', 'FORK');
  if (sources.flags === undefined) {
    const configured = resolveMode(sources.mode(), targetingKey);
    return decide(configured.mode, 'CONFIGURED', { bucket: configured.bucket });
  }
  const choice = await evaluateFlags(sources.flags, operation, {
    ...(targetingKey === null ? {} : { targetingKey }),
    ...(input.sessionId === null ? {} : { sessionId: input.sessionId }),
    ...(sources.nodeId === null ? {} : { nodeId: sources.nodeId }),
    operation,
    fork,
  });
  const facts = {
    flagKey: choice.flagKey,
    variant: choice.variant,
    bucket: choice.bucket,
    unusableFlags: choice.unusable,
  };
  if (choice.mode !== undefined) return decide(choice.mode, 'FLAG', facts);
  const configured = resolveMode(sources.mode(), targetingKey);
  return decide(configured.mode, 'CONFIGURED', { ...facts, bucket: configured.bucket ?? choice.bucket });
}
