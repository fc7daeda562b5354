import type { Command } from 'commander';
import { OperatorError } from '../../errors.js';
import type { Tone } from '../../page/browser/view/parts.js';
import type { Config, ServiceConfig } from '../config/config.js';
import { isSet, readFor, type SettingOptions, serviceOf, unleashOf } from '../config/settings.js';
import { type Context, clientOf, jsonText } from '../context.js';
import { exitCodes } from '../exitCode.js';
import { withService } from '../options.js';
import type { Paint } from '../terminal.js';
import { clean } from '../text/clean.js';
import { configItems } from './configItems.js';
import { type CheckItem, itemsOf, messageOf } from './item.js';
import { prometheusItems } from './prometheusItems.js';
import { serviceItems } from './serviceItems.js';
import { unleashItems } from './unleashItems.js';

type Options = SettingOptions & { readonly json?: boolean };

function itemsOfService(service: ServiceConfig, config: Config, steers: boolean, { terminal }: Context) {
  const { name, url, tokenFile } = service;
  const group = name ?? url;
  try {
    const client = clientOf(service, terminal);
    return serviceItems({ group, client, hasToken: tokenFile !== undefined, steers, config });
  } catch (error) {
    return [itemsOf(group).problem('url', messageOf(error), 'correct it')];
  }
}

/** Gives what is meant; what keeps it from being known is an item. */
function meant<T extends object>(group: string, read: () => T): T | CheckItem {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    return itemsOf(group).problem(error.path ?? 'url', error.message, 'name it');
  }
}

async function look(options: Options, context: Context): Promise<readonly CheckItem[]> {
  const { terminal } = context;
  const read = await readFor(options, terminal);
  const { config, problems } = read;
  const main = meant('service', () => serviceOf(options, config, terminal));
  const isBroken = problems.some(({ path }) => path.startsWith('service'));
  const hasUnleash = config.unleash !== undefined || isSet(terminal, 'unleashUrl');
  // An address on the command line is the service's.
  const unleash = hasUnleash ? meant('Unleash', () => unleashOf({}, config, terminal)) : null;
  const isWhole = options.url === undefined && options.service === undefined;
  const groups = await Promise.all([
    configItems(read),
    // Where the configuration is wrong about it, that has been told.
    'level' in main ? (isBroken ? [] : [main]) : itemsOfService(main, config, !main.isPeer, context),
    ...(isWhole ? config.peers.map((peer) => itemsOfService(peer, config, false, context)) : []),
    unleash === null ? [] : 'level' in unleash ? [unleash] : unleashItems(unleash, terminal),
    config.prometheus === undefined ? [] : prometheusItems(config.prometheus, config, terminal.clock),
  ]);
  return groups.flat();
}

const marks: Readonly<Record<CheckItem['level'], readonly [string, Tone]>> = {
  ok: ['ok', 'good'],
  warning: ['warning', 'attention'],
  problem: ['PROBLEM', 'bad'],
};

/** The items in words, by their groups. */
function checkText(items: readonly CheckItem[], paint: Paint): string {
  const lines: string[] = [];
  let group: string | null = null;
  for (const item of items) {
    if (item.group !== group) lines.push(clean(item.group));
    group = item.group;
    const [mark, tone] = marks[item.level];
    lines.push(`  ${paint(tone, mark.padEnd(8))} ${clean(`${item.name}: ${item.detail}`)}`);
    if (item.mend !== null) lines.push(`           -> ${clean(item.mend)}`);
  }
  const problems = items.filter(({ level }) => level === 'problem').length;
  const last =
    problems === 0
      ? paint('good', 'No problem was found.')
      : paint('bad', `${problems} ${problems === 1 ? 'problem' : 'problems'} to mend.`);
  return `${[...lines, '', last].join('\n')}\n`;
}

async function run(options: Options, context: Context): Promise<void> {
  const items = await look(options, context);
  const ok = items.every(({ level }) => level !== 'problem');
  if (!ok) context.end(exitCodes.problems);
  context.terminal.out(options.json === true ? jsonText({ ok, items }) : checkText(items, context.paint));
}

/** Adds `check`. */
export function addCheck(program: Command, context: Context): void {
  withService(program.command('check').summary('look at everything that a migration needs, and say how to mend it'))
    .description(
      'look at everything that a migration needs, and say how to mend it\n\nThe configuration, the service and its token, its readiness for a start, the other services, the flags in Unleash, the figures in Prometheus. Changes nothing. Ends with 6 where there is a problem.',
    )
    .action((options: Options) => run(options, context));
}
