import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, notAllowed, notFound, unknownHost } from '../control/answer.js';
import type { ErrorAnswer } from '../control/answers.js';
import { hostCheck } from '../control/hosts.js';
import { readJsonBytes } from '../control/jsonBody.js';
import { listenerOf } from '../control/listener.js';
import { OperatorError } from '../errors.js';
import { createPage } from '../page/page.js';
import { forward } from './forward.js';
import { type DeskOptions, inUrl, parseDeskOptions, type Say } from './options.js';
import { type Route, routes } from './routes.js';

/** A page that is being served. */
export type Desk = {
  /** Where a person opens it; ends with a slash. */
  readonly url: string;
  /** Ends every connection of both sides. */
  close(): Promise<void>;
};

/** How often a service tells its status; what it says itself goes before it. */
const heartbeatMs = 5_000;

/** Where one that listens everywhere is asked for from this machine. */
const loopbackOf: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0', '127.0.0.1'],
  ['::', '::1'],
]);

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new OperatorError('LISTEN_FAILED', `${inUrl(host)}:${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, host, resolve);
  });
}

/** Says once that a service is not to be reached, and once that it is again: a page tries every few seconds. */
function reachability(say: Say): (answer: Answer | null) => void {
  let lastCode: string | null = null;
  return (answer) => {
    const error = answer === null ? null : (answer.body as ErrorAnswer).error;
    if (error !== null && error.code !== lastCode) say('warn', `${error.code}: ${error.message}`);
    if (error === null && lastCode !== null) say('info', 'the service answers again');
    lastCode = error?.code ?? null;
  };
}

const only = (headers: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).filter((header): header is [string, string] => typeof header[1] === 'string'),
  );

/** Serves the page for a service that is elsewhere, and passes on to its control API what the page asks for, with the token that the person has typed and none of its own. Rejects with INVALID_OPTION, and with LISTEN_FAILED. */
export async function startDesk(options: DeskOptions): Promise<Desk> {
  const { service, host, port, hosts, clock, say } = parseDeskOptions(options);
  const isHost = hostCheck([...hosts, ...(loopbackOf.has(host) ? [] : [inUrl(host)])]);
  const page = createPage({ heartbeatMs });
  const told = reachability(say);

  async function pass(
    route: Route,
    path: string,
    { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse },
  ): Promise<Answer | null> {
    const method = route.methods.find((one) => one === request.method);
    if (method === undefined) return notAllowed(route.methods);
    const { authorization, 'content-type': contentType, 'last-event-id': lastEventId } = request.headers;
    const read = method === 'POST' ? await readJsonBytes(request, route.maximumBytes) : { bytes: null };
    if ('refused' in read) return read.refused;
    const { isStream = false, atLeastMs = 0 } = route;
    const answer = await forward(
      {
        url: new URL(`${service.url}${path}`),
        method,
        headers: only({
          authorization,
          ...(read.bytes === null ? {} : { 'content-type': contentType }),
          ...(isStream ? { 'last-event-id': lastEventId?.toString() } : {}),
        }),
        body: read.bytes,
        withinMs: Math.max(service.timeoutMs, atLeastMs),
        isStream,
      },
      response,
      clock,
    );
    // Whoever has left has not heard whether the service answers.
    if (answer !== null || response.headersSent) told(answer);
    return answer;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | null> {
    if (!isHost(request.headers.host)) return unknownHost;
    const [path = '', search = ''] = (request.url ?? '').split(/\?(.*)/s);
    if (request.method === 'GET' && page.serve(path, request, response)) return null;
    const route = routes.get(path);
    if (route === undefined) return notFound;
    const query = new URLSearchParams(search).toString();
    return pass(route, query === '' ? path : `${path}?${query}`, { request, response });
  }

  const failed = (error: unknown): void => say('error', error instanceof Error ? error.message : String(error));
  const server = createServer(listenerOf(answer, failed));
  await listen(server, { host, port });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${inUrl(loopbackOf.get(host) ?? host)}:${bound}/`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
