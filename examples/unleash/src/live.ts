import { clearScreenDown, cursorTo, moveCursor } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type FlagKey, flagKeys } from '@lighthouse-compat/flag-provider';
import { type EventDetails, ProviderEvents } from '@openfeature/server-sdk';
import { byV5, type DemoRecord, percentOf, type Stretch } from './record.js';
import { type BlockSeen, flagsChangedIn, type World } from './world.js';

const blockEveryMs = 500;
const shownBlocks = 40;

/** Makes blocks until it is told to end, while a person toggles flags; each change begins a new stretch. */
export async function runLive(
  world: World,
  record: DemoRecord,
  { output, until }: { readonly output: NodeJS.WriteStream; readonly until: AbortSignal },
): Promise<void> {
  const { unleash, admin, flags } = world;
  const { project, environment, url, login } = unleash;
  await admin.switchFlag({ project, environment, flagKey: flagKeys.lighthouseV5 }, 'on');
  const show = output.isTTY ? inPlace(output) : everyTenth(output);
  show.say(introduction(url, login, project));

  let stretch: Stretch = { title: 'at the beginning', blocks: [], changedAfterMs: null };
  record.stretches.push(stretch);
  let setting = await settingOf(world);
  const onChange = (details?: EventDetails): void => {
    const title = flagsChangedIn(details).join(', ');
    show.say(`changed in Unleash: ${title}`);
    stretch = { title: `after a change of ${title}`, blocks: [], changedAfterMs: null };
    record.stretches.push(stretch);
    void settingOf(world).then((read) => {
      setting = read;
    });
  };
  const onStale = (): void => show.say('Unleash cannot be reached: the last flags stay in force');
  flags.addHandler(ProviderEvents.ConfigurationChanged, onChange);
  flags.addHandler(ProviderEvents.Stale, onStale);
  while (!until.aborted) {
    const nextMs = performance.now() + blockEveryMs;
    // A change in the middle of a block does not make it one of the next stretch.
    const current = stretch;
    current.blocks.push(await world.nextBlock());
    show.table(tableOf(current, setting));
    await delay(Math.max(0, nextMs - performance.now()), undefined, { signal: until }).catch(() => {});
  }
  flags.removeHandler(ProviderEvents.ConfigurationChanged, onChange);
  flags.removeHandler(ProviderEvents.Stale, onStale);
  record.stretches.splice(0, record.stretches.length, ...record.stretches.filter(({ blocks }) => blocks.length > 0));
}

const introduction = (url: string, login: { username: string; password: string }, project: string): string =>
  [
    '',
    `  Unleash:  ${url}/projects/${project}/features/${flagKeys.lighthouseV5Primary}`,
    `  log in:   ${login.username} / ${login.password}`,
    '',
    '  lighthouse_v5 is on. Switch lighthouse_v5_primary on in development, and move its rollout:',
    '  the share of blocks that v5 answers follows within about two seconds. Ctrl-C ends it.',
    '',
  ].join('\n');

/** What is set in Unleash, as a line; what cannot be read is not known. */
async function settingOf({ admin, unleash }: World): Promise<string> {
  const { project, environment } = unleash;
  const one = async (flagKey: FlagKey): Promise<string> => {
    const flag = await admin.readFlag({ project, environment, flagKey }).catch(() => undefined);
    if (flag === undefined) return `${flagKey} ?`;
    const rollouts = flag.strategies.map(({ parameters }) => `${parameters['rollout'] ?? '?'} %`);
    return `${flagKey} ${flag.enabled ? `on at ${rollouts.join(' and ') || '100 %'}` : 'off'}`;
  };
  return (await Promise.all([one(flagKeys.lighthouseV5), one(flagKeys.lighthouseV5Primary)])).join(', ');
}

function tableOf({ blocks }: Stretch, setting: string): readonly string[] {
  const mark = ({ imported }: BlockSeen): string => imported?.answeredBy.slice(1) ?? '.';
  const last = blocks.at(-1);
  return [
    `  set in Unleash:  ${setting}`,
    `  answered by v5:  ${byV5(blocks)} of ${blocks.length} blocks since then (${percentOf(byV5(blocks), blocks.length)})`,
    `  by version:      ${blocks.slice(-shownBlocks).map(mark).join('')}`,
    `  head:            block ${last?.number ?? 0}  ${last?.hash.slice(0, 18) ?? ''}`,
  ];
}

type Show = { say(text: string): void; table(lines: readonly string[]): void };

/** A table that is drawn again in place; for a terminal. */
function inPlace(output: NodeJS.WriteStream): Show {
  let drawn = 0;
  const erase = (): void => {
    moveCursor(output, 0, -drawn);
    cursorTo(output, 0);
    clearScreenDown(output);
    drawn = 0;
  };
  return {
    say(text) {
      erase();
      output.write(`${text}\n`);
    },
    table(lines) {
      erase();
      output.write(`${lines.map((line) => line.slice(0, Math.max(20, output.columns - 1))).join('\n')}\n`);
      drawn = lines.length;
    },
  };
}

/** The table at every tenth block; for a file or a pipe. */
function everyTenth(output: NodeJS.WriteStream): Show {
  let shown = 0;
  return {
    say: (text) => void output.write(`${text}\n`),
    table(lines) {
      if (shown % 10 === 0) output.write(`${lines.join('\n')}\n`);
      shown += 1;
    },
  };
}
