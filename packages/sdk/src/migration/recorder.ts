import type { Journal, JournalContent, JournalRecord } from './contracts.js';

type Unnumbered = Omit<JournalRecord, 'seq'>;

/** Writes one record at a time, each with its number. */
export type Recorder = {
  open(): Promise<JournalContent>;
  /** Resolves when the record is durable, and everything that was owed before it; rejects, and the record is not written. */
  write(record: Unnumbered): Promise<void>;
  /** Writes what has happened already: where that fails it is owed, and written before the next. `failed` hears of it. */
  owe(record: Unnumbered, failed: (error: unknown) => void): void;
  /** Tries to write what is owed; rejects where that fails. */
  settle(): Promise<void>;
  readonly owed: number;
  /** What has been read and written, oldest first. */
  readonly records: readonly JournalRecord[];
  /** Lets the journal go when what is under way has ended. */
  close(): Promise<void>;
};

/** Makes a recorder over a journal. */
export function createRecorder(journal: Journal): Recorder {
  const records: JournalRecord[] = [];
  const owed: Unnumbered[] = [];
  let last: Promise<unknown> = Promise.resolve();

  async function append(record: Unnumbered): Promise<void> {
    const numbered = { seq: (records.at(-1)?.seq ?? 0) + 1, ...record };
    await journal.append(numbered);
    records.push(numbered);
  }
  async function pay(): Promise<void> {
    for (;;) {
      const [first] = owed;
      if (first === undefined) return;
      await append(first);
      owed.shift();
    }
  }
  /** One at a time, in the order in which they were asked for. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  }

  return {
    async open() {
      const content = await journal.open();
      records.splice(0, records.length);
      for (const record of content.records) records.push(record);
      return content;
    },
    write: (record) =>
      inTurn(async () => {
        await pay();
        await append(record);
      }),
    owe(record, failed) {
      inTurn(async () => {
        owed.push(record);
        await pay();
      }).catch(failed);
    },
    settle: () => inTurn(pay),
    get owed() {
      return owed.length;
    },
    records,
    async close() {
      await last;
      await journal.close();
    },
  };
}
