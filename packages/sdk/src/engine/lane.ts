/** How much may wait in a lane. */
export type LaneBounds = { readonly maxCalls: number; readonly maxBytes: number };

/** A call's place in an engine's order. It ends by `run` or by `leave`, whichever comes first. */
export type Place = {
  /** Waits for every earlier place to end, runs the task alone, and settles as it does. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Gives the place up without a call; the order of the others stays. */
  leave(): void;
};

/** The order of one engine: what changes its state goes one at a time, as the caller made the calls (execution-apis, src/engine/common.md, message ordering). */
export type Lane = {
  /** Takes the next place at once; undefined when the lane is full. */
  enter(bytes: number): Place | undefined;
  /** Resolves when every place taken so far has ended. */
  settled(): Promise<void>;
};

/** Makes an empty lane. */
export function createLane(bounds: LaneBounds): Lane {
  let last: Promise<void> = Promise.resolve();
  let calls = 0;
  let bytesHeld = 0;

  return {
    enter(bytes) {
      // A single call over the byte bound still passes an empty lane: it is the engine's to refuse.
      if (calls >= bounds.maxCalls || (calls > 0 && bytesHeld + bytes > bounds.maxBytes)) return undefined;
      calls += 1;
      bytesHeld += bytes;
      const turn = last;
      let end!: () => void;
      last = new Promise<void>((resolve) => {
        end = resolve;
      });
      let ended = false;
      const endOnce = (): void => {
        if (ended) return;
        ended = true;
        calls -= 1;
        bytesHeld -= bytes;
        end();
      };
      return {
        async run(task) {
          await turn;
          try {
            return await task();
          } finally {
            endOnce();
          }
        },
        leave() {
          void turn.then(endOnce);
        },
      };
    },
    settled: () => last,
  };
}
