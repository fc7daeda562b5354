import { FlagProviderError, type FlagProviderErrorCode } from '../../errors.js';
import { type AdminAnswer, type AdminRequest, attempt } from './attempt.js';
import type { AdminSettings } from './options.js';

const firstWaitMs = 200;
const shownCharacters = 300;

/** What a status means that is no success; the rest of 4xx is REQUEST_REFUSED. */
const codes: { readonly [status: number]: FlagProviderErrorCode } = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  429: 'RATE_LIMITED',
};

/** A request, and whether making it twice does no more than making it once: what creates something is not made again unless the server has refused to look at it (429). */
export type RepeatableRequest = AdminRequest & { readonly repeatable: boolean };

/**
 * Makes a request, again where that may help (no connection, a timeout, 429, 5xx), and gives the JSON of the answer, or
 * undefined of an empty one; throws a FlagProviderError without the token.
 */
export async function request(asked: RepeatableRequest, settings: AdminSettings): Promise<unknown> {
  const place = `${asked.method} ${new URL(`${settings.url}${asked.path}`).pathname}`;
  for (let made = 0; ; made += 1) {
    const outcome = await attempt(asked, settings, place).then(
      (answer) => judge(answer, place, settings),
      (error: FlagProviderError) => ({ error, retryAfterMs: undefined }),
    );
    if (!('error' in outcome)) return outcome.body;
    const { error, retryAfterMs = firstWaitMs * 2 ** made } = outcome;
    const mayHelp = error.code === 'RATE_LIMITED' || (asked.repeatable && isPassing(error));
    if (!mayHelp || made === settings.retries || retryAfterMs > settings.maximumRetryAfterMs) throw error;
    await wait(retryAfterMs, settings, place);
  }
}

/** Whether a failure says nothing about what the server has done with the request, and may be over soon. */
export function isPassing({ code }: FlagProviderError): boolean {
  return code === 'CONNECTION_FAILED' || code === 'TIMEOUT' || code === 'SERVER_ERROR' || code === 'RATE_LIMITED';
}

function judge(
  { status, text, retryAfterMs }: AdminAnswer,
  place: string,
  { token }: AdminSettings,
): { body: unknown } | { error: FlagProviderError; retryAfterMs: number | undefined } {
  if (status < 200 || status >= 300) {
    const reason = reasonIn(text);
    if (status === 404 && reason === '') return { error: notTheApi(place, 'status 404'), retryAfterMs };
    const shown = reason.replaceAll(token, '***').slice(0, shownCharacters);
    const error = new FlagProviderError(codeOf(status, text), place, `status ${status}${shown && `: ${shown}`}`);
    return { error, retryAfterMs };
  }
  try {
    return { body: text === '' ? undefined : JSON.parse(text) };
  } catch {
    return { error: notTheApi(place, 'the answer is not JSON'), retryAfterMs };
  }
}

/** What is no answer of Unleash's is nearly always another address than its API's. */
function notTheApi(place: string, what: string): FlagProviderError {
  const detail = `${what}: the url has to be that of the API, which ends with /api`;
  return new FlagProviderError('MALFORMED_RESPONSE', place, detail);
}

function codeOf(status: number, text: string): FlagProviderErrorCode {
  // The server has no status for a patch whose test did not hold.
  if (text.includes('TEST_OPERATION_FAILED')) return 'FLAG_CHANGED';
  return codes[status] ?? (status >= 500 ? 'SERVER_ERROR' : 'REQUEST_REFUSED');
}

/** The server's own words, from its JSON. */
function reasonIn(text: string): string {
  try {
    const { message, details } = JSON.parse(text);
    const [detail] = Array.isArray(details) ? details : [];
    const [said] = [detail?.message, message].filter((one) => typeof one === 'string');
    return said?.split('\n')[0] ?? '';
  } catch {
    // A proxy's page.
    return '';
  }
}

async function wait(delayMs: number, { clock, signal }: AdminSettings, place: string): Promise<void> {
  let stop = (): void => {};
  await new Promise<void>((resolve) => {
    const cancel = clock.setTimer(resolve, delayMs);
    stop = () => {
      cancel();
      resolve();
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
  signal?.removeEventListener('abort', stop);
  if (signal?.aborted) throw new FlagProviderError('ABORTED', place, 'aborted by the caller');
}
