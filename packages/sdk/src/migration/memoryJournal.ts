import type { Journal, JournalRecord } from './contracts.js';

/** Makes a journal that lasts as long as its process: for tests and trials. */
export function memoryJournal(): Journal & { readonly records: readonly JournalRecord[] } {
  const records: JournalRecord[] = [];
  return {
    records,
    open: async () => ({ records: [...records], damage: null }),
    async append(record) {
      records.push(record);
    },
    close: async () => {},
  };
}
