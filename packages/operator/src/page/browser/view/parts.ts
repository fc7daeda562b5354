/** How something stands: well, in want of a look, bad, or neither. */
export type Tone = 'good' | 'attention' | 'bad' | 'plain';

/** A figure or a word with its name. */
export type Fact = { readonly name: string; readonly value: string; readonly note?: string; readonly tone?: Tone };

/** One cell of a table. */
export type Cell = { readonly text: string; readonly tone?: Tone; readonly version?: 'v4' | 'v5' };

/** A table; the first cell of a row is its head. */
export type Table = {
  readonly caption: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};

/** What a person must not overlook. */
export type Banner = { readonly tone: Exclude<Tone, 'plain' | 'good'>; readonly title: string; readonly text: string };
