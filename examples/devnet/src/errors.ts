/** What {@link BlockDriver.nextBlock} was doing when it failed. */
export type BlockStep =
  | 'send_transactions'
  | 'forkchoice_updated_with_attributes'
  | 'get_payload'
  | 'new_payload'
  | 'forkchoice_updated';

/** Every code of a {@link DevnetError}; codes are stable, messages are not. */
export type DevnetErrorCode =
  | 'INVALID_OPTION'
  | 'INVALID_JWT_SECRET_FILE'
  | 'ABORTED'
  | 'CLIENT_EXITED'
  | 'PORT_TAKEN'
  | 'START_TIMEOUT'
  | 'GENESIS_MISMATCH'
  | 'RPC_UNREACHABLE'
  | 'RPC_ERROR'
  | 'RPC_MALFORMED'
  | 'NO_CLIENT_ALIVE'
  | 'DRIVER_BUSY'
  | 'STEP_FAILED'
  | 'STATUS_NOT_VALID'
  | 'NO_PAYLOAD_ID'
  | 'WRONG_PAYLOAD';

/** What an error knows beside its code. */
export type DevnetErrorFacts = {
  /** The client's name. */
  readonly client?: string;
  /** The last lines that the client wrote. */
  readonly output?: readonly string[];
  readonly exitCode?: number | null;
  readonly exitSignal?: NodeJS.Signals | null;
  /** The JSON-RPC method. */
  readonly method?: string;
  /** The client's JSON-RPC error code. */
  readonly rpcCode?: number;
  readonly httpStatus?: number;
  readonly step?: BlockStep;
  readonly blockNumber?: bigint;
  /** The status that was answered in place of VALID. */
  readonly status?: string;
  readonly cause?: unknown;
};

/** Any error of the devnet: a stable `code` and the facts that apply; the client's last lines end the message too. */
export class DevnetError extends Error {
  override readonly name = 'DevnetError';
  readonly code: DevnetErrorCode;
  readonly facts: Omit<DevnetErrorFacts, 'cause'>;

  constructor(code: DevnetErrorCode, message: string, facts: DevnetErrorFacts = {}) {
    const { cause, ...rest } = facts;
    const lines = rest.output === undefined || rest.output.length === 0 ? '' : `\n  ${rest.output.join('\n  ')}`;
    super(`${message}${lines}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = rest;
  }
}
