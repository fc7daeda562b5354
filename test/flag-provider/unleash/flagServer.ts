import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server does with a request for flags. */
export type Answer =
  | { readonly kind: 'flags'; readonly body: unknown; readonly etag?: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hang' }
  /** A stream of Unleash's delta events, which `push` adds to. */
  | { readonly kind: 'stream'; readonly events: readonly object[] }
  | { readonly kind: 'resetMidBody' };

/** The part of Unleash's client API that a client needs, on the loopback, with what it was sent. */
export class FlagServer {
  answer: Answer;
  /** Requests for flags so far. */
  asked = 0;
  readonly metrics: Record<string, unknown>[] = [];
  readonly authorizations = new Set<string | undefined>();
  #server: Server | undefined;
  #port = 0;
  #stream: ServerResponse | undefined;
  #waiting: { readonly past: number; readonly resolve: () => void }[] = [];

  constructor(answer: Answer) {
    this.answer = answer;
  }

  static async open(answer: Answer): Promise<FlagServer> {
    const server = new FlagServer(answer);
    await server.listen();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/api`;
  }

  /** Listens, on the port that it had before if it had one. */
  async listen(): Promise<void> {
    this.#server = createServer((request, response) => this.#handle(request, response));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection and refuses new ones. */
  async die(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Waits until flags were asked for `count` more times. */
  async nextAsked(count = 1): Promise<void> {
    await new Promise<void>((resolve) => this.#waiting.push({ past: this.asked + count, resolve }));
  }

  /** Sends one more event into the stream. */
  push(event: string, data: string): void {
    this.#stream?.write(`event: ${event}\ndata: ${data}\n\n`);
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.authorizations.add(request.headers.authorization);
      if (/\/client\/(features|delta|streaming)/.test(request.url ?? '')) {
        this.#answerFlags(request, response);
        this.asked++;
        const due = this.#waiting.filter(({ past }) => past <= this.asked);
        this.#waiting = this.#waiting.filter(({ past }) => past > this.asked);
        for (const { resolve } of due) resolve();
        return;
      }
      if (request.url?.endsWith('/client/metrics')) this.metrics.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(202).end();
    });
  }

  #answerFlags(request: IncomingMessage, response: ServerResponse): void {
    const { answer } = this;
    switch (answer.kind) {
      case 'flags': {
        const { etag, body } = answer;
        if (etag !== undefined && request.headers['if-none-match'] === etag) {
          response.writeHead(304).end();
          return;
        }
        response.writeHead(200, { 'content-type': 'application/json', ...(etag === undefined ? {} : { etag }) });
        response.end(JSON.stringify(body));
        return;
      }
      case 'status':
        response.writeHead(answer.status).end();
        return;
      case 'text':
        response.writeHead(200, { 'content-type': 'application/json' }).end(answer.text);
        return;
      case 'hang':
        return;
      case 'stream':
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        this.#stream = response;
        this.push('unleash-connected', JSON.stringify({ events: answer.events }));
        return;
      case 'resetMidBody':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
        response.write('{"version":2,', () => request.socket.destroy());
        return;
    }
  }
}
