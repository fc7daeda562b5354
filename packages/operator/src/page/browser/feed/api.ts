import type {
  ActionAnswer,
  ActionBody,
  ActionName,
  ErrorAnswer,
  JournalAnswer,
  ReportAnswer,
} from '@lighthouse-compat/operator';

/** An answer, or why there is none; without a code the service was not heard. */
type Answered<T> =
  | { readonly ok: true; readonly answer: T }
  | { readonly ok: false; readonly code: string | null; readonly message: string };

/** The control API as the page asks it. The token is held here, in memory alone. */
export type Api = {
  setToken(token: string): void;
  readonly hasToken: boolean;
  events(lastEventId: string | null, signal: AbortSignal): Promise<Response>;
  report(): Promise<Answered<ReportAnswer>>;
  /** The last records in front of a number. */
  journal(before: number, limit: number): Promise<Answered<JournalAnswer>>;
  act(name: ActionName, body: ActionBody): Promise<Answered<ActionAnswer>>;
};

const isError = (body: unknown): body is ErrorAnswer =>
  typeof (body as Partial<ErrorAnswer> | null)?.error?.code === 'string';

function messageOf({ error: { code, message, problems = [] } }: ErrorAnswer): string {
  const more = problems.map((problem) => `${problem.code}: ${problem.message}`).join('; ');
  return `${code}: ${message}${more === '' ? '' : ` (${more})`}`;
}

/** Why a response is not what was asked for, in the service's own words where it has any. */
export async function whyRefused(
  response: Response,
): Promise<{ readonly code: string | null; readonly message: string }> {
  const body: unknown = await response.json().catch(() => null);
  return isError(body)
    ? { code: body.error.code, message: messageOf(body) }
    : { code: null, message: `the service answers with status ${response.status}` };
}

/** Makes it for the service below an address that ends with a slash. */
export function createApi(base: string, fetch: typeof globalThis.fetch): Api {
  let token = '';
  const authorization = (): Record<string, string> => (token === '' ? {} : { authorization: `Bearer ${token}` });

  async function ask<T>(path: string, init: RequestInit = {}): Promise<Answered<T>> {
    try {
      const response = await fetch(new URL(path, base), {
        ...init,
        headers: { ...authorization(), ...init.headers },
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
      });
      if (!response.ok) return { ok: false, ...(await whyRefused(response)) };
      return { ok: true, answer: (await response.json()) as T };
    } catch {
      return { ok: false, code: null, message: 'the service gave no answer' };
    }
  }

  return {
    setToken(given) {
      token = given.trim();
    },
    get hasToken() {
      return token !== '';
    },
    events: (lastEventId, signal) =>
      fetch(new URL('events', base), {
        headers: {
          accept: 'text/event-stream',
          ...authorization(),
          ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
        },
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
        signal,
      }),
    report: () => ask('report'),
    journal: (before, limit) => ask(`journal?before=${before}&limit=${limit}`),
    act: (name, body) =>
      ask(`actions/${name}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}
