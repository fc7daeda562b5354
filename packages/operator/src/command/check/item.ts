/** One thing that `check` has looked at. */
export type CheckItem = {
  /** What it belongs to: the configuration, a service, Unleash, Prometheus. */
  readonly group: string;
  readonly name: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  /** What to do about it; null where there is nothing to do. */
  readonly mend: string | null;
};

/** Makes the items of one group. */
export const itemsOf = (group: string) => ({
  ok: (name: string, detail: string): CheckItem => ({ group, name, level: 'ok', detail, mend: null }),
  warning: (name: string, detail: string, mend: string): CheckItem => ({ group, name, level: 'warning', detail, mend }),
  problem: (name: string, detail: string, mend: string): CheckItem => ({ group, name, level: 'problem', detail, mend }),
});

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
