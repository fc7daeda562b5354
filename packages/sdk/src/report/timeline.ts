/** What is counted over time: calls by the version that answered, those that failed, and what comparing told. */
export const timelineCounts = ['v4', 'v5', 'failed', 'agree', 'differ', 'critical', 'pending', 'unjudged'] as const;

/** One of the counts. */
export type TimelineCount = (typeof timelineCounts)[number];

/** What happened in one stretch of time. */
export type TimelineSlot = { readonly fromMs: number } & Readonly<Record<TimelineCount, number>>;

/** Stretches of one length, the first with the first call; those without a call are there as zeros. */
export type TimelineFigures = { readonly slotMs: number; readonly slots: readonly TimelineSlot[] };

/** Counts over time in constant memory: when the slots are full, each two become one of twice the length. */
export type Timeline = {
  add(atMs: number, counts: readonly TimelineCount[]): void;
  figures(): TimelineFigures;
};

const maxSlots = 120;
const firstSlotMs = 1_000;

const emptySlot = (): Record<TimelineCount, number> => ({
  v4: 0,
  v5: 0,
  failed: 0,
  agree: 0,
  differ: 0,
  critical: 0,
  pending: 0,
  unjudged: 0,
});

/** Makes an empty one. */
export function createTimeline(): Timeline {
  let slotMs = firstSlotMs;
  let startMs: number | undefined;
  let slots: Record<TimelineCount, number>[] = [];

  function fold(): void {
    const folded: Record<TimelineCount, number>[] = [];
    for (const [index, slot] of slots.entries()) {
      const into = folded[index >> 1] ?? emptySlot();
      folded[index >> 1] = into;
      for (const count of timelineCounts) into[count] += slot[count];
    }
    slots = folded;
    slotMs *= 2;
  }

  return {
    add(atMs, counts) {
      if (!Number.isFinite(atMs)) return;
      startMs ??= atMs;
      // A clock that was set back counts to the first slot.
      const sinceMs = Math.max(0, atMs - startMs);
      while (sinceMs >= slotMs * maxSlots) fold();
      const index = Math.floor(sinceMs / slotMs);
      while (slots.length <= index) slots.push(emptySlot());
      const slot = slots[index];
      if (slot !== undefined) for (const count of counts) slot[count] += 1;
    },
    figures: () => ({
      slotMs,
      slots: slots.map((slot, index) => ({ fromMs: (startMs ?? 0) + index * slotMs, ...slot })),
    }),
  };
}
