/** Codes of errors in what createLighthouseCompat or setMigrationMode is given. */
export type ConfigErrorCode =
  | 'INVALID_OPTION'
  | 'INVALID_URL'
  | 'INVALID_JWT_SECRET'
  | 'UNREADABLE_JWT_SECRET_FILE'
  | 'INVALID_MODE'
  | 'LATCH_FILE_FAILED'
  | 'INVALID_PERCENT';

/** Codes of errors in what a report is made of. */
type ReportErrorCode = 'INVALID_RECORD';

/** Codes of errors in a call itself, found before anything is sent. */
export type CallErrorCode =
  | 'UNSUPPORTED_FORK'
  | 'FORK_MISMATCH'
  | 'MISSING_PARENT_BEACON_BLOCK_ROOT'
  | 'LANE_FULL'
  | 'FORKCHOICE_SUPERSEDED'
  | 'PAYLOAD_LOST'
  | 'ABORTED'
  | 'CLOSED';

/** Codes of errors in an A/B test, and in what is recorded of it. */
export type AbTestErrorCode =
  | 'INVALID_TEST_NAME'
  | 'INVALID_TEST_TIME'
  | 'DUPLICATE_TEST'
  | 'UNKNOWN_TEST'
  | 'TOO_MANY_TESTS'
  | 'UNKNOWN_OPERATION'
  | 'INVALID_SAMPLE';

/** Codes of what can go wrong between the SDK and an engine; those after RPC_ERROR name JSON-RPC error codes of the Engine API. */
export type EngineErrorCode =
  | 'CONNECTION_FAILED'
  | 'CONNECTION_LOST'
  | 'TIMEOUT'
  | 'UNAUTHORIZED'
  | 'HTTP_ERROR'
  | 'RESPONSE_TOO_LARGE'
  | 'RESPONSE_NOT_JSON'
  | 'RESPONSE_NOT_JSON_RPC'
  | 'RESPONSE_ID_MISMATCH'
  | 'MALFORMED_RESULT'
  | 'FOREIGN_LATEST_VALID_HASH'
  | 'METHOD_NOT_OFFERED'
  | 'RPC_ERROR'
  | 'PARSE_ERROR'
  | 'INVALID_REQUEST'
  | 'METHOD_NOT_FOUND'
  | 'INVALID_PARAMS'
  | 'INTERNAL_ERROR'
  | 'SERVER_ERROR'
  | 'UNKNOWN_PAYLOAD'
  | 'INVALID_FORKCHOICE_STATE'
  | 'INVALID_PAYLOAD_ATTRIBUTES'
  | 'TOO_LARGE_REQUEST'
  | 'ENGINE_UNSUPPORTED_FORK'
  | 'TOO_DEEP_REORG';

/** Codes of what can go wrong with a migration. */
export type MigrationErrorCode = 'INVALID_PLAN' | 'PLAN_CHANGED' | 'NOT_READY';

/** Every code of a {@link CompatError}; codes are stable, messages are not. */
export type CompatErrorCode =
  | ConfigErrorCode
  | CallErrorCode
  | AbTestErrorCode
  | ReportErrorCode
  | EngineErrorCode
  | MigrationErrorCode;

/** What an error knows beside its code; a secret is never among it. */
export type CompatErrorFacts = {
  /** The option or field, as in `v4.jwtSecretFile` or `executionPayload.blobGasUsed`. */
  readonly path?: string;
  /** The engine that was asked: `v4`, `v5`, or `shared`. */
  readonly engine?: string;
  /** The Engine API method. */
  readonly method?: string;
  /** The engine's JSON-RPC error code. */
  readonly rpcCode?: number;
  readonly httpStatus?: number;
  /** Everything that is wrong, where it is more than one thing. */
  readonly problems?: readonly { readonly code: string; readonly path: string; readonly message: string }[];
  readonly cause?: unknown;
};

/** Any error of the SDK that is not a ConversionError: a stable `code` and the facts that apply. */
export class CompatError extends Error {
  override readonly name = 'CompatError';
  readonly code: CompatErrorCode;
  readonly path?: string;
  readonly engine?: string;
  readonly method?: string;
  readonly rpcCode?: number;
  readonly httpStatus?: number;
  readonly problems?: NonNullable<CompatErrorFacts['problems']>;

  constructor(code: CompatErrorCode, message: string, facts: CompatErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    if (facts.path !== undefined) this.path = facts.path;
    if (facts.engine !== undefined) this.engine = facts.engine;
    if (facts.method !== undefined) this.method = facts.method;
    if (facts.rpcCode !== undefined) this.rpcCode = facts.rpcCode;
    if (facts.httpStatus !== undefined) this.httpStatus = facts.httpStatus;
    if (facts.problems !== undefined) this.problems = facts.problems;
  }
}
