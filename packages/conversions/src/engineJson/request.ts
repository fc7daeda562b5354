import type { Data } from '../types/scalars.js';

/** A JSON-RPC 2.0 request of the Engine API: the parameters as their serializers give them. */
export type EngineRequestJson = {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
};

const NO_TRANSACTIONS = '"transactions":[]';
const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * Writes a request as the bytes that `JSON.stringify` would give for it, the transactions of an execution payload one by one, so that they are never joined into one string.
 *
 * `allocate` gives the memory to write into, of at least `size` bytes, as a buffer that is used again; a new one each time if it is left out.
 */
export function serializeRequest(
  request: EngineRequestJson,
  allocate: (size: number) => Uint8Array = Buffer.allocUnsafe,
): Uint8Array {
  const { head, transactions, tail } = split(request);
  const tailBytes = Buffer.byteLength(tail);
  let size = Buffer.byteLength(head) + tailBytes + Math.max(0, transactions.length - 1);
  for (const { length } of transactions) size += length + 2;

  const memory = allocate(size);
  const body = Buffer.from(memory.buffer, memory.byteOffset, size);
  let at = body.write(head);
  for (let i = 0; i < transactions.length; i++) {
    if (i > 0) body[at++] = COMMA;
    body[at++] = QUOTE;
    // DATA is ASCII, of which latin1 is the fastest copy.
    at += body.write(transactions[i] as Data, at, 'latin1');
    body[at++] = QUOTE;
  }
  body.write(tail, at);
  return body;
}

type Split = { readonly head: string; readonly transactions: readonly Data[]; readonly tail: string };

/** The text before a payload's transactions, the transactions, and the text after them. */
function split({ id, method, params }: EngineRequestJson): Split {
  const [first, ...others] = params;
  if (!isPayload(first)) {
    return { head: JSON.stringify({ jsonrpc: '2.0', id, method, params }), transactions: [], tail: '' };
  }
  const { transactions } = first;
  const text = JSON.stringify({ jsonrpc: '2.0', id, method, params: [{ ...first, transactions: [] }, ...others] });
  // Within a string its quotes would be escaped, so that what is found is the field.
  const at = text.indexOf(NO_TRANSACTIONS) + NO_TRANSACTIONS.length - 1;
  return { head: text.slice(0, at), transactions, tail: text.slice(at) };
}

function isPayload(param: unknown): param is { readonly transactions: readonly Data[] } {
  return typeof param === 'object' && param !== null && 'transactions' in param && Array.isArray(param.transactions);
}
