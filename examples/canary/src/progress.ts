import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { answeringVersion, type DemoRecord, type Heads, percentile } from './record.js';
import type { Watcher } from './run.js';

const milliseconds = (values: readonly number[], share: number): string => {
  const value = percentile(values, share);
  return (value === null ? '-' : value.toFixed(0)).padStart(5);
};

function figures(record: DemoRecord, phase: number, heads: Heads) {
  const { title, blocks } = record.plan[phase] ?? { title: '?', blocks: 0 };
  const made = record.blocks.filter((block) => block.phase === phase);
  const byV5 = made.filter((block) => answeringVersion(block) === 'v5').length;
  const { v4, v5 } = record.newPayloadMs;
  return { title, planned: blocks, made: made.length, byV5, v4, v5, heads, errors: record.errors + record.feedErrors };
}

type Figures = ReturnType<typeof figures>;

const share = ({ byV5, made }: Figures): string => `${made === 0 ? 0 : Math.round((100 * byV5) / made)} %`;

const headOf = ({ number, hash }: Heads['v4']): string => `block ${String(number).padStart(4)}  ${hash.slice(0, 18)}`;

/** The table of the present moment: what is set, what is measured, and where both clients are. */
function tableLines(now: Figures): readonly string[] {
  const bar = '#'.repeat(Math.round((24 * now.made) / Math.max(1, now.planned))).padEnd(24, '.');
  const row = (version: 'v4' | 'v5'): string => {
    const all = [...now[version].imported, ...now[version].builtHere];
    return `  ${version}   ${milliseconds(all, 0.5)}    ${milliseconds(all, 0.99)}   ${headOf(now.heads[version])}`;
  };
  return [
    `  set: ${now.title.padEnd(24)} [${bar}] ${now.made}/${now.planned} blocks`,
    `  answered by v5: ${now.byV5} of ${now.made} (${share(now)})   errors: ${now.errors}`,
    '       new_payload ms        head of its client',
    '       p50      p99',
    row('v4'),
    row('v5'),
  ];
}

function plainLine(now: Figures): string {
  const both = (version: 'v4' | 'v5'): string => {
    const all = [...now[version].imported, ...now[version].builtHere];
    return `${version} p50 ${milliseconds(all, 0.5).trim()} p99 ${milliseconds(all, 0.99).trim()} ms`;
  };
  const { v4, v5 } = now.heads;
  return `[${now.title}] ${now.made}/${now.planned} blocks, by v5: ${now.byV5} (${share(now)}), ${both('v4')}, ${both('v5')}, errors ${now.errors}, heads v4 ${v4.number} v5 ${v5.number}`;
}

/** A table that is drawn again in place; for a terminal. */
export function createLiveTable(output: NodeJS.WriteStream): Watcher {
  let drawn = 0;
  const erase = (): void => {
    moveCursor(output, 0, -drawn);
    cursorTo(output, 0);
    clearScreenDown(output);
    drawn = 0;
  };
  let lastPhase = -1;
  return {
    say(line) {
      erase();
      output.write(`${line}\n`);
    },
    block(record, phase, heads) {
      // The table of a phase that has ended stays on the screen.
      if (phase === lastPhase) erase();
      lastPhase = phase;
      const lines = tableLines(figures(record, phase, heads)).map((line) =>
        line.slice(0, Math.max(20, output.columns - 1)),
      );
      output.write(`${lines.join('\n')}\n`);
      drawn = lines.length;
    },
  };
}

/** A line every tenth block and at each phase's end; for a file or a pipe. */
export function createPlainLines(print: (line: string) => void): Watcher {
  return {
    say: print,
    block(record, phase, heads) {
      const now = figures(record, phase, heads);
      if (now.made % 10 === 0 || now.made === now.planned) print(plainLine(now));
    },
  };
}
