import type { Cell, Fact, Table } from '../../page/browser/view/parts.js';
import type { Paint } from '../terminal.js';
import { clean } from './clean.js';

/** Pads before it paints: what colours a text has no width. */
const padded = (paint: Paint, { text, tone = 'plain' }: Cell, width: number): string =>
  paint(tone, text) + ' '.repeat(Math.max(0, width - text.length));

/** Lays rows out in columns, each as wide as its widest cell. */
export function columns(cells: readonly (readonly Cell[])[], paint: Paint, indent = '  '): string {
  const rows = cells.map((row) => row.map((cell) => ({ ...cell, text: clean(cell.text) })));
  const widths: number[] = [];
  for (const row of rows)
    for (const [at, { text }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, text.length);
  return rows
    .map((row) => {
      const padding = row.map((cell, at) =>
        at === row.length - 1 ? paint(cell.tone ?? 'plain', cell.text) : padded(paint, cell, (widths[at] ?? 0) + 2),
      );
      return `${indent}${padding.join('')}`.trimEnd();
    })
    .map((line) => `${line}\n`)
    .join('');
}

/** Facts, a line each. */
export const factLines = (facts: readonly Fact[], paint: Paint): string =>
  columns(
    facts.map(({ name, value, note = '', tone = 'plain' }) => [{ text: name }, { text: value, tone }, { text: note }]),
    paint,
  );

/** A table with its columns' names over it. */
export const tableLines = ({ columns: names, rows }: Table, paint: Paint): string =>
  columns([names.map((text) => ({ text })), ...rows], paint);
