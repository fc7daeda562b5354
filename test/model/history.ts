import type { PayloadId, ServedFork } from '@lighthouse-compat/conversions';
import type { FlagKey } from '@lighthouse-compat/flag-provider';
import type {
  AdapterVersion,
  Decision,
  DrainResult,
  EngineName,
  MigrationMode,
  Observation,
  Operation,
  Standby,
  Stats,
} from '@lighthouse-compat/sdk';

/** A call as its caller made it. */
export type CallSpec = { readonly session: string | null } & (
  | { readonly operation: 'new_payload'; readonly block: number }
  | {
      readonly operation: 'forkchoice_updated';
      readonly head: number;
      readonly attributesFork: ServedFork | null;
      readonly justified: boolean;
    }
  | { readonly operation: 'get_payload'; readonly payloadId: PayloadId }
);

/** How a promise, or an engine's part, ended. */
export type Ending =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/** What a flag is set to: on, off, on for a share of the keys, the text of a mode, or broken in one of the ways in which providers break. */
export type FlagSetting = boolean | number | string | { readonly broken: 'throws' | 'rejects' | 'error' | 'wrongType' };
export type FlagSettings = Readonly<Record<FlagKey, FlagSetting>>;

/** What happened, in order. */
export type Happening =
  | { readonly kind: 'entered'; readonly call: number; readonly spec: CallSpec; readonly stats: Stats }
  | { readonly kind: 'aborted'; readonly call: number }
  | { readonly kind: 'settled'; readonly call: number; readonly ending: Ending }
  | {
      readonly kind: 'received';
      readonly send: number;
      readonly call: number;
      readonly adapter: AdapterVersion;
      readonly engine: EngineName;
      readonly operation: Operation;
      readonly method: string;
      readonly hasAttributes: boolean;
      readonly payloadId: PayloadId | null;
    }
  | { readonly kind: 'answered'; readonly send: number; readonly ending: Ending }
  | { readonly kind: 'asked'; readonly evaluation: number }
  | { readonly kind: 'told'; readonly evaluation: number }
  | { readonly kind: 'flags'; readonly settings: FlagSettings; readonly isSilent: boolean }
  | { readonly kind: 'mode'; readonly mode: MigrationMode }
  | { readonly kind: 'latched' }
  | { readonly kind: 'clearing' }
  | { readonly kind: 'cleared'; readonly isLatched: boolean }
  | { readonly kind: 'deciding'; readonly ask: number; readonly spec: CallSpec }
  | { readonly kind: 'decided'; readonly ask: number; readonly decision: Decision }
  /** `getPayload`: the call in whose flow it was published, where that is one that keeps no order. */
  | {
      readonly kind: 'observed';
      readonly observation: Observation;
      readonly isFrozen: boolean;
      readonly getPayload: number | null;
    }
  | { readonly kind: 'diverged'; readonly observation: Observation }
  | { readonly kind: 'draining'; readonly drain: number }
  | { readonly kind: 'drained'; readonly drain: number; readonly result: DrainResult }
  | { readonly kind: 'closing' }
  | { readonly kind: 'closed' }
  /** Everything that could happen without an answer, a timer or a caller has happened. */
  | { readonly kind: 'quiet'; readonly stats: Stats; readonly standby: Standby }
  | { readonly kind: 'escaped'; readonly how: string; readonly error: unknown };

export type HistoryEvent = Happening & { readonly seq: number; readonly atMs: number };

/** The way a run is set up. */
export type Setup = {
  readonly topology: 'split_warm' | 'split_cold' | 'shared';
  readonly stickiness: 'block' | 'node' | 'session';
  readonly mode: MigrationMode;
  /** Null: no flags client. */
  readonly flags: FlagSettings | null;
  /** Whether a flag is told at once, or when the scheduler says so. */
  readonly flagsTakeTime: boolean;
  readonly latched: boolean;
  /** An engine that never answers and never times out. */
  readonly frozen: AdapterVersion | null;
  readonly listenerThrows: boolean;
};

export type History = { readonly setup: Setup; readonly events: readonly HistoryEvent[] };
