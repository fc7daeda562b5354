import { FlagProviderError, type FlagProviderErrorCode } from '@lighthouse-compat/flag-provider';
import { OperatorError, type OperatorErrorCode } from '../errors.js';

/** How a command ends; the numbers are stable. */
export const exitCodes = {
  /** Done, and well. */
  done: 0,
  /** Something that none of the others is. */
  failed: 1,
  /** A wrong option, or a configuration that cannot be used. */
  usage: 2,
  /** The service, Unleash or Prometheus has refused: a state that does not take it, for one. */
  refused: 3,
  /** The service, Unleash or Prometheus does not answer. */
  unreachable: 4,
  /** The token is missing, wrong, or allows too little. */
  unauthorized: 5,
  /** It was done, and has found something: `check`, a drill, a rollback that is not verified, flags in another shape. */
  problems: 6,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

/** The number that a command ends with. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byCode: Readonly<Partial<Record<OperatorErrorCode | FlagProviderErrorCode, ExitCode>>> = {
  INVALID_OPTION: exitCodes.usage,
  INVALID_CONFIG: exitCodes.usage,
  CONTROL_REFUSED: exitCodes.refused,
  CONTROL_UNREACHABLE: exitCodes.unreachable,
  CONTROL_TIMEOUT: exitCodes.unreachable,
  CONTROL_UNAUTHORIZED: exitCodes.unauthorized,
  CONNECTION_FAILED: exitCodes.unreachable,
  TIMEOUT: exitCodes.unreachable,
  UNAUTHORIZED: exitCodes.unauthorized,
  FORBIDDEN: exitCodes.unauthorized,
  PROJECT_NOT_FOUND: exitCodes.refused,
  ENVIRONMENT_NOT_FOUND: exitCodes.refused,
  REQUEST_REFUSED: exitCodes.refused,
  CONFLICT: exitCodes.refused,
  RATE_LIMITED: exitCodes.refused,
};

/** Whether an error has a stable code, and a message that is for a person. */
export const isTold = (error: unknown): error is OperatorError | FlagProviderError =>
  error instanceof OperatorError || error instanceof FlagProviderError;

/** What an error ends a command with. */
export const exitCodeOf = (error: unknown): ExitCode =>
  (isTold(error) ? byCode[error.code] : undefined) ?? exitCodes.failed;
