import type { ServerResponse } from 'node:http';
import type { Clock } from '@lighthouse-compat/sdk';
import { type Answer, commonHeaders, refusal } from './answer.js';
import { type ControlEvents, controlVersion, type StatusAnswer } from './answers.js';
import { safeJson } from './safeJson.js';

/** What a client that has lost its connection can still be given. */
const keptEvents = 1_000;
const keptCharacters = 1024 * 1024;

/** A client that has more than this waiting for it does not read. */
const mostWaitingBytes = 4 * 1024 * 1024;

/** How soon a browser tries again. */
const retryMs = 2_000;

type Kept = Exclude<keyof ControlEvents, 'status' | 'opened'>;
type Client = { readonly response: ServerResponse; isWaiting: boolean };

/** Server-sent events to a bounded number of clients (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export type EventStream = {
  /** Opens a stream on a response, after what the client has missed; an answer where there is no room. */
  open(response: ServerResponse, lastEventId: string | null): Answer | null;
  publish<E extends Kept>(event: E, detail: ControlEvents[E]): void;
  /** Tells everybody the status now. */
  status(): void;
  readonly clients: number;
  /** Ends every stream. */
  close(): void;
};

const message = (event: string, data: unknown, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${safeJson(data)}\n\n`;

/** Makes a stream. `run` tells the events of this process from those of one before it: letters and digits. */
export function createEventStream(parts: {
  readonly clock: Clock;
  readonly run: string;
  readonly status: () => StatusAnswer;
  readonly heartbeatMs: number;
  readonly maximumClients: number;
  /** Hears why a status could not be read. */
  readonly failed: (error: unknown) => void;
}): EventStream {
  const { clock, run, status, heartbeatMs, maximumClients, failed } = parts;
  const clients = new Set<Client>();
  const kept: string[] = [];
  let keptLength = 0;
  let lastId = 0;
  let cancelBeat: (() => void) | undefined;
  let isClosed = false;

  function drop(client: Client): void {
    clients.delete(client);
    client.response.destroy();
    if (clients.size > 0) return;
    cancelBeat?.();
    cancelBeat = undefined;
  }
  function write(client: Client, text: string): void {
    client.response.write(text);
    // Whoever does not read must not be waited for, nor kept in memory.
    if (client.response.writableLength > mostWaitingBytes) drop(client);
  }
  function tellStatus(): void {
    if (clients.size === 0) return;
    // Told from a timer, where what is thrown would end the process.
    try {
      const text = message('status', status());
      for (const client of [...clients]) write(client, text);
    } catch (error) {
      failed(error);
    }
  }
  function beat(): void {
    cancelBeat = clock.setTimer(() => {
      // Nothing of it has been read since the last one.
      for (const client of [...clients]) {
        if (client.isWaiting && client.response.writableNeedDrain) drop(client);
        else client.isWaiting = client.response.writableNeedDrain;
      }
      tellStatus();
      if (clients.size > 0) beat();
    }, heartbeatMs);
  }
  /** What followed an event, oldest first; null where that is not known any more. */
  function since(lastEventId: string): readonly string[] | null {
    const [, ofRun, number] = /^([a-z0-9]+)-(\d{1,15})$/.exec(lastEventId) ?? [];
    const missed = lastId - Number(number);
    return ofRun === run && missed >= 0 && missed <= kept.length ? kept.slice(kept.length - missed) : null;
  }

  return {
    open(response, lastEventId) {
      if (isClosed) return refusal(409, 'CLOSED', 'the control handler has been closed');
      if (clients.size >= maximumClients)
        return refusal(429, 'TOO_MANY_CLIENTS', `at most ${maximumClients} may listen at a time`, {
          headers: { 'retry-after': '10' },
        });
      const missed = lastEventId === null ? [] : since(lastEventId);
      const first = message('status', status());
      response.writeHead(200, {
        ...commonHeaders,
        'content-type': 'text/event-stream; charset=utf-8',
        // A proxy that gathers what it passes on would hold events back.
        'x-accel-buffering': 'no',
      });
      const client: Client = { response, isWaiting: false };
      clients.add(client);
      response.once('close', () => drop(client));
      response.on('error', () => drop(client));
      response.on('drain', () => {
        client.isWaiting = false;
      });
      const resumed = lastEventId !== null && missed !== null;
      const opened = message('opened', { version: controlVersion, resumed, heartbeatMs });
      write(client, `retry: ${retryMs}\n${opened}${(missed ?? []).join('')}${first}`);
      if (cancelBeat === undefined) beat();
      return null;
    },
    publish(event, detail) {
      lastId += 1;
      const text = message(event, detail, `${run}-${lastId}`);
      kept.push(text);
      keptLength += text.length;
      while (kept.length > keptEvents || keptLength > keptCharacters) keptLength -= kept.shift()?.length ?? 0;
      for (const client of [...clients]) write(client, text);
    },
    status: tellStatus,
    get clients() {
      return clients.size;
    },
    close() {
      isClosed = true;
      for (const client of [...clients]) {
        client.response.end();
        drop(client);
      }
      cancelBeat?.();
    },
  };
}
