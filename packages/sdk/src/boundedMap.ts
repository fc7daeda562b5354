/** A map by hash or id, compared without hex case, that forgets its oldest entry when it is full. */
export type BoundedMap<V> = {
  set(key: string, value: V): void;
  get(key: string): V | undefined;
  readonly size: number;
};

/** Makes an empty map of at most `maxEntries`; setting a key again makes it the newest. */
export function createBoundedMap<V>(maxEntries: number): BoundedMap<V> {
  const entries = new Map<string, V>();
  return {
    set(key, value) {
      const folded = key.toLowerCase();
      entries.delete(folded);
      entries.set(folded, value);
      if (entries.size <= maxEntries) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
      }
    },
    get: (key) => entries.get(key.toLowerCase()),
    get size() {
      return entries.size;
    },
  };
}
