import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import type { Criterion, HealthCheck } from '@lighthouse-compat/sdk';
import type { Phase } from './record.js';

/** Where the migration is now. */
type Row = {
  /** Of the plan's time since the run began. */
  readonly minutes: number;
  readonly phase: Phase;
  /** Why nothing moves up; null where nothing holds it. */
  readonly held: string | null;
};

/** Who looks at the demo. */
export type Watcher = {
  say(line: string): void;
  /** A new table begins. */
  begin(): void;
  /** A block has been made, or a check. */
  show(row: Row, because: 'block' | 'check'): void;
};

const columns = [9, 17, 7, 14, 14, 16, 28, 9] as const;

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => cell.padEnd(columns[at] ?? 0))
    .join('')
    .trimEnd();

const head = line(['plan', 'state', 'set', 'v5 answered', 'health', 'v5 errors', 'v5 slower by', 'differ']);

const percent = (value: number | null | undefined): string =>
  value === null || value === undefined ? '-' : `${value.toFixed(1)} %`;

const criterionOf = (check: HealthCheck | null, name: Criterion['name']): Criterion | undefined =>
  check?.criteria.find((criterion) => criterion.name === name);

/** A row as text. */
function rowText({ minutes, phase, held }: Row): string {
  const { state, answeredByV5, blocks, lastCheck } = phase;
  const [errors, latency] = [criterionOf(lastCheck, 'v5_errors'), criterionOf(lastCheck, 'latency')];
  const range =
    latency === undefined || latency.lowerPercent === null
      ? ''
      : ` (${latency.lowerPercent.toFixed(0)} to ${percent(latency.upperPercent)})`;
  return line([
    `${minutes.toFixed(0)} min`,
    state,
    `${phase.percent} %`,
    `${answeredByV5} of ${blocks}`,
    `${lastCheck?.verdict ?? '-'}${held === null ? '' : ', held'}`,
    `${percent(errors?.valuePercent)} of ${errors?.samples.v5 ?? 0}`,
    `${percent(latency?.valuePercent)}${range}`,
    percent(criterionOf(lastCheck, 'divergence')?.valuePercent),
  ]);
}

/** A table whose last row is drawn again in place until the next phase begins; for a terminal. */
export function createLiveTable(output: NodeJS.WriteStream): Watcher {
  let drawn: Phase | undefined;
  const erase = (): void => {
    moveCursor(output, 0, -1);
    cursorTo(output, 0);
    clearScreenDown(output);
  };
  return {
    say(text) {
      drawn = undefined;
      output.write(`${text}\n`);
    },
    begin() {
      drawn = undefined;
      output.write(`${head}\n`);
    },
    show(row) {
      if (drawn === row.phase) erase();
      drawn = row.phase;
      output.write(`${rowText(row).slice(0, Math.max(20, output.columns - 1))}\n`);
    },
  };
}

/** A line a check; for a file or a pipe. */
export function createPlainLines(print: (line: string) => void): Watcher {
  return {
    say: print,
    begin: () => print(head),
    show(row, because) {
      if (because === 'check') print(rowText(row));
    },
  };
}
