import type { Criterion, HealthCheck, MigrationState } from '@lighthouse-compat/sdk';

/** One row of the table: where the migration is, and what its newest check found. */
export type Row = {
  /** Of the plan's time. */
  readonly minutes: number;
  readonly state: MigrationState;
  readonly percent: number;
  /** Of the blocks since the last row. */
  readonly answeredByV5: number;
  readonly blocks: number;
  readonly check: HealthCheck;
};

const columns = [8, 18, 6, 12, 13, 16, 26, 8] as const;

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => cell.padEnd(columns[at] ?? 0))
    .join('')
    .trimEnd();

/** The head of the table. */
export const tableHead: string = line([
  'plan',
  'state',
  'set',
  'v5 answered',
  'health',
  'v5 errors',
  'v5 slower by',
  'differ',
]);

const percent = (value: number | null | undefined, digits = 1): string =>
  value === null || value === undefined ? '-' : `${value.toFixed(digits)} %`;

/** A row as text. */
export function tableRow({ minutes, state, percent: set, answeredByV5, blocks, check }: Row): string {
  const find = (name: Criterion['name']) => check.criteria.find((criterion) => criterion.name === name);
  const [errors, latency, divergence] = [find('v5_errors'), find('latency'), find('divergence')];
  const range =
    latency?.lowerPercent == null ? '' : ` (${percent(latency.lowerPercent)} to ${percent(latency.upperPercent)})`;
  return line([
    `${minutes.toFixed(0)} min`,
    state.held === null ? state.kind : `${state.kind} (${state.held.kind})`,
    `${set} %`,
    `${answeredByV5} of ${blocks}`,
    check.verdict,
    `${percent(errors?.valuePercent)} of ${errors?.samples.v5 ?? 0}`,
    `${percent(latency?.valuePercent)}${range}`,
    percent(divergence?.valuePercent),
  ]);
}
