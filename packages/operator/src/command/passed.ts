import type { Terminal } from './terminal.js';

/** Waits; false, and at once, where Ctrl-C ends it. */
export function passed(
  { clock, interrupted }: Pick<Terminal, 'clock' | 'interrupted'>,
  forMs: number,
): Promise<boolean> {
  let cancel = (): void => {};
  const over = new Promise<boolean>((resolve) => {
    cancel = clock.setTimer(() => resolve(true), forMs);
  });
  return unlessInterrupted({ interrupted }, over).then((isOver) => {
    cancel();
    return isOver ?? false;
  });
}

/** Gives what a work comes to; null, and at once, where Ctrl-C comes first: it may be done all the same. */
export function unlessInterrupted<T>(
  { interrupted }: Pick<Terminal, 'interrupted'>,
  work: Promise<T>,
): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(null);
    if (interrupted.aborted) stop();
    else interrupted.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => interrupted.removeEventListener('abort', stop));
  });
}
