import { duration, time } from '../view/format.js';
import type { Tone } from '../view/parts.js';
import type { Connection } from './connection.js';

/** How the page stands with the service, and how old its figures are. */
export type ConnectionView = {
  readonly text: string;
  readonly tone: Tone;
  /** The figures are of another moment than now. */
  readonly isOld: boolean;
  readonly needsToken: boolean;
};

/** Says it; `receivedMs` is when the newest status came and `nowMs` now, both the browser's, `atMs` the status' own time, and figures older than `staleAfterMs` are old. */
export function connectionView(
  connection: Connection,
  newest: { readonly receivedMs: number; readonly atMs: number } | null,
  { nowMs, staleAfterMs }: { readonly nowMs: number; readonly staleAfterMs: number },
): ConnectionView {
  const ageMs = newest === null ? 0 : nowMs - newest.receivedMs;
  const old = newest === null ? '' : ` The figures are ${duration(ageMs)} old, of ${time(newest.atMs)}.`;
  switch (connection.kind) {
    case 'connecting':
      return { text: 'Connecting', tone: 'plain', isOld: false, needsToken: false };
    case 'needs_token':
      return {
        text: `${connection.isWrong ? 'This is not the token.' : 'Reading needs the token.'}${old}`,
        tone: 'attention',
        isOld: newest !== null,
        needsToken: true,
      };
    case 'lost':
      return {
        text: `Not connected since ${time(connection.sinceMs)}: ${connection.why}.${old}`,
        tone: 'bad',
        isOld: newest !== null,
        needsToken: false,
      };
    case 'open':
      if (newest === null) return { text: 'Connected', tone: 'good', isOld: false, needsToken: false };
      return ageMs > staleAfterMs
        ? { text: `Connected, but nothing comes.${old}`, tone: 'attention', isOld: true, needsToken: false }
        : { text: `Live, of ${time(newest.atMs)}`, tone: 'good', isOld: false, needsToken: false };
  }
}
