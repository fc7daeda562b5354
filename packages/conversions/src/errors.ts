/** Every code of a {@link ConversionError}; codes are stable, messages are not. */
export type ConversionErrorCode =
  | 'MISSING_FIELD'
  | 'UNKNOWN_FIELD'
  | 'INVALID_TYPE'
  | 'INVALID_DATA'
  | 'INVALID_LENGTH'
  | 'INVALID_QUANTITY'
  | 'INVALID_DECIMAL'
  | 'OUT_OF_RANGE'
  | 'INVALID_ENUM'
  | 'INVALID_TRANSACTION'
  | 'INVALID_FORK_SCHEDULE'
  | 'UNSUPPORTED_FORK'
  | 'BLOCK_HASH_MISMATCH'
  | 'INCOMPATIBLE_FEATURE';

type ConversionErrorFacts = { readonly feature?: string; readonly value?: string; readonly cause?: unknown };

/** A value that is not what its specification says, or that a conversion refuses to lose; `path` names the field, as in `executionPayload.withdrawals[3].amount`. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
  readonly code: ConversionErrorCode;
  readonly path: string;
  /** The camelCase name of the field that a downgrade would lose; only with `INCOMPATIBLE_FEATURE`. */
  readonly feature?: string;
  /** What that field holds, as a decimal or hex string, with `INCOMPATIBLE_FEATURE`; the computed hash with `BLOCK_HASH_MISMATCH`. */
  readonly value?: string;

  constructor(code: ConversionErrorCode, path: string, detail: string, facts: ConversionErrorFacts = {}) {
    super(`${path === '' ? 'value' : path}: ${detail}`, 'cause' in facts ? { cause: facts.cause } : undefined);
    this.code = code;
    this.path = path;
    if (facts.feature !== undefined) this.feature = facts.feature;
    if (facts.value !== undefined) this.value = facts.value;
  }
}
