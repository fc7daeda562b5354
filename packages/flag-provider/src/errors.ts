/** Every code of a {@link FlagProviderError}; codes are stable, messages are not. */
export type FlagProviderErrorCode = 'INVALID_FLAG' | 'INVALID_PERCENT' | 'INVALID_OPTION' | 'FILE_OWNS_FLAGS';

/** A flag or an option that cannot be taken as it was given; `path` names the place, as in `flags.lighthouse_v5_primary.percent`. */
export class FlagProviderError extends Error {
  override readonly name = 'FlagProviderError';
  readonly code: FlagProviderErrorCode;
  readonly path: string;

  constructor(code: FlagProviderErrorCode, path: string, detail: string) {
    super(`${path}: ${detail}`);
    this.code = code;
    this.path = path;
  }
}
