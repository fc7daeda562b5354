import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** What is at a path: its bytes, or why they cannot be had. */
export type Content =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'unreadable'; readonly message: string };

/** Reads a regular file of at most `maximumBytes`; symbolic links are followed anew each time. */
export async function readBytes(path: string, maximumBytes: number): Promise<Content> {
  try {
    // Without O_NONBLOCK the opening of a pipe would wait for a writer, for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return unreadable('not a regular file');
      const room = Buffer.alloc(Math.min(stats.size, maximumBytes) + 1);
      let length = 0;
      while (length < room.length) {
        const { bytesRead } = await file.read(room, length, room.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      if (length > maximumBytes) return unreadable(`larger than ${maximumBytes} bytes`);
      // It has grown since its size was asked for: the next look sees all of it.
      if (length > stats.size) return unreadable('being written');
      return { kind: 'bytes', bytes: room.subarray(0, length) };
    } finally {
      await file.close();
    }
  } catch (error) {
    return unreadable(error instanceof Error ? detailOf(error) : String(error));
  }
}

/** Whether two looks saw the same. */
export function isSameContent(one: Content | undefined, other: Content): boolean {
  switch (one?.kind) {
    case undefined:
      return false;
    case 'bytes':
      return other.kind === 'bytes' && one.bytes.equals(other.bytes);
    case 'unreadable':
      return other.kind === 'unreadable' && one.message === other.message;
  }
}

function unreadable(message: string): Content {
  return { kind: 'unreadable', message };
}

/** `ENOENT: no such file or directory`, without the path, which the reader of the message knows by another name. */
function detailOf(error: Error): string {
  return error.message.replace(/, \w+(?: '.*')?$/s, '');
}
