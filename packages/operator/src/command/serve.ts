import { type Command, Option } from 'commander';
import { startDesk } from '../desk/desk.js';
import { readFor, requireValid, type SettingOptions, serviceOf, variables } from './config/settings.js';
import { type Context, jsonText } from './context.js';
import { wholeNumber, withCommon } from './options.js';
import { untilInterrupted } from './waiting.js';

type Options = SettingOptions & {
  readonly json?: boolean;
  readonly host: string;
  readonly port: number;
  readonly allowHost?: readonly string[];
};

async function run(options: Options, context: Context): Promise<void> {
  const { terminal } = context;
  const { name, url, timeoutMs } = serviceOf(options, requireValid(await readFor(options, terminal)), terminal);
  const desk = await startDesk({
    service: { url, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
    host: options.host,
    port: options.port,
    ...(options.allowHost === undefined ? {} : { hosts: options.allowHost }),
    logger: { info: () => {}, warn: (line) => terminal.err(`${line}\n`), error: (line) => terminal.err(`${line}\n`) },
  });
  context.endByItself();
  try {
    terminal.out(
      options.json === true
        ? jsonText({ url: desk.url, service: url }, 0)
        : `${desk.url} shows ${name ?? url}; the page asks for the token where it needs one. Ctrl-C ends it.\n`,
    );
    await untilInterrupted(terminal);
  } finally {
    await desk.close();
  }
}

/** Adds `serve`. */
export function addServe(program: Command, context: Context): void {
  withCommon(program.command('serve').summary('show the migration on a page, here'))
    .description(
      "show the migration on a page, here\n\nThe page of the service, on this machine's loopback: everything that it asks for is handed on to the service's control API, with the token that the person gives the page. No token is read or kept here. Until Ctrl-C.",
    )
    .addOption(new Option('--service <name>', 'one of the services in the configuration'))
    .addOption(new Option('--url <url>', `a control API that is not in it (${variables.url})`))
    .addOption(new Option('--port <number>', '0: any that is free').argParser(wholeNumber(0, 65_535)).default(0))
    .addOption(new Option('--host <address>', 'where it listens').default('127.0.0.1'))
    .addOption(
      new Option('--allow-host <name...>', 'what it may be called beside loopback, where --host lets others in'),
    )
    .action((options: Options) => run(options, context));
}
