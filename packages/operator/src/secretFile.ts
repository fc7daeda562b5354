import { open } from 'node:fs/promises';

/** No secret is longer, so that no other file is taken for one. */
const maximumBytes = 4_096;

/** Reads a secret from its file, without white space around it; null where the file cannot be read, is empty or too long, or holds more than one line. */
export async function readSecretFile(path: string): Promise<string | null> {
  try {
    const file = await open(path, 'r');
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(maximumBytes + 1), 0, maximumBytes + 1, 0);
      const secret = buffer.toString('utf8', 0, bytesRead).trim();
      return bytesRead <= maximumBytes && secret !== '' && !/\p{Cc}/u.test(secret) ? secret : null;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
