import { arch, cpus, loadavg } from 'node:os';
import { median, type Series, spread } from './series.js';

/** What a figure is meant to be. */
type Target = { readonly op: '<=' | '>='; readonly bound: number };

/** One result: a figure with a unit, or a ratio, which has none; timing is never pass or fail, so a target is only told. */
export type Result = {
  readonly name: string;
  readonly series: Series;
  /** Undefined for a ratio. */
  readonly unit?: string;
  readonly target?: Target;
  /** The package that the figure is of or that it is held against, and its version. */
  readonly peer?: string;
};

/** Everything that one benchmark found. */
export type Report = {
  readonly benchmark: string;
  /** How it was measured, a line each. */
  readonly notes: readonly string[];
  readonly results: readonly Result[];
};

const significant = (value: number): number =>
  Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));

const isMet = (value: number, { op, bound }: Target): boolean => (op === '<=' ? value <= bound : value >= bound);

function machine(): { node: string; cpu: string; loadAverage: number } {
  const processors = cpus();
  return {
    node: process.version,
    cpu: `${processors.length} x ${processors[0]?.model ?? arch()}`,
    loadAverage: significant(loadavg()[0] ?? 0),
  };
}

function line({ name, series, unit, target, peer }: Result): string {
  const value = median(series);
  const [low, high] = spread(series).map(significant);
  const parts = [unit === undefined ? 'ratio' : 'figure', name, String(significant(value))];
  if (unit !== undefined) parts.push(unit);
  if (target !== undefined) {
    parts.push('target', target.op, String(target.bound), isMet(value, target) ? 'met' : 'missed');
  }
  parts.push('spread', `${low}..${high}`);
  if (peer !== undefined) parts.push('peer', peer);
  return parts.join(' ');
}

/** Writes a report as lines: `ratio <name> <value> target <op> <bound>` and `figure <name> <value> <unit>`; notes begin with `#`. */
export function asText({ benchmark, notes, results }: Report): string {
  const { node, cpu, loadAverage } = machine();
  const head = [`${benchmark}: node ${node}, ${cpu}, load average ${loadAverage}`, ...notes];
  return `${[...head.map((note) => `# ${note}`), ...results.map(line)].join('\n')}\n`;
}

/** Writes a report as one JSON document, the figure of every round that is told included. */
export function asJson({ benchmark, notes, results }: Report): string {
  const told = results.map(({ name, series, unit, target, peer }) => {
    const value = median(series);
    return {
      kind: unit === undefined ? 'ratio' : 'figure',
      name,
      value: significant(value),
      unit: unit ?? null,
      target: target === undefined ? null : { ...target, met: isMet(value, target) },
      spread: spread(series).map(significant),
      rounds: series.map(significant),
      peer: peer ?? null,
    };
  });
  return `${JSON.stringify({ benchmark, ...machine(), notes, results: told }, null, 2)}\n`;
}
