import { createHash } from 'node:crypto';
import type { JournalRecord } from '@lighthouse-compat/sdk';

const checksumLength = 16;

/** The checksum of a record in its place: that of the record before it is in it, so that none can be missing or have changed places. */
const checksumOf = (json: string, before: string): string =>
  createHash('sha256').update(before).update('\n').update(json).digest('hex').slice(0, checksumLength);

/** One line of a journal: checksum, space, record as JSON. */
export function encodeRecord(
  record: JournalRecord,
  before: string,
): { readonly line: Buffer; readonly checksum: string } {
  const json = JSON.stringify(record);
  const checksum = checksumOf(json, before);
  return { line: Buffer.from(`${checksum} ${json}\n`, 'utf8'), checksum };
}

/** What a journal's bytes hold, up to the first line that does not hold. */
export type DecodedRecords = {
  readonly records: readonly JournalRecord[];
  readonly lastChecksum: string;
  /** Bytes of the lines that hold. */
  readonly goodBytes: number;
  /** Whether more than one line follows, so that what does not hold is not just an end that was cut off. */
  readonly isTorn: boolean;
  readonly isBroken: boolean;
};

function decodeLine(line: string, before: string, seq: number): { record: JournalRecord; checksum: string } | null {
  const [checksum, json] = [line.slice(0, checksumLength), line.slice(checksumLength + 1)];
  if (line[checksumLength] !== ' ' || checksumOf(json, before) !== checksum) return null;
  // What has the checksum was written by this package: the record's shape needs no second look.
  const record = JSON.parse(json) as JournalRecord;
  return record.seq === seq ? { record, checksum } : null;
}

/** Reads lines for as long as they hold. */
export function decodeRecords(bytes: Buffer): DecodedRecords {
  const records: JournalRecord[] = [];
  let before = '';
  let at = 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(0x0a, at);
    const decoded = end === -1 ? null : decodeLine(bytes.toString('utf8', at, end), before, records.length + 1);
    if (decoded === null) {
      const isLast = end === -1 || end === bytes.length - 1;
      return { records, lastChecksum: before, goodBytes: at, isTorn: isLast, isBroken: !isLast };
    }
    records.push(decoded.record);
    before = decoded.checksum;
    at = end + 1;
  }
  return { records, lastChecksum: before, goodBytes: at, isTorn: false, isBroken: false };
}
