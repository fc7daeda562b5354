import type { Terminal } from './terminal.js';

type Interruptible = Pick<Terminal, 'interrupted'>;

/** Gives what a work comes to; null, and at once, where Ctrl-C comes first: it may be done all the same. */
export function unlessInterrupted<T>({ interrupted }: Interruptible, work: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(null);
    if (interrupted.aborted) stop();
    else interrupted.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => interrupted.removeEventListener('abort', stop));
  });
}

/** Resolves when Ctrl-C comes. */
export async function untilInterrupted(terminal: Interruptible): Promise<void> {
  await unlessInterrupted(terminal, new Promise<never>(() => {}));
}

/** Waits so many milliseconds; false, and at once, where Ctrl-C ends it. */
export async function passed(terminal: Interruptible & Pick<Terminal, 'clock'>, forMs: number): Promise<boolean> {
  let cancel = (): void => {};
  const over = new Promise<true>((resolve) => {
    cancel = terminal.clock.setTimer(() => resolve(true), forMs);
  });
  const isOver = await unlessInterrupted(terminal, over);
  cancel();
  return isOver ?? false;
}
