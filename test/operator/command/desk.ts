import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@lighthouse-compat/sdk';
import { onTestFinished } from 'vitest';
import type { ExitCode } from '../../../packages/operator/src/command/exitCode.js';
import { runCommand } from '../../../packages/operator/src/command/runCommand.js';
import { token } from '../control/control.js';

/** What a command has come to. */
type Ran = { readonly code: ExitCode; readonly out: string; readonly err: string };

/** A person's desk: a folder with files in it, where commands are run in this process. */
export type Desk = {
  readonly folder: string;
  write(name: string, content: string): Promise<string>;
  run(
    args: readonly string[],
    options?: {
      readonly env?: Readonly<Record<string, string>>;
      readonly signal?: AbortSignal;
      /** What the person answers, null for nothing; without it nobody can be asked. */
      readonly answer?: string | null;
      /** A screen of so many rows, in place of a pipe. */
      readonly rows?: number;
      /** Told of everything that is written. */
      readonly wrote?: (text: string) => void;
    },
  ): Promise<Ran>;
};

/** Makes one with the token of the tests in `control.token`; removed with the test. */
export async function openDesk(): Promise<Desk> {
  const folder = await mkdtemp(join(tmpdir(), 'desk-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content, { mode: 0o600 });
    return join(folder, name);
  };
  await write('control.token', `${token}\n`);
  return {
    folder,
    write,
    async run(args, { env = {}, signal = new AbortController().signal, answer, rows, wrote = () => {} } = {}) {
      let [out, err] = ['', ''];
      const add = (text: string): void => {
        out += text;
        wrote(text);
      };
      const code = await runCommand(args, {
        out: add,
        err(text) {
          err += text;
          wrote(text);
        },
        screen: rows === undefined ? null : { rows: () => rows, hasColors: true, redraw: (text) => add(`\f${text}`) },
        hasErrorColors: false,
        ask: answer === undefined ? null : async () => answer,
        env,
        folder,
        userName: 'grace',
        clock: systemClock,
        interrupted: signal,
      });
      return { code, out, err };
    },
  };
}
