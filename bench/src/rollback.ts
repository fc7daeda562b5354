// pnpm bench rollback [--json] [--rounds N]: how soon v5 is asked no more, and how soon it is known that v4 carries on.
import { parseArgs } from 'node:util';
import { asJson, asText, type Report } from './report.js';
import { measureRollback } from './rollbackDispatch.js';
import { measureVerifiedRollback } from './verifiedRollback.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '50' } },
});
const rounds = Number(options.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1)
  throw new Error(`--rounds: a whole number from 1, not ${options.rounds}`);

const dispatch = await measureRollback({ rounds });
const verified = await measureVerifiedRollback({ rounds: 5 });
const promised = { op: '<=', bound: 10_000 } as const;
const report: Report = {
  benchmark: 'rollback',
  notes: [
    `rollback_to_last_v5_dispatch: ${rounds} rounds of 5000 calls a second, a rollback in the middle of each; 0 where v5 was asked for no answer after it`,
    'rollback_until_latched: how long rollback() takes until the process is latched and it returns, in the same rounds',
    "verified_rollback: two EthereumJS clients, from the latch until v4's has answered VALID for the head; 5 rounds; 300 s are promised",
    "verified_rollback_v4_behind: the same after v4's client was killed and started again, ten blocks behind, before a call had reached it",
  ],
  results: [
    {
      name: 'rollback_to_last_v5_dispatch',
      series: dispatch.toLastDispatch,
      unit: 'ms',
      target: { op: '<=', bound: 1 },
    },
    {
      name: 'rollback_to_last_v5_dispatch_worst',
      series: [Math.max(...dispatch.toLastDispatch)],
      unit: 'ms',
      target: { op: '<=', bound: 1 },
    },
    { name: 'rollback_until_latched', series: dispatch.untilLatched, unit: 'ms', target: { op: '<=', bound: 1 } },
    { name: 'verified_rollback', series: verified.inStep, unit: 'ms', target: promised },
    { name: 'verified_rollback_v4_behind', series: verified.behind, unit: 'ms', target: promised },
  ],
};
process.stdout.write(options.json ? asJson(report) : asText(report));
