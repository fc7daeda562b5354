import type { PageClock } from '../clock.js';
import { whyRefused } from './api.js';
import type { Connection } from './connection.js';
import { createEventParser, type SentEvent } from './eventParser.js';

/** A stream of events that is opened again whenever it ends. */
export type Listening = {
  /** Tries at once, as after a token was given. */
  retry(): void;
  close(): void;
};

const firstDelayMs = 1_000;
const longestDelayMs = 10_000;

/** Listens until it is closed. `ask` opens the stream after the event with the id given, `silenceMs` gives how long a stream that is well is silent at most. By fetch and not by EventSource, which can give no token and does not say why it failed. */
export function listen(parts: {
  readonly ask: (lastEventId: string | null, signal: AbortSignal) => Promise<Response>;
  readonly onEvent: (event: SentEvent) => void;
  readonly onConnection: (connection: Connection) => void;
  readonly clock: PageClock;
  readonly silenceMs: () => number;
}): Listening {
  const { ask, onEvent, onConnection, clock, silenceMs } = parts;
  let lastEventId: string | null = null;
  let lostSinceMs: number | null = null;
  let delayMs = firstDelayMs;
  let attempt = new AbortController();
  let cancelRetry: () => void = () => {};
  let isClosed = false;

  async function read(response: Response, isAlive: () => void): Promise<void> {
    const parse = createEventParser((event) => {
      lastEventId = event.id ?? lastEventId;
      onEvent(event);
    });
    const decoder = new TextDecoder();
    const reader = response.body?.getReader();
    for (;;) {
      const piece = await reader?.read();
      if (piece?.value === undefined) return;
      parse(decoder.decode(piece.value, { stream: true }));
      // After it, since what came may say how long the next silence may be.
      isAlive();
    }
  }

  /** Null: the token has to be given first. */
  async function once(signal: AbortSignal, isAlive: () => void): Promise<string | null> {
    const response = await ask(lastEventId, signal);
    if (response.status === 401 || response.status === 403) {
      onConnection({ kind: 'needs_token', isWrong: response.status === 403 });
      return null;
    }
    if (!response.ok) return (await whyRefused(response)).message;
    lostSinceMs = null;
    delayMs = firstDelayMs;
    onConnection({ kind: 'open' });
    await read(response, isAlive);
    return 'the service has ended the connection';
  }

  function run(): void {
    cancelRetry();
    attempt.abort();
    attempt = new AbortController();
    const { signal, abort } = { signal: attempt.signal, abort: attempt.abort.bind(attempt) };
    let isSilent = false;
    let cancelSilence: () => void = () => {};
    const isAlive = (): void => {
      cancelSilence();
      cancelSilence = clock.setTimer(() => {
        isSilent = true;
        abort();
      }, silenceMs());
    };
    const ended = (why: string | null): void => {
      cancelSilence();
      // An attempt that another has taken the place of says nothing any more.
      if (isClosed || why === null || (signal.aborted && !isSilent)) return;
      lostSinceMs ??= clock.nowMs();
      onConnection({ kind: 'lost', sinceMs: lostSinceMs, why });
      cancelRetry = clock.setTimer(run, delayMs);
      delayMs = Math.min(2 * delayMs, longestDelayMs);
    };
    isAlive();
    once(signal, isAlive).then(ended, () =>
      ended(isSilent ? 'the service is silent' : 'the service cannot be reached'),
    );
  }

  onConnection({ kind: 'connecting' });
  run();
  return {
    retry: run,
    close() {
      isClosed = true;
      cancelRetry();
      attempt.abort();
    },
  };
}
