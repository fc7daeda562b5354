// pnpm bench rollback [--json] [--rounds N] [--fleet-rounds N]: how soon v5 is asked no more, and how soon it is known that v4 carries on.
import { parseArgs } from 'node:util';
import { measureFleetRollback } from './fleetRollback.js';
import { asJson, asText, type Report, type Result } from './report.js';
import { measureRollback } from './rollbackDispatch.js';
import { quantile } from './series.js';
import { measureVerifiedRollback } from './verifiedRollback.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '50' },
    'fleet-rounds': { type: 'string', default: '20' },
  },
});
function readRounds(name: 'rounds' | 'fleet-rounds'): number {
  const rounds = Number(options[name]);
  if (!Number.isSafeInteger(rounds) || rounds < 1)
    throw new Error(`--${name}: a whole number from 1, not ${options[name]}`);
  return rounds;
}
const [rounds, fleetRounds] = [readRounds('rounds'), readRounds('fleet-rounds')];

const atOnce = { op: '<=', bound: 1 } as const;
const promised = { op: '<=', bound: 10_000 } as const;

function dispatchResults(
  name: string,
  { toLastDispatch, untilLatched, keptFromV5 }: Awaited<ReturnType<typeof measureRollback>>,
) {
  const worst = [Math.max(...toLastDispatch)];
  return [
    { name: `rollback_to_last_v5_dispatch${name}`, series: toLastDispatch, unit: 'ms', target: atOnce },
    { name: `rollback_to_last_v5_dispatch${name}_worst`, series: worst, unit: 'ms', target: atOnce },
    { name: `rollback_until_latched${name}`, series: untilLatched, unit: 'ms', target: atOnce },
    { name: `calls_kept_from_v5${name}`, series: keptFromV5, unit: 'calls' },
  ] satisfies readonly Result[];
}

const fast = await measureRollback({ rounds });
const full = await measureRollback({ rounds, v5AnswersAfterMs: 5 });
const verified = await measureVerifiedRollback({ rounds: 5 });
const fleet = await measureFleetRollback({ rounds: fleetRounds });
const report: Report = {
  benchmark: 'rollback',
  notes: [
    `rollback_to_last_v5_dispatch: ${rounds} rounds of 5000 calls a second, a rollback in the middle of each; 0 where v5 was asked for no answer after it`,
    'rollback_until_latched: how long rollback() takes until the process is latched and it returns, in the same rounds',
    'full_lane: v5 takes 5 ms for each answer, so that its lane is full of calls for it when it is rolled back',
    'calls_kept_from_v5: made before the rollback, waiting for v5, and answered by v4',
    "verified_rollback: two EthereumJS clients, from the latch until v4's has answered VALID for the head; 5 rounds; 300 s are promised",
    "verified_rollback_v4_behind: the same after v4's client was killed and started again, ten blocks behind, before a call had reached it",
    `fleet_rollback_*: 50 instances in 5 processes on one real Unleash, asked every second, a call every 200 ms each to an engine in memory; ${fleetRounds} rollbacks of each kind`,
    'fleet_rollback_by_flags: from the decision to the last send to v5 for its answer anywhere, where processes learn of it from Unleash alone; by_address: where each is latched over HTTP, too',
  ],
  results: [
    ...dispatchResults('', fast),
    ...dispatchResults('_full_lane', full),
    { name: 'verified_rollback', series: verified.inStep, unit: 'ms', target: promised },
    { name: 'verified_rollback_v4_behind', series: verified.behind, unit: 'ms', target: promised },
    { name: 'fleet_rollback_by_flags', series: fleet.byFlags, unit: 'ms' },
    {
      name: 'fleet_rollback_by_flags_p99',
      series: [quantile(fleet.byFlags, 0.99)],
      unit: 'ms',
      target: { op: '<=', bound: 2_500 },
    },
    { name: 'fleet_rollback_by_address', series: fleet.byAddress, unit: 'ms' },
    {
      name: 'fleet_rollback_by_address_p99',
      series: [quantile(fleet.byAddress, 0.99)],
      unit: 'ms',
      target: { op: '<=', bound: 500 },
    },
  ],
};
process.stdout.write(options.json ? asJson(report) : asText(report));
