import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** The repository's root folder. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** A program of this repository that a test runs. */
export type Program = {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Everything it wrote so far, to standard output and standard error. */
  output(): string;
  /** Resolves with the first match in what it writes; rejects when it ends without one. */
  writes(pattern: RegExp): Promise<RegExpExecArray>;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
};

/** Runs a built program of the repository with Node; it ends with the test at the latest. */
export function runProgram(file: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Program {
  const child = spawn(process.execPath, [`${root}/${file}`, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const looking = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const look of [...looking]) look();
    });
  }
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return {
    child,
    output: () => text,
    writes: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(text);
          if (match === null) return;
          looking.delete(look);
          resolve(match);
        };
        looking.add(look);
        look();
        void exited.then(() => reject(new Error(`the program ended without writing ${pattern}:\n${text}`)));
      }),
    exited,
  };
}

/** Tells whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
