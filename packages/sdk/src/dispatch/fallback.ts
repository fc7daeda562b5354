import { CompatError, type EngineErrorCode } from '../errors.js';
import { modePlans } from '../selection/modePlans.js';
import type { Decision } from '../selection/select.js';

/** Whether an engine's failure leaves the block unjudged, so that another engine may be heard in its place. What is an answer about the call itself (wrong parameters, an unknown id, a refused forkchoice) is no cause: the other engine would be asked to overrule it. */
const isCause: Readonly<Record<EngineErrorCode, boolean>> = {
  CONNECTION_FAILED: true,
  CONNECTION_LOST: true,
  TIMEOUT: true,
  UNAUTHORIZED: true,
  HTTP_ERROR: true,
  RESPONSE_TOO_LARGE: true,
  RESPONSE_NOT_JSON: true,
  RESPONSE_NOT_JSON_RPC: true,
  RESPONSE_ID_MISMATCH: true,
  MALFORMED_RESULT: true,
  FOREIGN_LATEST_VALID_HASH: true,
  METHOD_NOT_OFFERED: true,
  METHOD_NOT_FOUND: true,
  INTERNAL_ERROR: true,
  SERVER_ERROR: true,
  RPC_ERROR: false,
  PARSE_ERROR: false,
  INVALID_REQUEST: false,
  INVALID_PARAMS: false,
  UNKNOWN_PAYLOAD: false,
  INVALID_FORKCHOICE_STATE: false,
  INVALID_PAYLOAD_ATTRIBUTES: false,
  TOO_LARGE_REQUEST: false,
  ENGINE_UNSUPPORTED_FORK: false,
  TOO_DEEP_REORG: false,
};

/** Whether a failure is the engine's, or of the way to it: an error in the call itself has a code of its own. */
export const isEngineErrorCode = (code: string): code is EngineErrorCode => Object.hasOwn(isCause, code);

/** Every code of a failure that is the engine's, or of the way to it. */
export const engineErrorCodes: readonly EngineErrorCode[] = Object.keys(isCause) as EngineErrorCode[];

/** The codes for which a fallback may be taken. */
export const fallbackCauses: readonly EngineErrorCode[] = engineErrorCodes.filter((code) => isCause[code]);

/** A fallback that was taken, by the code of the failure that it was taken for. */
export type Fallback = { readonly cause: EngineErrorCode };

/** Whether v4's answer may be given where v5's fails: by the call's mode, and not where flags or readiness sent the call to v4 anyway. */
export const fallsBack = ({ mode, adapter }: Decision): boolean => modePlans[mode].fallsBack && adapter === 'v5';

/** Gives the cause for which the fallback of a mode is taken, or null where the failure is the caller's to see; HTTP statuses below 500 are the caller's fault. */
export function fallbackCauseOf(error: unknown): EngineErrorCode | null {
  if (!(error instanceof CompatError)) return null;
  const { code } = error;
  if (!isEngineErrorCode(code)) return null;
  if (code === 'HTTP_ERROR' && error.httpStatus !== undefined && error.httpStatus < 500) return null;
  return isCause[code] ? code : null;
}
