import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { CompatError } from '../errors.js';

/** Since when, and why, nothing that v4 can serve goes to v5 for its answer. */
export type Latch = { readonly reason: string; readonly sinceMs: number };

/** The rollback latch: set in the process first and then kept in a file, so that it outlives a restart. */
export type RollbackLatch = {
  state(): Latch | null;
  /** Takes effect before it returns; the promise is of the file, and rejects with LATCH_FILE_FAILED without undoing the latch. */
  set(latch: Latch): Promise<void>;
  /** Removes the file first, so that a crash leaves the latch set; rejects with LATCH_FILE_FAILED and stays set if that fails. */
  clear(): Promise<void>;
};

const failed = (what: string, cause: unknown): CompatError =>
  new CompatError('LATCH_FILE_FAILED', `the rollback latch ${what}`, { path: 'latchFile', cause });

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

/** Reads the latch file of an earlier process: no file is no latch, and a file that cannot be read is a latch. */
export async function readLatchFile(file: string, nowMs: number): Promise<Latch | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return isMissing(error) ? null : { reason: 'the latch file cannot be read', sinceMs: nowMs };
  }
  try {
    const { reason, sinceMs } = JSON.parse(text) as Partial<Latch>;
    if (typeof reason === 'string' && typeof sinceMs === 'number') return { reason, sinceMs };
  } catch {
    // Told below: what is in the file does not matter, only that somebody wanted the latch.
  }
  return { reason: 'the latch file is damaged', sinceMs: nowMs };
}

/** Makes a latch in the given state, with a file to keep it in or none. */
export function createLatch(initial: Latch | null, file: string | null): RollbackLatch {
  let state = initial;
  let writing: Promise<void> = Promise.resolve();
  const after = (write: () => Promise<void>): Promise<void> => {
    const written = writing.then(write);
    writing = written.catch(() => {});
    return written;
  };

  return {
    state: () => state,
    set(latch) {
      state = Object.freeze(latch);
      return after(async () => {
        if (file === null) return;
        try {
          await writeFile(`${file}.new`, `${JSON.stringify(latch)}\n`);
          await rename(`${file}.new`, file);
        } catch (cause) {
          throw failed('is set in this process, but could not be written to its file', cause);
        }
      });
    },
    clear() {
      const cleared = state;
      return after(async () => {
        if (file !== null) {
          try {
            await rm(file, { force: true });
          } catch (cause) {
            throw failed('stays set: its file could not be removed', cause);
          }
        }
        // A rollback that came meanwhile is not the one that was cleared.
        if (state === cleared) state = null;
      });
    },
  };
}
