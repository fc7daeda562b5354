import type { ControlClient } from '../control/controlClient.js';
import { controlClient } from '../control/controlClient.js';
import type { Config } from './config/config.js';
import { readFor, requireValid, type SettingOptions, serviceOf } from './config/settings.js';
import { type ExitCode, exitCodes } from './exitCode.js';
import { type Paint, paintOn, type Terminal } from './terminal.js';

/** What every command gets: where it runs, and how it ends. */
export type Context = {
  readonly terminal: Terminal;
  readonly paint: Paint;
  end(code: ExitCode): void;
};

/** Makes a context; the exit code is `done` until a command says something else. */
export function createContext(terminal: Terminal): Context & { readonly exitCode: ExitCode } {
  let exitCode: ExitCode = exitCodes.done;
  return {
    terminal,
    paint: paintOn(terminal),
    end(code) {
      exitCode = code;
    },
    get exitCode() {
      return exitCode;
    },
  };
}

/** A service, how it is asked, and the configuration that names it. */
export type AskedService = {
  readonly name: string;
  readonly url: string;
  readonly client: ControlClient;
  readonly config: Config;
};

/** Opens the service that the options mean; throws INVALID_CONFIG. */
export async function openService(options: SettingOptions, { terminal }: Context): Promise<AskedService> {
  const config = requireValid(await readFor(options, terminal));
  const { name, url, tokenFile, timeoutMs } = serviceOf(options, config, terminal);
  const client = controlClient({
    url,
    clock: terminal.clock,
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(timeoutMs === undefined ? {} : { deadlineMs: timeoutMs }),
  });
  return { name: name === undefined ? url : `${name} (${url})`, url, client, config };
}

/** Writes a value as JSON; integers that no number holds are decimal texts. */
export const jsonText = (value: unknown, indent = 2): string =>
  `${JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each), indent)}\n`;
