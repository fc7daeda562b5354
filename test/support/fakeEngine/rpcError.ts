/** A JSON-RPC error for a handler to throw. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message = `error ${code}`) {
    super(message);
    this.code = code;
  }
}
