/** Every code of an {@link UnleashServerError}; codes are stable, messages are not. */
export type UnleashServerErrorCode = 'START_FAILED' | 'START_TIMEOUT' | 'ABORTED';

/** A server that did not start; the last lines of the program that failed end the message. */
export class UnleashServerError extends Error {
  override readonly name = 'UnleashServerError';
  readonly code: UnleashServerErrorCode;

  constructor(code: UnleashServerErrorCode, message: string, output: readonly string[] = []) {
    super([message, ...output].join('\n  '));
    this.code = code;
  }
}
