import type { ServerResponse } from 'node:http';
import { ConversionError } from '@lighthouse-compat/conversions';
import { FlagProviderError } from '@lighthouse-compat/flag-provider';
import { CompatError } from '@lighthouse-compat/sdk';
import { OperatorError } from '../errors.js';
import { controlVersion, type ErrorAnswer } from './answers.js';
import { safeJson } from './safeJson.js';

/** What a request is answered with. */
export type Answer = {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
};

type ErrorFacts = Omit<ErrorAnswer['error'], 'code' | 'message'> & {
  readonly headers?: Readonly<Record<string, string>>;
};

/** An answer that something was done or read. */
export const ok = (body: object): Answer => ({ status: 200, body: { version: controlVersion, ...body } });

/** An answer that something was not. */
export const refusal = (
  status: number,
  code: string,
  message: string,
  { headers, ...facts }: ErrorFacts = {},
): Answer => ({
  status,
  body: { version: controlVersion, error: { code, message, ...facts } } satisfies ErrorAnswer,
  ...(headers === undefined ? {} : { headers }),
});

/** The answer to what only a controller can do or tell. */
export const noController: Answer = refusal(409, 'NO_CONTROLLER', 'this service runs no migration of its own');

/** The answer by a path where there is nothing. */
export const notFound: Answer = refusal(404, 'NOT_FOUND', 'there is nothing by this path');

/** The answer by a name that is not one of this service. */
export const unknownHost: Answer = refusal(
  421,
  'UNKNOWN_HOST',
  'the Host header is not one of this service: the option hosts names them',
);

/** The answer to a method other than those that a path has. */
export const notAllowed = (methods: readonly string[]): Answer =>
  refusal(405, 'METHOD_NOT_ALLOWED', `${methods.join(' or ')} is needed`, { headers: { allow: methods.join(', ') } });

/** The answer where this package is at fault; whoever asked learns nothing of how. */
export const internal: Answer = refusal(500, 'INTERNAL', 'this is a fault of the service: its log says more');

/** The answer to an error that has a code: the request is at fault, or what it finds; null for any other. */
export function answerOf(error: unknown, { asked }: { readonly asked: 'action' | 'decision' }): Answer | null {
  if (error instanceof ConversionError) return refusal(400, error.code, error.message, { path: error.path });
  if (error instanceof CompatError) {
    const facts = {
      ...(error.path === undefined ? {} : { path: error.path }),
      ...(error.problems === undefined ? {} : { problems: error.problems }),
    };
    return refusal(
      asked === 'decision' || error.code === 'INVALID_OPTION' ? 400 : 409,
      error.code,
      error.message,
      facts,
    );
  }
  // Where its file is concerns nobody here.
  if (error instanceof OperatorError || error instanceof FlagProviderError)
    return refusal(409, error.code, error.code.startsWith('JOURNAL') ? 'the journal cannot be used' : error.message);
  return null;
}

/** Every answer is of this moment and for who asked. */
export const commonHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const;

/** Sends an answer, unless whoever asked is gone. */
export function send(response: ServerResponse, { status, body, headers }: Answer): void {
  if (response.destroyed || response.headersSent) return;
  const text = safeJson(body);
  response.writeHead(status, {
    ...commonHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  });
  response.end(text);
}
