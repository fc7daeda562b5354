import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Report, reportText } from '@lighthouse-compat/sdk';
import { type Command, Option } from 'commander';
import { OperatorError } from '../errors.js';
import type { SettingOptions } from './config/settings.js';
import { type Context, jsonText, openService } from './context.js';
import { withService } from './options.js';

type Options = SettingOptions & { readonly json?: boolean; readonly html?: string };

async function readFileReport(file: string, { terminal }: Context): Promise<Report> {
  // Its plotting is needed by nobody who only runs a service.
  const { readReport } = await import('@lighthouse-compat/report');
  try {
    const { report, lines, isCutOff } = await readReport(resolve(terminal.folder, file));
    if (isCutOff) terminal.err(`line ${lines} is cut off and left out\n`);
    return report;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError('INVALID_OPTION', `${file}: ${message}`, { path: 'file', cause });
  }
}

async function run(file: string | undefined, options: Options, context: Context): Promise<void> {
  const { terminal } = context;
  const report =
    file === undefined
      ? // What it holds is JSON as it is: no count of it is beyond a number.
        ((await (await openService(options, context)).client.report()).report as Report)
      : await readFileReport(file, context);
  if (options.html !== undefined) {
    const { reportHtml } = await import('@lighthouse-compat/report');
    await writeFile(resolve(terminal.folder, options.html), reportHtml(report));
  }
  terminal.out(options.json === true ? jsonText(report) : reportText(report));
}

/** Adds `report`. */
export function addReport(program: Command, context: Context): void {
  withService(program.command('report').summary('v4 against v5, with a recommendation and its figures'))
    .description(
      'v4 against v5, with a recommendation and its figures\n\nOf the service, which has to keep a report (report: true), or of a file of recorded observations.',
    )
    .argument('[file]', 'recorded observations, a line each')
    .addOption(new Option('--html <page>', 'write it as one page with plots, too'))
    .action((file: string | undefined, options: Options) => run(file, options, context));
}
