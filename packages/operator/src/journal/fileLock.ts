import { type FileHandle, open } from 'node:fs/promises';
import { tryLock } from 'fs-native-extensions';
import { OperatorError } from '../errors.js';

/** A lock that the system holds for this process, and lets go when the process ends in whatever way. */
export type FileLock = { release(): Promise<void> };

/** Takes the lock of a file that is made where it is missing and never removed: removing it would let two processes hold two files of one name. Throws JOURNAL_LOCKED where another controller has it, in this process or another. */
export async function takeLock(path: string): Promise<FileLock> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'a', 0o600);
  } catch (cause) {
    throw new OperatorError('JOURNAL_FAILED', `the lock of the migration journal cannot be opened: ${path}`, {
      path,
      cause,
    });
  }
  try {
    if (tryLock(handle.fd)) return { release: () => handle.close() };
  } catch (cause) {
    await handle.close();
    throw new OperatorError('JOURNAL_FAILED', `the lock of the migration journal cannot be taken: ${path}`, {
      path,
      cause,
    });
  }
  await handle.close();
  throw new OperatorError('JOURNAL_LOCKED', `another controller has the migration journal: ${path}`, { path });
}
