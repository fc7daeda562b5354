import type { RollbackVerification } from '../rollback/verifyRollback.js';
import type { MigrationEvent } from './event.js';
import type { HealthSample } from './health/healthSample.js';
import type { MigrationPlan } from './plan.js';
import type { MigrationState } from './state.js';
import type { Adoption, SettableTarget } from './target.js';

/** What a drill found. */
export type DrillResult = {
  readonly ok: boolean;
  /** Whether the process was latched for real. */
  readonly live: boolean;
  readonly by: string;
  readonly durationMs: number;
  readonly verification: RollbackVerification;
  /** How a call would be decided under the latch, or was. */
  readonly decided: 'v4' | 'v5' | null;
  /** What the actuator said when it was asked. */
  readonly actuator: ActuatorReport;
  /** What went wrong, in words. */
  readonly problems: readonly string[];
};

/** One line of a journal: what happened, and the state that it led to. */
export type JournalRecord = {
  /** From 1, without a gap. */
  readonly seq: number;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly event:
    | MigrationEvent
    | { readonly type: 'drilled'; readonly drill: DrillResult }
    /** An actuator with a `restore` has made a target true. */
    | { readonly type: 'applied'; readonly target: SettableTarget }
    /** It has lifted the latch everywhere that a person had cleared. */
    | { readonly type: 'unlatched' };
  readonly state: MigrationState;
  /** With a start: the plan that the run goes by. */
  readonly plan?: MigrationPlan;
};

/** What a journal held when it was opened. */
export type JournalContent = {
  readonly records: readonly JournalRecord[];
  /** What its end was cut off for, in words; null where it was whole. */
  readonly damage: string | null;
};

/** Where transitions are kept. One writer at a time. */
export interface Journal {
  /** Takes the journal for this process and reads it; rejects where another process has it, and where it is damaged before its end. */
  open(): Promise<JournalContent>;
  /** Resolves when the record is durable; a record that was rejected is not in the journal. Called one at a time. */
  append(record: JournalRecord): Promise<void>;
  /** Lets the journal go. */
  close(): Promise<void>;
}

/** What stands in the way of an actuator's acting; null where nothing does. */
export type ActuatorReport = {
  /** Flags that cannot be asked, or that are not set up. */
  readonly unknown: string | null;
  /** What a person has changed. */
  readonly drift: string | null;
};

/** What makes calls go by what a migration wants. Every act may be repeated. */
export interface Actuator {
  /** Makes a target true; resolves when it is, and rejects, with nothing written over, where a person has changed what it acts on. */
  apply(target: SettableTarget): Promise<void>;
  /** Latches before it returns; the promise is of everybody else's being told, and may take its time. */
  latch(reason: string): Promise<void>;
  /** Lifts the latch that a person has cleared. */
  unlatch(cleared: { readonly by: string; readonly reason: string }): Promise<void>;
  /** Reads how things are, and changes nothing. */
  inspect(): Promise<ActuatorReport>;
  /** Told once, before anything else: the targets that earlier processes may have left in force, the one that is wanted last. Where it is there, the journal notes each target that has been applied, and each latch that has been lifted. */
  restore?(targets: readonly SettableTarget[]): void;
  /** Reads what a person has set, as a target; changes nothing. */
  adopt?(): Promise<Adoption>;
  /** Makes a target true over whatever a person has set; without it `apply` does. */
  reset?(target: SettableTarget): Promise<void>;
}

/** Where the figures come from. */
export interface HealthSource {
  /** Begins a new window: what calls go by has changed. */
  reset(): void;
  /** What has been seen; null where it cannot be asked. */
  sample(): Promise<HealthSample | null>;
  /** Why there was no sample the last time; null where there was one. */
  readonly problem?: Pick<Error, 'message'> | null;
  close(): void;
}
