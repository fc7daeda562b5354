/** Reads an answer's body as UTF-8; null, with the connection closed, once it is over so many bytes. */
export async function readBoundedText(response: Response, maximumBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body === null) return '';
  // Leaving the loop early closes the connection.
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maximumBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
