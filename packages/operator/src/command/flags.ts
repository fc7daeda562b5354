import { setUpFlags } from '@lighthouse-compat/flag-provider/unleash/admin';
import { type Command, Option } from 'commander';
import { readFor, requireValid, type SettingOptions, unleashOf, variables } from './config/settings.js';
import { type Context, jsonText } from './context.js';
import { exitCodes } from './exitCode.js';
import { withCommon } from './options.js';
import { openUnleash, readFlags } from './readFlags.js';
import { flagLines, setUpLines } from './text/flags.js';

type Options = SettingOptions & { readonly json?: boolean };

async function open(options: Options, { terminal }: Context) {
  const place = unleashOf(options, requireValid(await readFor(options, terminal)), terminal);
  return { place, admin: await openUnleash(place, terminal) };
}

async function setUp(options: Options, context: Context): Promise<void> {
  const { terminal, paint } = context;
  const { place, admin } = await open(options, context);
  const { project, environment } = place;
  const results = await setUpFlags({ admin, project, environment });
  if (results.some(({ kind }) => kind === 'differs')) context.end(exitCodes.problems);
  terminal.out(
    options.json === true
      ? jsonText(results)
      : `flags of project ${project} in ${environment}:\n${setUpLines(results, paint)}`,
  );
}

async function show(options: Options, context: Context): Promise<void> {
  const { terminal, paint } = context;
  const { place, admin } = await open(options, context);
  const readings = await readFlags(admin, place);
  if (readings.some(({ flag, differences }) => flag === null || differences.length > 0))
    context.end(exitCodes.problems);
  terminal.out(
    options.json === true
      ? jsonText(readings)
      : `flags of project ${place.project} in ${place.environment}:\n${flagLines(readings, paint)}`,
  );
}

const withUnleash = (command: Command): Command =>
  withCommon(command)
    .addOption(new Option('--url <url>', `the API, as in https://unleash.example.org/api (${variables.unleashUrl})`))
    .addOption(new Option('--project <name>', 'default unless told'))
    .addOption(new Option('--environment <name>', 'development unless told'))
    .addOption(new Option('--token-file <file>', `a token of the Admin API (${variables.unleashTokenFile})`));

/** Adds `flags setup` and `flags show`. */
export function addFlags(program: Command, context: Context): void {
  const flags = program.command('flags').summary('the flags of the SDK in Unleash');
  withUnleash(flags.command('setup').summary('make them, off'))
    .description(
      'make all flags of the SDK in an Unleash project, off, each with one gradual rollout\n\nWhat is there is not touched, and it can be run again. Ends with 6 where one is there in another shape.',
    )
    .action((options: Options) => setUp(options, context));
  withUnleash(flags.command('show').summary('say how they are'))
    .description(
      'say how the flags are: on or off, for whom, and what keeps one from deciding as its name says\n\nEnds with 6 where one is missing or in another shape.',
    )
    .action((options: Options) => show(options, context));
}
