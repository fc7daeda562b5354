import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Journal, JournalContent, JournalRecord } from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import { type FileLock, takeLock } from './fileLock.js';
import { decodeRecords, encodeRecord } from './recordLine.js';

const failed = (what: string, path: string, cause?: unknown): OperatorError =>
  new OperatorError('JOURNAL_FAILED', `${what}: ${path}`, { path, cause });

/** Opens or makes the file; that it is there is made durable too. */
async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, 'a+', 0o600);
  await handle.close();
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  // Not for appending: what fails half way is written over.
  return open(path, 'r+');
}

async function keepAside(path: string, bytes: Buffer): Promise<void> {
  const aside = await open(path, 'a', 0o600);
  try {
    await aside.writeFile(bytes);
    await aside.sync();
  } finally {
    await aside.close();
  }
}

/**
 * Makes a migration journal in a file: one line a record, each with a checksum over itself and the one before it, on
 * disk before `append` resolves. `open` throws JOURNAL_LOCKED where another controller has it, JOURNAL_DAMAGED where
 * it does not hold before its last line, and cuts off a last line that was not finished, which it tells and keeps beside
 * the journal. The lock is the system's on `<path>.lock`: it ends with its process, however that ends.
 */
export function fileJournal({ path }: { readonly path: string }): Journal {
  if (typeof path !== 'string' || path === '')
    throw new OperatorError('INVALID_OPTION', 'path: the path of a file is needed', { path: 'path' });
  let opened: { readonly lock: FileLock; readonly file: FileHandle } | undefined;
  let bytes = 0;
  let checksum = '';
  let lastSeq = 0;
  /** A record may be half written: nothing follows it. */
  let isSpoilt = false;

  async function read(file: FileHandle): Promise<JournalContent> {
    const content = await file.readFile();
    const { records, goodBytes, lastChecksum, isTorn, isBroken } = decodeRecords(content);
    if (isBroken) {
      const message = `record ${records.length + 1} of the migration journal, at byte ${goodBytes}, does not hold, and it is not the last: ${path}`;
      throw new OperatorError('JOURNAL_DAMAGED', message, { path });
    }
    [bytes, checksum, lastSeq] = [goodBytes, lastChecksum, records.length];
    if (!isTorn) return { records, damage: null };
    const tail = content.subarray(goodBytes);
    await keepAside(`${path}.damaged`, tail);
    await file.truncate(goodBytes);
    await file.sync();
    const damage = `the last ${tail.length} bytes of the migration journal, after record ${records.length}, were not a whole record: they were cut off and kept in ${path}.damaged`;
    return { records, damage };
  }

  return {
    async open() {
      if (opened !== undefined)
        throw new OperatorError('JOURNAL_LOCKED', `the journal is open already: ${path}`, { path });
      const lock = await takeLock(`${path}.lock`);
      let file: FileHandle | undefined;
      try {
        file = await openFile(path);
        const content = await read(file);
        opened = { lock, file };
        isSpoilt = false;
        return content;
      } catch (error) {
        await file?.close();
        await lock.release();
        throw error instanceof OperatorError ? error : failed('the migration journal cannot be read', path, error);
      }
    },
    async append(record: JournalRecord) {
      if (opened === undefined) throw failed('the migration journal is not open', path);
      if (isSpoilt) throw failed('an earlier record is half written; open the migration journal anew', path);
      if (record.seq !== lastSeq + 1) throw failed(`record ${record.seq} does not follow ${lastSeq}`, path);
      const { file } = opened;
      const { line, checksum: own } = encodeRecord(record, checksum);
      try {
        for (let done = 0; done < line.length; )
          done += (await file.write(line, done, line.length - done, bytes + done)).bytesWritten;
        await file.datasync();
      } catch (cause) {
        // What came half way must not be taken for a record, nor stand in the way of the next.
        await file
          .truncate(bytes)
          .then(() => file.datasync())
          .catch(() => {
            isSpoilt = true;
          });
        throw failed('the migration journal cannot be written', path, cause);
      }
      [bytes, checksum, lastSeq] = [bytes + line.length, own, record.seq];
    },
    async close() {
      const { lock, file } = opened ?? {};
      opened = undefined;
      await file?.close();
      await lock?.release();
    },
  };
}
