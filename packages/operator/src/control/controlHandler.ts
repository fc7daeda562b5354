import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Clock,
  CompatError,
  type LighthouseCompat,
  type Logger,
  type MigrationController,
  systemClock,
} from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import { createPage } from '../page/page.js';
import { actionNames, createActions } from './actions.js';
import { type Answer, noController, notAllowed, notFound, ok, refusal, unknownHost } from './answer.js';
import type { ActionName } from './answers.js';
import { authorize } from './authorize.js';
import { type TokenOptions, tokenSource } from './bearerToken.js';
import { createDecisions } from './decisions.js';
import { createEventStream } from './eventStream.js';
import { hostCheck } from './hosts.js';
import { journalPage } from './journalPage.js';
import { maximumBodyBytes, readJsonBody } from './jsonBody.js';
import { listenerOf } from './listener.js';
import { readQuery } from './query.js';
import { readStatus } from './status.js';
import { watchEvents } from './watchEvents.js';

/** What a control handler is made of: an instance of the SDK, and the controller of its migration if it has one. */
export type ControlHandlerOptions = {
  readonly compat: LighthouseCompat;
  readonly controller?: MigrationController;
  /** The OpenFeature client that the instance was given. */
  readonly flags?: { readonly providerStatus: string };
  /** Needed for actions, at least 16 characters; without it and `tokenFile` nothing but reading is allowed. */
  readonly token?: string;
  /** The file of the token, read anew for each action: while it is missing or empty none is allowed. */
  readonly tokenFile?: string;
  /** Whether reading needs the token too; default false. */
  readonly readsNeedToken?: boolean;
  /** What the paths begin with, as in `/control`; default nothing, as it is where a framework takes it off. */
  readonly prefix?: string;
  /** Names by which the service is asked, beside those of the loopback. */
  readonly hosts?: readonly string[];
  /** How often those who listen are told the status; default 5 000. */
  readonly heartbeatMs?: number;
  /** How many may listen at a time; default 32. */
  readonly maximumListeners?: number;
  /** Whether the page on which a person watches a migration is served, at the prefix and a slash; default false. */
  readonly page?: boolean;
  readonly clock?: Clock;
  readonly logger?: Logger;
};

/** Answers a request; to be called by the host's own HTTP server. */
export type ControlHandler = ((request: IncomingMessage, response: ServerResponse) => void) & {
  /** Ends every stream of events and listens to the migration no more. */
  close(): void;
};

type Asked = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly search: URLSearchParams };
/** Null: the response is taken care of. */
type Read = (asked: Asked) => Answer | null | Promise<Answer | null>;

function checkOptions({
  readsNeedToken = false,
  prefix = '',
  heartbeatMs = 5_000,
  maximumListeners = 32,
  token,
  tokenFile,
}: ControlHandlerOptions) {
  const invalid = (path: string, what: string): OperatorError =>
    new OperatorError('INVALID_OPTION', `${path}: ${what}`, { path });
  if (!/^(\/[\w.~-]+)*$/.test(prefix)) throw invalid('prefix', "a path as in '/control' is needed");
  if (!Number.isSafeInteger(heartbeatMs) || heartbeatMs < 1) throw invalid('heartbeatMs', 'milliseconds are needed');
  if (!Number.isSafeInteger(maximumListeners) || maximumListeners < 0)
    throw invalid('maximumListeners', 'a whole number is needed');
  const isReadOnly = token === undefined && tokenFile === undefined;
  if (readsNeedToken && isReadOnly) throw invalid('readsNeedToken', 'a token or a tokenFile is needed with it');
  return {
    prefix,
    heartbeatMs,
    maximumListeners,
    token: isReadOnly ? null : tokenSource({ token, tokenFile } as TokenOptions),
  };
}

