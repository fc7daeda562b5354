import type { Clock } from '@lighthouse-compat/sdk';
import type { Tone } from '../page/browser/view/parts.js';

/** Where a command runs: everything that it takes from outside. */
export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  /** Null: what is written goes into a file or a pipe. */
  readonly screen: {
    /** How many there are now. */
    rows(): number;
    readonly hasColors: boolean;
    /** Replaces everything that is on it; lines that are too long are cut off. */
    redraw(text: string): void;
  } | null;
  /** Whether what goes to standard error is in colour. */
  readonly hasErrorColors: boolean;
  /** Null: there is nobody to ask. What is asked may be cut off, which is null as well. */
  readonly ask: ((question: string) => Promise<string | null>) | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly userName: string;
  readonly clock: Clock;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
};

/** Colours a text by how what it says stands. */
export type Paint = (tone: Tone, text: string) => string;

const codes: Readonly<Record<Exclude<Tone, 'plain'>, number>> = { good: 32, attention: 33, bad: 31 };

/** Paints where there are colours. */
export const painter = (hasColors: boolean): Paint =>
  hasColors ? (tone, text) => (tone === 'plain' ? text : `\u001B[${codes[tone]}m${text}\u001B[39m`) : (_, text) => text;
