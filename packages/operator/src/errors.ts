import type { ErrorAnswer } from './control/answers.js';
import type { Problem } from './schemaProblems.js';

/** Every code of an {@link OperatorError}; codes are stable, messages are not. */
export type OperatorErrorCode =
  | 'INVALID_OPTION'
  | 'INVALID_CONFIG'
  | 'JOURNAL_LOCKED'
  | 'JOURNAL_DAMAGED'
  | 'JOURNAL_FAILED'
  | 'DRIFT'
  | 'FLAG_NOT_FOUND'
  | 'NOT_WRITTEN'
  | 'NOT_TOLD'
  | 'SUPERSEDED'
  | 'CONTROL_UNREACHABLE'
  | 'CONTROL_TIMEOUT'
  | 'CONTROL_UNAUTHORIZED'
  | 'CONTROL_REFUSED'
  | 'CONTROL_MALFORMED'
  | 'LISTEN_FAILED'
  | 'PROMETHEUS_UNREACHABLE'
  | 'PROMETHEUS_TIMEOUT'
  | 'PROMETHEUS_UNAUTHORIZED'
  | 'PROMETHEUS_REFUSED'
  | 'PROMETHEUS_MALFORMED'
  | 'PROMETHEUS_INCOMPLETE';

/** Any error of this package: a stable `code`, and the option, the file or the flag that it is about. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly code: OperatorErrorCode;
  readonly path?: string;
  /** Everything that is wrong with a configuration. */
  readonly problems?: readonly Problem[];
  /** The HTTP status of a control API's answer, or of Prometheus's. */
  readonly status?: number;
  /** What a control API has refused, in its own words. */
  readonly refusal?: ErrorAnswer['error'];

  constructor(
    code: OperatorErrorCode,
    message: string,
    facts: Pick<OperatorError, 'path' | 'problems' | 'status' | 'refusal'> & { readonly cause?: unknown } = {},
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    if (facts.path !== undefined) this.path = facts.path;
    if (facts.problems !== undefined) this.problems = facts.problems;
    if (facts.status !== undefined) this.status = facts.status;
    if (facts.refusal !== undefined) this.refusal = facts.refusal;
  }
}
