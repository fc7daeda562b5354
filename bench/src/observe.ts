import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type Effort, heapNote } from './harness.js';
import { versionOf } from './peers.js';
import { asJson, asText, type Report, type Result } from './report.js';
import { beyond, quietest, type Series } from './series.js';
import { type RecorderName, recorders } from './ways/recorders.js';
import type { SetupName } from './ways/setups.js';

type Beside = Readonly<Record<'with' | 'without', Series>>;

/** The share of the rounds that is told: those that the machine disturbed least. */
const quietShare = 1 / 3;

function countIn(text: string, option: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`${option}: a whole number above 0 is needed, not ${text}`);
}

async function measureApart(
  setup: SetupName,
  name: RecorderName,
  { rounds, calls }: Effort,
): Promise<Readonly<Record<'cpu' | 'bytes', Beside>>> {
  const script = fileURLToPath(new URL('observeWay.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, setup, name, String(rounds), String(calls)]);
  return JSON.parse(stdout) as Readonly<Record<'cpu' | 'bytes', Beside>>;
}

function quietOf(all: Beside): Beside {
  const [quietWith = [], quietWithout = []] = quietest([all.with, all.without], quietShare);
  return { with: quietWith, without: quietWithout };
}

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '45' },
    calls: { type: 'string', default: '20000' },
  },
});
const effort = { rounds: countIn(options.rounds, '--rounds'), calls: countIn(options.calls, '--calls') };
const setups = ['single', 'shadow'] as const satisfies readonly SetupName[];

const results: Result[] = [];
for (const name of Object.keys(recorders) as RecorderName[]) {
  for (const setup of setups) {
    const { cpu: allRounds, bytes } = await measureApart(setup, name, effort);
    const cpu = quietOf(allRounds);
    const isOurs = name !== 'prom_client';
    const peer = isOurs ? {} : { peer: `prom-client@${versionOf('prom-client')}` };
    const target = (bound: number): Pick<Result, 'target'> => (isOurs ? { target: { op: '<=', bound } } : {});
    results.push(
      {
        name: `${setup}_${name}_adds_cpu`,
        series: beyond(cpu.with, cpu.without),
        unit: 'us/call',
        ...target(1),
        ...peer,
      },
      {
        name: `${setup}_${name}_adds_cpu_all_rounds`,
        series: beyond(allRounds.with, allRounds.without),
        unit: 'us/call',
        ...peer,
      },
      {
        name: `${setup}_${name}_adds_heap`,
        series: beyond(bytes.with, bytes.without),
        unit: 'bytes/call',
        ...target(300),
        ...peer,
      },
      { name: `${setup}_beside_${name}_cpu`, series: cpu.without, unit: 'us/call' },
    );
  }
}
const report: Report = {
  benchmark: 'observe',
  notes: [
    `${effort.rounds} interleaved rounds of ${effort.calls} calls, one after the other; each recorder with each set-up in a process of its own, which has one SDK`,
    'cpu: process.cpuUsage, user and system; the median of the third of the rounds that took least with and without the recorder together, since what a shared machine does beside only ever adds: collections of the young garbage are in all of them, those of the old seldom',
    'all_rounds: the median of every round',
    heapNote,
    'every call is of one kind and of one session, as those of a block mostly are: what the first call of a kind or of a session costs is not told',
    'spread: the quarter points of those rounds; what a recorder adds is taken round by round',
    'adds: a call that is recorded, less one that nobody listens to; the making of its observation is part of that',
    "metrics: everything that the SDK counts of a call, on the caller's registry",
    'ab_test: a running test that every call is recorded in',
    'not among it: with a registry a lane looks at the clock once for each call that enters it, for the age of the oldest',
    "prom_client: the series that a call without trouble touches, by prom-client's own counters and histograms",
    'single: one shared engine, one send; shadow: two engines, both get the call, the answers are compared',
  ],
  results,
};
process.stdout.write(options.json ? asJson(report) : asText(report));
