import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addActions } from './actions.js';
import { addCheck } from './check/check.js';
import type { Context } from './context.js';
import { addDecide } from './decide.js';
import { exitCodes } from './exitCode.js';
import { addFlags } from './flags.js';
import { addPlan } from './plan.js';
import { addReport } from './report.js';
import { addServe } from './serve.js';
import { addStatus } from './status.js';

const help = `
Examples:
  lighthouse-compat check                             everything that a migration needs
  lighthouse-compat flags setup                       the flags in Unleash, off
  lighthouse-compat plan                              what will happen, and when
  lighthouse-compat start --by ada
  lighthouse-compat status --watch
  lighthouse-compat hold --reason "look at v5's log"
  lighthouse-compat rollback --reason "v5 is slow"    v4 answers at once
  lighthouse-compat serve                             the same on a page

Configuration: --config FILE, LIGHTHOUSE_COMPAT_CONFIG, or lighthouse-compat.yaml, .yml or .json in this folder.
An option goes before a variable, and a variable before the file. Secrets are named by file, never given.

Exit codes:
  ${exitCodes.done}    done
  ${exitCodes.failed}    failed, or not agreed to
  ${exitCodes.usage}    a wrong option, or a configuration that cannot be used
  ${exitCodes.refused}    refused: the migration is in a state that does not take it, for one
  ${exitCodes.unreachable}    the service, Unleash or Prometheus does not answer
  ${exitCodes.unauthorized}    the token is missing, wrong, or allows too little
  ${exitCodes.problems}    done, and something was found: check, plan, drill, rollback, flags
  ${exitCodes.interrupted}  Ctrl-C, except where a command goes on until then
`;

/** Of the package, which is as far away from the sources as from what is built. */
const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string })
    .version;

/** The command with everything that it can do. */
export function createProgram(context: Context): Command {
  const { terminal } = context;
  const program = new Command('lighthouse-compat')
    .description(
      "Steers a migration from Lighthouse v4's to v5's structures, through the control API of the service that has it.",
    )
    .version(version())
    .addHelpText('after', help)
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .exitOverride()
    .showHelpAfterError('(--help says more)');
  program.helpCommand('help [command]', 'say how a command is used');
  addCheck(program, context);
  addPlan(program, context);
  addStatus(program, context);
  addActions(program, context);
  addReport(program, context);
  addFlags(program, context);
  addDecide(program, context);
  addServe(program, context);
  return program;
}
