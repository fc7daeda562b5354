import { CompatError, type CompatErrorFacts, type EngineErrorCode } from '../errors.js';

/** The names of the Engine API's JSON-RPC errors (execution-apis, src/engine/common.md); -32001 is how some clients say -38001. */
const rpcErrorCodes: Readonly<Record<string, EngineErrorCode>> = {
  '-32700': 'PARSE_ERROR',
  '-32600': 'INVALID_REQUEST',
  '-32601': 'METHOD_NOT_FOUND',
  '-32602': 'INVALID_PARAMS',
  '-32603': 'INTERNAL_ERROR',
  '-32000': 'SERVER_ERROR',
  '-32001': 'UNKNOWN_PAYLOAD',
  '-38001': 'UNKNOWN_PAYLOAD',
  '-38002': 'INVALID_FORKCHOICE_STATE',
  '-38003': 'INVALID_PAYLOAD_ATTRIBUTES',
  '-38004': 'TOO_LARGE_REQUEST',
  '-38005': 'ENGINE_UNSUPPORTED_FORK',
  '-38006': 'TOO_DEEP_REORG',
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the result out of a JSON-RPC 2.0 response; throws a CompatError for what is no response to this request and for the engine's own error. */
export function decodeResponse(text: string, id: number, where: { engine: string; method: string }): unknown {
  const fail = (code: EngineErrorCode, what: string, facts: CompatErrorFacts = {}): never => {
    throw new CompatError(code, `${where.method} at engine ${where.engine}: ${what}`, { ...where, ...facts });
  };
  let response: unknown;
  try {
    response = JSON.parse(text);
  } catch {
    // The cause would quote the engine's text, which may be anything; it is left out.
    return fail('RESPONSE_NOT_JSON', 'the answer is not JSON');
  }
  if (!isRecord(response) || response['jsonrpc'] !== '2.0')
    return fail('RESPONSE_NOT_JSON_RPC', 'the answer is not JSON-RPC 2.0');
  const error = response['error'];
  if (isRecord(error) && typeof error['code'] === 'number' && typeof error['message'] === 'string') {
    // An engine that could not read the request answers with a null id; its error still tells more than a mismatch.
    if (response['id'] !== id && response['id'] !== null)
      return fail('RESPONSE_ID_MISMATCH', 'the answer carries another id');
    const rpcCode = error['code'];
    return fail(rpcErrorCodes[String(rpcCode)] ?? 'RPC_ERROR', `error ${rpcCode}: ${error['message'].slice(0, 200)}`, {
      rpcCode,
    });
  }
  if (response['id'] !== id) return fail('RESPONSE_ID_MISMATCH', 'the answer carries another id');
  if (!Object.hasOwn(response, 'result'))
    return fail('RESPONSE_NOT_JSON_RPC', 'the answer has neither a result nor an error');
  return response['result'];
}
