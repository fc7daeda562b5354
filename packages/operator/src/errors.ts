/** Every code of an {@link OperatorError}; codes are stable, messages are not. */
export type OperatorErrorCode =
  | 'INVALID_OPTION'
  | 'JOURNAL_LOCKED'
  | 'JOURNAL_DAMAGED'
  | 'JOURNAL_FAILED'
  | 'DRIFT'
  | 'FLAG_NOT_FOUND'
  | 'NOT_WRITTEN'
  | 'NOT_TOLD'
  | 'SUPERSEDED';

/** Any error of this package: a stable `code`, and the option, the file or the flag that it is about. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly code: OperatorErrorCode;
  readonly path?: string;

  constructor(
    code: OperatorErrorCode,
    message: string,
    facts: { readonly path?: string; readonly cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    if (facts.path !== undefined) this.path = facts.path;
  }
}
