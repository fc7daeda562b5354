/** The parameters of a JSON-RPC request. */
export type Params = readonly unknown[];

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The block that a newPayload or a forkchoiceUpdated is about, in lower case. */
export function hashAsked([first]: Params): string | undefined {
  if (!isJsonObject(first)) return undefined;
  const hash = first['blockHash'] ?? first['headBlockHash'];
  return typeof hash === 'string' ? hash.toLowerCase() : undefined;
}
