import type { Clock } from '../unleash/clock.js';
import { type Content, isSameContent, readBytes } from './readBytes.js';

/** What a watcher watches, and whom it tells. */
export type FileWatcherOptions = {
  readonly path: string;
  readonly maximumBytes: number;
  readonly checkIntervalMs: number;
  readonly clock: Clock;
  /** Told of what is there at first, and then of everything else that comes to be there. */
  readonly tell: (content: Content) => void;
};

const settleMs = 20;
const maximumLooks = 10;
const readTimeoutMs = 5_000;

/**
 * Looks at a file at intervals and tells when its content is another.
 *
 * It reads rather than asks for notifications or times: a notification is lost when a directory is replaced, on network
 * and container file systems, and when the system's watches are used up; times stay the same under `cp -p` and within
 * one tick. Reading sees every kind of change, links within the path included, and its work is bounded by the interval.
 */
export class FileWatcher {
  readonly #options: FileWatcherOptions;
  #seen: Content | undefined;
  #reading: Promise<Content> | undefined;
  #cancelTimer = (): void => {};
  #stopped = false;

  constructor(options: FileWatcherOptions) {
    this.#options = options;
  }

  /** Begins to look. */
  start(): void {
    void this.#check();
  }

  /** Tells nothing any more, and ends when no file is open. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    if (this.#reading !== undefined) await this.#look();
  }

  async #check(): Promise<void> {
    const content = await this.#settled();
    if (this.#stopped) return;
    if (!isSameContent(this.#seen, content)) {
      this.#seen = content;
      this.#options.tell(content);
    }
    // Telling may have ended the watching.
    if (this.#stopped) return;
    this.#cancelTimer = this.#options.clock.setTimer(() => void this.#check(), this.#options.checkIntervalMs);
  }

  /** What two looks agree upon, so that a write in progress is not taken for its end; the last of some if they never do. */
  async #settled(): Promise<Content> {
    let content = await this.#look();
    // The first look has to answer at once: initialize waits for it, and timers do not keep a process alive.
    if (this.#seen === undefined) return content;
    for (let looks = 1; looks < maximumLooks && !this.#stopped; looks++) {
      if (isSameContent(this.#seen, content)) return content;
      await new Promise<void>((resolve) => {
        this.#cancelTimer = this.#options.clock.setTimer(resolve, settleMs);
      });
      const again = await this.#look();
      if (isSameContent(again, content)) return content;
      content = again;
    }
    return content;
  }

  /** Reads the file, in bounded time; a reading that hangs is waited for, since another would only take one more thread. */
  async #look(): Promise<Content> {
    const { path, maximumBytes, clock } = this.#options;
    this.#reading ??= readBytes(path, maximumBytes).finally(() => {
      this.#reading = undefined;
    });
    let cancel = (): void => {};
    const tooLong = new Promise<Content>((resolve) => {
      const message = `not read within ${readTimeoutMs} ms`;
      cancel = clock.setTimer(() => resolve({ kind: 'unreadable', message }), readTimeoutMs);
    });
    const content = await Promise.race([this.#reading, tooLong]);
    cancel();
    return content;
  }
}
