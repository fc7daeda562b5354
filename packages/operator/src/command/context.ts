import { type ControlClient, controlClient } from '../control/controlClient.js';
import { OperatorError } from '../errors.js';
import type { Config, ServiceConfig } from './config/config.js';
import { type MeantService, readFor, requireValid, type SettingOptions, serviceOf } from './config/settings.js';
import { type ExitCode, exitCodes } from './exitCode.js';
import { type Paint, painter, type Terminal } from './terminal.js';

/** What every command gets: where it runs, and how it ends. */
export type Context = {
  readonly terminal: Terminal;
  readonly paint: Paint;
  end(code: ExitCode): void;
  /** From here on the command ends by itself at Ctrl-C, in place of being ended. */
  endByItself(): void;
};

/** Makes a context; the exit code is `done` until a command says something else. */
export function createContext(
  terminal: Terminal,
): Context & { readonly exitCode: ExitCode; readonly endsByItself: boolean } {
  let exitCode: ExitCode = exitCodes.done;
  let endsByItself = false;
  return {
    terminal,
    paint: painter(terminal.screen?.hasColors === true),
    end(code) {
      exitCode = code;
    },
    endByItself() {
      endsByItself = true;
    },
    get exitCode() {
      return exitCode;
    },
    get endsByItself() {
      return endsByItself;
    },
  };
}

/** A service, how it is asked, and the configuration that names it. */
export type AskedService = MeantService & {
  /** With its address. */
  readonly title: string;
  readonly client: ControlClient;
  readonly config: Config;
};

/** Makes what asks a service. */
export const clientOf = ({ url, tokenFile, timeoutMs }: ServiceConfig, { clock }: Terminal): ControlClient =>
  controlClient({
    url,
    clock,
    ...(tokenFile === undefined ? {} : { tokenFile }),
    ...(timeoutMs === undefined ? {} : { deadlineMs: timeoutMs }),
  });

/** Opens the service that the options mean; throws INVALID_CONFIG. */
export async function openService(options: SettingOptions, { terminal }: Context): Promise<AskedService> {
  const config = requireValid(await readFor(options, terminal));
  const service = serviceOf(options, config, terminal);
  const { name, url } = service;
  const title = name === undefined ? url : `${name} (${url})`;
  return { ...service, title, client: clientOf(service, terminal), config };
}

/** Whether a service that does not answer now may do so soon: it is starting again, or what is in front of it says that it is away. */
export const mayPass = (error: unknown): error is OperatorError =>
  error instanceof OperatorError &&
  (error.code === 'CONTROL_UNREACHABLE' ||
    error.code === 'CONTROL_TIMEOUT' ||
    error.code === 'CONTROL_MALFORMED' ||
    (error.status ?? 0) >= 500);

/** Writes a value as JSON; integers that no number holds are decimal texts. */
export const jsonText = (value: unknown, indent = 2): string =>
  `${JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each), indent)}\n`;
