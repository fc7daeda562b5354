import type { Clock } from '@lighthouse-compat/sdk';
import { readBoundedText } from '../boundedText.js';
import { withoutSecrets } from '../control/safeJson.js';
import { OperatorError } from '../errors.js';
import { readSecretFile } from '../secretFile.js';
import { whyUnreachable } from '../whyUnreachable.js';
import type { PrometheusHealthOptions } from './options.js';

/** An answer that is larger is not read: parsing it would keep the process from its calls. */
const maximumAnswerBytes = 16 * 1024 * 1024;

/** The HTTP API of Prometheus. */
export type PrometheusApi = {
  /** The `data` of an instant query; at the server's own time without `atSeconds`. Rejects with an OperatorError. */
  query(promql: string, options: { readonly signal: AbortSignal; readonly atSeconds?: number }): Promise<unknown>;
};

type Credentials = Pick<PrometheusHealthOptions, 'tokenFile' | 'basicAuth'>;

async function authorizationOf({ tokenFile, basicAuth }: Credentials): Promise<Readonly<Record<string, string>>> {
  const [path, file] =
    basicAuth === undefined ? ['tokenFile', tokenFile] : ['basicAuth.passwordFile', basicAuth.passwordFile];
  if (file === undefined) return {};
  const secret = await readSecretFile(file);
  if (secret === null) throw new OperatorError('PROMETHEUS_UNAUTHORIZED', `${path}: it holds no secret`, { path });
  if (basicAuth === undefined) return { authorization: `Bearer ${secret}` };
  return { authorization: `Basic ${Buffer.from(`${basicAuth.username}:${secret}`).toString('base64')}` };
}

type Answer = {
  readonly status?: unknown;
  readonly data?: unknown;
  readonly error?: unknown;
  readonly warnings?: unknown;
};

function parse(text: string | null): Answer | null {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** Gives the data of an answer, or throws why there is none. */
function judge(place: string, status: number, text: string | null): unknown {
  const answer = parse(text);
  if (status === 401 || status === 403)
    throw new OperatorError('PROMETHEUS_UNAUTHORIZED', `${place}: status ${status}`, { status });
  if (status < 200 || status >= 300) {
    const why = typeof answer?.error === 'string' ? `: ${withoutSecrets(answer.error.slice(0, 500))}` : '';
    throw new OperatorError('PROMETHEUS_REFUSED', `${place}: status ${status}${why}`, { status });
  }
  const size = text === null ? `over ${maximumAnswerBytes} bytes` : 'what is no answer of Prometheus';
  if (answer?.status !== 'success') throw new OperatorError('PROMETHEUS_MALFORMED', `${place}: ${size}`, { status });
  // A store behind it that could not be asked, above all.
  if (answer.warnings !== undefined && !(Array.isArray(answer.warnings) && answer.warnings.length === 0))
    throw new OperatorError('PROMETHEUS_INCOMPLETE', `${place}: answered with warnings`, { status });
  return answer.data;
}

/** Makes a client, which follows no redirect, so that its secret goes to this server alone. */
export function prometheusApi(url: string, credentials: Credentials): PrometheusApi {
  const place = `${url}/api/v1/query`;
  return {
    async query(promql, { signal, atSeconds }) {
      const headers = await authorizationOf(credentials);
      const form = new URLSearchParams({
        query: promql,
        ...(atSeconds === undefined ? {} : { time: String(atSeconds) }),
      });
      try {
        const response = await fetch(place, { method: 'POST', headers, body: form, redirect: 'manual', signal });
        return judge(place, response.status, await readBoundedText(response, maximumAnswerBytes));
      } catch (cause) {
        if (cause instanceof OperatorError) throw cause;
        if (signal.aborted) throw new OperatorError('PROMETHEUS_TIMEOUT', `${place}: no answer in time`, { cause });
        throw new OperatorError('PROMETHEUS_UNREACHABLE', `${place}: ${whyUnreachable(cause)}`, { cause });
      }
    },
  };
}

/** A time limit on everything that is asked with its signal. */
export function deadline(
  clock: Clock,
  timeoutMs: number,
): { readonly signal: AbortSignal; end(): void; abort(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  return { signal: controller.signal, end: clock.setTimer(abort, timeoutMs), abort };
}
