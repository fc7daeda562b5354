import type { Terminal } from './terminal.js';

/** Waits; false, and at once, where Ctrl-C ends it. */
export function passed(
  { clock, interrupted }: Pick<Terminal, 'clock' | 'interrupted'>,
  forMs: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isOver: boolean): void => {
      cancel();
      interrupted.removeEventListener('abort', stop);
      resolve(isOver);
    };
    const stop = (): void => end(false);
    const cancel = clock.setTimer(() => end(true), forMs);
    if (interrupted.aborted) stop();
    else interrupted.addEventListener('abort', stop);
  });
}
