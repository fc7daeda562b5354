/** Every code of a {@link FlagProviderError}; codes are stable, messages are not. */
export type FlagProviderErrorCode =
  | 'INVALID_FLAG'
  | 'INVALID_PERCENT'
  | 'INVALID_OPTION'
  | 'FILE_OWNS_FLAGS'
  | 'CONNECTION_FAILED'
  | 'TIMEOUT'
  | 'ABORTED'
  | 'UNAUTHORIZED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'PROJECT_NOT_FOUND'
  | 'ENVIRONMENT_NOT_FOUND'
  | 'CONFLICT'
  | 'FLAG_CHANGED'
  | 'REQUEST_REFUSED'
  | 'RATE_LIMITED'
  | 'SERVER_ERROR'
  | 'RESPONSE_TOO_LARGE'
  | 'MALFORMED_RESPONSE';

/** A flag or an option that cannot be taken as it was given, or a request of the Admin API that failed; `path` names the place, as in `flags.lighthouse_v5_primary.percent` or `GET /api/admin/projects/default/overview`. */
export class FlagProviderError extends Error {
  override readonly name = 'FlagProviderError';
  readonly code: FlagProviderErrorCode;
  readonly path: string;

  constructor(code: FlagProviderErrorCode, path: string, detail: string, options?: { readonly cause: unknown }) {
    super(`${path}: ${detail}`, options);
    this.code = code;
    this.path = path;
  }
}
