import { defaultPlan, type MigrationPlan } from '@lighthouse-compat/sdk';
import type { Command } from 'commander';
import { isSet, readFor, requireValid, type SettingOptions } from './config/settings.js';
import { type Context, jsonText, openService } from './context.js';
import { exitCodes } from './exitCode.js';
import { withService } from './options.js';
import { planDifferences } from './planDifferences.js';
import { clean } from './text/clean.js';
import { outlineOf, planText } from './text/plan.js';

type Options = SettingOptions & { readonly json?: boolean };

/** Whether a service is meant at all: a plan can be looked at before there is one. */
const namesService = ({ url, service }: SettingOptions, { terminal }: Context, hasService: boolean): boolean =>
  url !== undefined || service !== undefined || isSet(terminal, 'url') || hasService;

async function run(options: Options, context: Context): Promise<void> {
  const { terminal, paint } = context;
  const config = requireValid(await readFor(options, terminal));
  let ofService: MigrationPlan | null = null;
  let away: unknown;
  if (namesService(options, context, config.service !== undefined)) {
    try {
      const { client } = await openService(options, context);
      ofService = (await client.status()).migration?.plan ?? null;
    } catch (error) {
      // What is configured can be told all the same.
      if (config.plan === null) throw error;
      away = error;
    }
  }
  const plan = config.plan ?? ofService ?? defaultPlan;
  const differences = config.plan === null || ofService === null ? [] : planDifferences(config.plan, ofService);
  if (differences.length > 0) context.end(exitCodes.problems);
  if (options.json === true) {
    if (away !== undefined) throw away;
    terminal.out(jsonText({ plan, ...outlineOf(plan), differences }));
    return;
  }
  const from =
    config.plan !== null
      ? 'The plan of the configuration'
      : ofService !== null
        ? 'The plan of the service'
        : 'The default plan';
  terminal.out(`${from}\n${planText(plan, paint)}`);
  for (const { path, configured, running } of differences)
    terminal.out(
      paint('bad', clean(`The service goes by another plan: ${path} is ${running}, and ${configured} here.`)).concat(
        '\n',
      ),
    );
  if (away !== undefined) throw away;
}

/** Adds `plan`. */
export function addPlan(program: Command, context: Context): void {
  withService(program.command('plan').summary('say how the migration will go, and when'))
    .description(
      'say how the migration will go, and when\n\nBy the plan of the configuration, else by that of the service. Where both have one they are held against each other: ends with 6 where they differ.',
    )
    .action((options: Options) => run(options, context));
}