/** Makes the control API of a service, for a person, a command and the other processes of a fleet: reading is open, every action needs the bearer token. Throws INVALID_OPTION. */
export function createControlHandler(options: ControlHandlerOptions): ControlHandler {
  const { compat, controller = null, flags = null, readsNeedToken = false, clock = systemClock } = options;
  // Nothing that goes wrong here may harm the service that this runs in.
  const failed = (error: unknown): void => {
    try {
      options.logger?.error(`control: ${error instanceof Error ? error.message : String(error)}`);
    } catch {
      // There is nowhere left to say it.
    }
  };
  const { prefix, heartbeatMs, maximumListeners, token } = checkOptions(options);
  const isHost = hostCheck(options.hosts ?? []);
  const act = createActions({ compat, controller });
  const decisions = createDecisions(compat);
  const status = () => readStatus({ compat, controller, flags, clock, takesActions: token !== null });
  const events = createEventStream({
    clock,
    run: Math.floor(clock.nowMs()).toString(36),
    status,
    heartbeatMs,
    maximumClients: maximumListeners,
    failed,
  });
  const page = options.page === true ? createPage({ heartbeatMs }) : null;
  const unwatch = watchEvents(events, compat, controller);

  const reads: Readonly<Record<string, Readonly<Partial<Record<'GET' | 'POST', Read>>>>> = {
    '/status': { GET: () => ok(status()) },
    '/journal': { GET: ({ search }) => journalPage(controller?.records ?? [], search) },
    '/decision': {
      GET: ({ search }) => decisions.ofQuery(search),
      async POST({ request }) {
        const body = await readJsonBody(request, maximumBodyBytes.question);
        return 'refused' in body ? body.refused : decisions.ofBody(body.value);
      },
    },
    '/access': { GET: async ({ request }) => (await authorize(request, token)) ?? ok({ allowed: true }) },
    '/readiness': {
      async GET({ request }) {
        const barred = await authorize(request, token);
        if (barred !== null) return barred;
        return controller === null ? noController : ok({ readiness: await controller.readiness() });
      },
    },
    '/report': {
      GET() {
        try {
          return ok({ report: compat.report() });
        } catch (error) {
          if (!(error instanceof CompatError)) throw error;
          return refusal(409, 'REPORT_OFF', error.message);
        }
      },
    },
    '/events': {
      GET({ request, response, search }) {
        const query = readQuery(search, ['lastEventId']);
        if ('refused' in query) return query.refused;
        const header = request.headers['last-event-id'];
        const last = (typeof header === 'string' ? header : undefined) ?? query.values.lastEventId ?? null;
        return events.open(response, last);
      },
    },
  };

  async function read(path: string, asked: Asked): Promise<Answer | null> {
    const methods = Object.hasOwn(reads, path) ? reads[path] : undefined;
    if (methods === undefined) return notFound;
    const { method = '' } = asked.request;
    const answer = Object.hasOwn(methods, method) ? methods[method as 'GET' | 'POST'] : undefined;
    if (answer === undefined) return notAllowed(Object.keys(methods));
    const barred = readsNeedToken ? await authorize(asked.request, token) : null;
    return barred ?? answer(asked);
  }

  async function doAction(name: ActionName, request: IncomingMessage): Promise<Answer> {
    if (request.method !== 'POST') return notAllowed(['POST']);
    const barred = await authorize(request, token);
    if (barred !== null) return barred;
    const body = await readJsonBody(request, maximumBodyBytes.action);
    return 'refused' in body ? body.refused : act(name, body.value);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<Answer | null> {
    if (!isHost(request.headers.host)) return unknownHost;
    const [whole = '', search = ''] = (request.url ?? '').split(/\?(.*)/s);
    if (!whole.startsWith(`${prefix}/`)) return notFound;
    const path = whole.slice(prefix.length);
    // Before any token: what is in it is no secret, and it is where a person gives one.
    if (request.method === 'GET' && page?.serve(path, request, response)) return null;
    const action = actionNames.find((name) => path === `/actions/${name}`);
    if (action !== undefined) return doAction(action, request);
    return read(path, { request, response, search: new URLSearchParams(search) });
  }

  return Object.assign(listenerOf(answer, failed), {
    close() {
      unwatch();
      events.close();
    },
  });
}
