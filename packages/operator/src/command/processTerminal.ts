import { userInfo } from 'node:os';
import { cwd, env, stderr, stdin, stdout } from 'node:process';
import { clearScreenDown, createInterface, cursorTo } from 'node:readline';
import { commandClock } from './clock.js';
import type { Terminal } from './terminal.js';

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user without a name.
    return 'unknown';
  }
}

/** The process as the command sees it; `interrupt` is called where Ctrl-C does not come as a signal. */
export function processTerminal(interrupted: AbortSignal, interrupt: () => void): Terminal {
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    screen: stdout.isTTY
      ? {
          rows: () => stdout.rows || 24,
          hasColors: stdout.hasColors(),
          redraw(text) {
            cursorTo(stdout, 0, 0);
            clearScreenDown(stdout);
            // Without its wrapping a terminal cuts a long line off by itself (DECAWM).
            stdout.write(`\u001B[?7l${text}\u001B[?7h`);
          },
        }
      : null,
    hasErrorColors: stderr.isTTY && stderr.hasColors(),
    ask: stdin.isTTY && stderr.isTTY ? askBy(interrupt) : null,
    env,
    folder: cwd(),
    userName: userName(),
    clock: commandClock,
    interrupted,
  };
}

const askBy =
  (interrupt: () => void): NonNullable<Terminal['ask']> =>
  (question) => {
    const asked = createInterface({ input: stdin, output: stderr });
    return new Promise((resolve) => {
      const cutOff = (): void => resolve(null);
      asked.once('close', cutOff);
      // In raw mode Ctrl-C comes to it in place of the process, which it is for: no answer follows.
      asked.once('SIGINT', () => {
        asked.off('close', cutOff);
        asked.close();
        interrupt();
      });
      asked.question(question, (answer) => {
        resolve(answer);
        asked.close();
      });
    });
  };
