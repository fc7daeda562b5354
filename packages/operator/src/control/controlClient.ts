import { type Clock, systemClock } from '@lighthouse-compat/sdk';
import { Agent, fetch } from 'undici';
import { readBoundedText } from '../boundedText.js';
import { OperatorError } from '../errors.js';
import { parseServerUrl } from '../serverUrl.js';
import { whyUnreachable } from '../whyUnreachable.js';
import {
  type AccessAnswer,
  type ActionAnswer,
  type ActionName,
  controlVersion,
  type DecisionAnswer,
  type ErrorAnswer,
  type JournalAnswer,
  type ReadinessAnswer,
  type ReportAnswer,
  type StatusAnswer,
} from './answers.js';
import { tokenSource } from './bearerToken.js';
import { drillDeadlineMs } from './drillDeadline.js';

/** Where a control API is, and the token for its actions. */
export type ControlClientOptions = {
  /** Its address with its prefix, as in `http://127.0.0.1:9400/control`. */
  readonly url: string;
  readonly token?: string;
  /** Read anew for each request. */
  readonly tokenFile?: string;
  /** How long an answer may take; default 30 000. A drill, which waits for v4's engine, may take 330 000. */
  readonly deadlineMs?: number;
  readonly clock?: Clock;
};

/** What the body of an action may say; which of it is needed, the service knows. */
export type ActionBody = {
  readonly by: string;
  readonly reason?: string;
  readonly force?: boolean;
  readonly live?: boolean;
};

/** The control API of a service, over HTTP. Everything rejects with an OperatorError: CONTROL_UNREACHABLE, CONTROL_TIMEOUT, CONTROL_UNAUTHORIZED, CONTROL_REFUSED with the service's own code as `refusal`, or CONTROL_MALFORMED. */
export type ControlClient = {
  status(): Promise<StatusAnswer>;
  journal(page?: {
    readonly after?: number;
    readonly before?: number;
    readonly limit?: number;
  }): Promise<JournalAnswer>;
  /** The query's fields, as in `{ operation: 'get_payload', payloadId }`, or a body with an `executionPayload` as Engine API JSON. */
  decision(question: Readonly<Record<string, unknown>>): Promise<DecisionAnswer>;
  report(): Promise<ReportAnswer>;
  /** Rejects with CONTROL_UNAUTHORIZED where an action would. */
  access(): Promise<AccessAnswer>;
  readiness(): Promise<ReadinessAnswer>;
  act(name: ActionName, body: ActionBody): Promise<ActionAnswer>;
};

/** An answer that is larger is not read. */
const maximumAnswerBytes = 32 * 1024 * 1024;

function parse(text: string | null): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

/** Whether a request may have come to the service before it failed. */
function wasReached({ cause }: { readonly cause?: unknown }): boolean {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return !['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(String(code));
}

/** Gives the service's answer, which has a member of this name, or throws what it says in its place. */
function judge(place: string, status: number, text: string | null, member: string): unknown {
  const body = parse(text);
  const isOurs = body?.['version'] === controlVersion;
  if (status >= 200 && status < 300 && isOurs && Object.hasOwn(body, member)) return body;
  const error = isOurs ? (body as Partial<ErrorAnswer>).error : undefined;
  if (typeof error?.code !== 'string' || typeof error.message !== 'string')
    throw new OperatorError('CONTROL_MALFORMED', `${place}: status ${status} with what is no answer of a control API`, {
      status,
    });
  const code = status === 401 || status === 403 ? 'CONTROL_UNAUTHORIZED' : 'CONTROL_REFUSED';
  throw new OperatorError(code, `${place}: ${error.code}: ${error.message}`, { status, refusal: error });
}

/** Makes a client; throws INVALID_OPTION, and asks nothing yet. */
export function controlClient(options: ControlClientOptions): ControlClient {
  const { token, tokenFile, deadlineMs = 30_000, clock = systemClock } = options;
  const url = parseServerUrl(options.url);
  const readToken =
    tokenFile !== undefined ? tokenSource({ tokenFile }) : token !== undefined ? tokenSource({ token }) : null;

  // Each request has its own deadline here; by itself it would be given up after 300 s, sooner than a drill may take.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

  /** `needsToken`: it would be refused without one. What anybody may read is read also where the token cannot be. */
  async function ask(
    path: string,
    member: string,
    {
      withinMs = deadlineMs,
      needsToken = false,
      body,
    }: { withinMs?: number; needsToken?: boolean; body?: unknown } = {},
  ): Promise<unknown> {
    const place = `${url}${path}`;
    const bearer = readToken === null ? null : await readToken();
    if (needsToken && readToken !== null && bearer === null)
      throw new OperatorError(
        'CONTROL_UNAUTHORIZED',
        'tokenFile: it cannot be read, or holds no token of at least 16 characters',
        { path: 'tokenFile' },
      );
    const unsure = path.startsWith('/actions/') ? '; it may have been done all the same' : '';
    const late = new AbortController();
    const cancel = clock.setTimer(() => late.abort(), withinMs);
    try {
      const response = await fetch(place, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        // The token is for this service alone.
        redirect: 'manual',
        dispatcher,
        signal: late.signal,
      });
      return judge(place, response.status, await readBoundedText(response, maximumAnswerBytes), member);
    } catch (cause) {
      if (cause instanceof OperatorError) throw cause;
      if (late.signal.aborted)
        throw new OperatorError('CONTROL_TIMEOUT', `${place}: no answer within ${withinMs} ms${unsure}`, { cause });
      throw new OperatorError(
        'CONTROL_UNREACHABLE',
        `${place}: ${whyUnreachable(cause)}${wasReached(cause as Error) ? unsure : ''}`,
        { cause },
      );
    } finally {
      cancel();
    }
  }

  const query = (fields: Readonly<Record<string, unknown>>): string =>
    new URLSearchParams(
      Object.entries(fields).flatMap(([name, value]): [string, string][] =>
        value === undefined ? [] : [[name, String(value)]],
      ),
    ).toString();
  return {
    status: async () => (await ask('/status', 'stats')) as StatusAnswer,
    journal: async (page = {}) => (await ask(`/journal?${query(page)}`, 'records')) as JournalAnswer,
    decision: async (question) => (await ask('/decision', 'decision', { body: question })) as DecisionAnswer,
    report: async () => (await ask('/report', 'report')) as ReportAnswer,
    access: async () => (await ask('/access', 'allowed', { needsToken: true })) as AccessAnswer,
    readiness: async () => (await ask('/readiness', 'readiness', { needsToken: true })) as ReadinessAnswer,
    act: async (name, body) =>
      (await ask(`/actions/${name}`, 'action', {
        withinMs: name === 'drill' ? Math.max(deadlineMs, drillDeadlineMs) : deadlineMs,
        needsToken: true,
        body,
      })) as ActionAnswer,
  };
}
