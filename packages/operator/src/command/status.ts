import { type Command, Option } from 'commander';
import type { JournalAnswer, StatusAnswer } from '../control/answers.js';
import type { OperatorError } from '../errors.js';
import { time } from '../page/browser/view/format.js';
import { addSample, type ShareSample } from '../page/browser/view/share.js';
import type { SettingOptions } from './config/settings.js';
import { type AskedService, type Context, jsonText, mayPass, openService } from './context.js';
import { wholeNumber, withService } from './options.js';
import { clean } from './text/clean.js';
import { recordLines, statusLine, statusText } from './text/status.js';
import { passed, unlessInterrupted } from './waiting.js';

type Options = SettingOptions & {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly every: number;
  readonly journal: number;
};

type Looked = { readonly status: StatusAnswer; readonly journal: JournalAnswer };

async function look({ client }: AskedService, limit: number): Promise<Looked> {
  const status = await client.status();
  // The journal's newest page ends in front of the record that is not there yet.
  const journal = await client.journal({ before: status.journal.lastSeq + 1, limit });
  return { status, journal };
}

/** Keeps a text to the rows of the screen: more would push its top out of it. */
const fitted = (text: string, rows: number): string =>
  text
    .split('\n')
    .slice(0, rows - 1)
    .join('\n');

/** Shows how it goes until Ctrl-C: on a screen all of it, drawn anew; elsewhere a line for each change, or each status as JSON. */
async function watch(service: AskedService, options: Options, context: Context): Promise<void> {
  const { terminal, paint } = context;
  const { screen, clock } = terminal;
  let samples: readonly ShareSample[] = [];
  let lastLine = '';
  let lastSeq: number | null = null;
  let lostMs: number | null = null;

  function show({ status, journal }: Looked): void {
    samples = addSample(samples, status);
    if (options.json === true) terminal.out(jsonText(status, 0));
    else if (screen !== null)
      screen.redraw(fitted(statusText({ service: service.title, status, samples, journal }, paint), screen.rows()));
    else {
      // Of what was there before it was watched nothing is told twice.
      const fresh = journal.records.filter(({ seq }) => lastSeq === null || seq > lastSeq);
      if (lastSeq !== null) for (const line of recordLines({ ...journal, records: fresh })) terminal.out(`${line}\n`);
      const line = statusLine(status);
      const said = line.slice(line.indexOf('  '));
      if (said !== lastLine) terminal.out(`${line}\n`);
      lastLine = said;
    }
    lastSeq = journal.lastSeq;
  }

  function lost(error: OperatorError): void {
    const isNew = lostMs === null;
    lostMs ??= clock.nowMs();
    const text = clean(`${time(lostMs)}  not connected since: ${error.message}; asked again every ${options.every} s`);
    // That it is back is told, also where nothing has changed.
    lastLine = '';
    if (options.json !== true && screen !== null)
      screen.redraw(`${paint('bad', `${text}\nWhat was told before is old.`)}\n`);
    else if (isNew) terminal.err(`${text}\n`);
  }

  const limit = screen === null ? 1_000 : options.journal;
  // A wrong address is told at once, and not watched.
  const first = await look(service, limit);
  context.endByItself();
  show(first);
  while (await passed(terminal, options.every * 1_000)) {
    try {
      const looked = await unlessInterrupted(terminal, look(service, limit));
      if (looked === null) return;
      lostMs = null;
      show(looked);
    } catch (error) {
      if (!mayPass(error)) throw error;
      lost(error);
    }
  }
}

async function run(options: Options, context: Context): Promise<void> {
  const service = await openService(options, context);
  if (options.watch === true) return watch(service, options, context);
  const { status, journal } = await look(service, options.journal);
  const samples = addSample([], status);
  context.terminal.out(
    options.json === true
      ? jsonText(status)
      : statusText({ service: service.title, status, samples, journal }, context.paint),
  );
}

/** Adds `status`. */
export function addStatus(program: Command, context: Context): void {
  withService(program.command('status').summary('say where the migration is, with the figures that decide'))
    .description(
      'say where the migration is, with the figures that decide\n\nWith --watch until Ctrl-C: on a terminal the whole of it, elsewhere a line for each change.',
    )
    .addOption(new Option('--watch', 'go on until Ctrl-C'))
    .addOption(new Option('--every <seconds>', 'how often it is asked').argParser(wholeNumber(1, 3_600)).default(2))
    .addOption(
      new Option('--journal <records>', 'how much of the journal is shown').argParser(wholeNumber(1, 1_000)).default(8),
    )
    .action((options: Options) => run(options, context));
}
