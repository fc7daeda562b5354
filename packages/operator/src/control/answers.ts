import type {
  CommandResult,
  ControllerAlarm,
  Decision,
  DrillResult,
  JournalRecord,
  Latch,
  MigrationEvents,
  MigrationMode,
  MigrationStatus,
  ReadinessReport,
  Report,
  Standby,
  Stats,
} from '@lighthouse-compat/sdk';

/** The version of everything below, in every answer: a field may be added under it, none removed or given another meaning. */
export const controlVersion = 1;

/** What every answer begins with. */
type Versioned = { readonly version: typeof controlVersion };

/** A value as it is once it has been JSON: integers that no number holds are decimal texts. */
export type Json<T> = T extends bigint
  ? string
  : T extends readonly (infer E)[]
    ? readonly Json<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Json<T[K]> }
      : T;

/** The actions, each a POST to `actions/<name>`. */
export type ActionName =
  | 'start'
  | 'pause'
  | 'resume'
  | 'hold'
  | 'release'
  | 'promote'
  | 'abort'
  | 'rollback'
  | 'retry'
  | 'clear'
  | 'finalize'
  | 'adopt'
  | 'reset'
  | 'drill'
  | 'latch'
  | 'clear-latch';

/** GET `status`: where the migration and its instance are. */
export type StatusAnswer = Versioned & {
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Null without a controller. */
  readonly migration: MigrationStatus | null;
  readonly mode: MigrationMode;
  readonly latch: Latch | null;
  readonly standby: Standby;
  readonly stats: Json<Stats>;
  /** As its OpenFeature client tells it (`READY`, `STALE`, `ERROR` and so on); null where no client was given. */
  readonly flagProvider: string | null;
  readonly journal: {
    /** The number of the newest record; 0 where there is none. */
    readonly lastSeq: number;
  };
  /** Whether actions are taken from whoever has the token. */
  readonly takesActions: boolean;
};

/** GET `journal`: records in their order. */
export type JournalAnswer = Versioned & {
  readonly records: readonly JournalRecord[];
  readonly lastSeq: number;
  /** What to give as `after` for the records that follow; null at the end. */
  readonly after: number | null;
  /** What to give as `before` for the records in front of these; null at the beginning. */
  readonly before: number | null;
};

/** GET or POST `decision`: how a call would be decided now. */
export type DecisionAnswer = Versioned & { readonly decision: Decision };

/** GET `readiness`: everything that a start needs, looked at now. Needs the token: it asks both engines. */
export type ReadinessAnswer = Versioned & { readonly readiness: ReadinessReport };

/** GET `access`: that the token is the right one. */
export type AccessAnswer = Versioned & { readonly allowed: true };

/** GET `report`. */
export type ReportAnswer = Versioned & { readonly report: Json<Report> };

/** POST of an action that was done. */
export type ActionAnswer = Versioned & {
  readonly action: ActionName;
  /** Null for what concerns the latch alone. */
  readonly state: CommandResult['state'] | null;
  readonly latch: Latch | null;
  /** With a drill. */
  readonly drill: DrillResult | null;
  /** What was done all the same, but not to the end, as a latch that is in no file. */
  readonly warning: { readonly code: string; readonly message: string } | null;
};

/** Why a request was not answered; codes are stable, messages are not. */
export type ErrorAnswer = Versioned & {
  readonly error: {
    readonly code: string;
    readonly message: string;
    /** The parameter or the field. */
    readonly path?: string;
    /** Everything that is wrong, where it is more than one thing. */
    readonly problems?: readonly { readonly code: string; readonly path: string; readonly message: string }[];
  };
};

/** GET `events`: what each kind of server-sent event carries. Those of the migration have the id `<run>-<seq>`, the rest have none. */
export type ControlEvents = {
  readonly transition: MigrationEvents['transition'];
  readonly check: MigrationEvents['check'];
  readonly refused: MigrationEvents['refused'];
  readonly alarm: ControllerAlarm;
  readonly drill: DrillResult;
  /** Every few seconds, and whenever anything in it has changed at once. */
  readonly status: StatusAnswer;
  /** The first: whether everything since the `Last-Event-ID` follows, and how often the status does. */
  readonly opened: Versioned & { readonly resumed: boolean; readonly heartbeatMs: number };
};
