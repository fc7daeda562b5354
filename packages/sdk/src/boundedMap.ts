/** A map by hash or id, compared without hex case, that forgets its oldest entry when it is full. */
export type BoundedMap<V> = {
  set(key: string, value: V): void;
  get(key: string): V | undefined;
  size(): number;
};

/** Makes an empty map of at most `maxEntries`; setting a key again makes it the newest. */
export function createBoundedMap<V>(maxEntries: number): BoundedMap<V> {
  const entries = new Map<string, V>();
  let newest: string | undefined;
  let lastKey = '';
  let lastFolded = '';
  // One block's calls ask for one key many times.
  const fold = (key: string): string => {
    if (key !== lastKey) {
      lastKey = key;
      lastFolded = key.toLowerCase();
    }
    return lastFolded;
  };
  return {
    set(key, value) {
      const folded = fold(key);
      // A block comes by more than once in a row, and moving an entry costs more than the rest of a look-up.
      if (folded === newest && entries.get(folded) === value) return;
      newest = folded;
      entries.delete(folded);
      entries.set(folded, value);
      if (entries.size <= maxEntries) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
      }
    },
    get: (key) => entries.get(fold(key)),
    size: () => entries.size,
  };
}
