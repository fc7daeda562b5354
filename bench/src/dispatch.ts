import { parseArgs } from 'node:util';
import { heapNote } from './harness.js';
import { measureHungArm } from './hungArm.js';
import { versionOf } from './peers.js';
import { asJson, asText, type Report, type Result } from './report.js';
import { measureRollback } from './rollbackDispatch.js';
import { perRound, type Series } from './series.js';
import { type Beside, measureBesideApart } from './ways/beside.js';
import { isSetupName, type SetupName, sdkSetups } from './ways/setups.js';

function countIn(text: string, option: string): number {
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`${option}: a whole number above 0 is needed, not ${text}`);
}

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
    calls: { type: 'string', default: '20000' },
  },
});
const effort = { rounds: countIn(options.rounds, '--rounds'), calls: countIn(options.calls, '--calls') };
const setups = Object.keys(sdkSetups).filter(isSetupName);
const besides = new Map<SetupName, Beside>();
for (const setup of setups) besides.set(setup, await measureBesideApart(setup, effort));
const peers = {
  launchdarkly: `@launchdarkly/node-server-sdk@${versionOf('@launchdarkly/node-server-sdk')}`,
  tzientist: `tzientist@${versionOf('tzientist')}`,
};

const { toLastDispatch: rollback } = await measureRollback({ rounds: 50 });
const hungArm = await measureHungArm({ rounds: 5, calls: 200 });

/** A set-up's CPU time by that of a peer which ran beside it. */
const versus = (name: string, ours: SetupName, theirs: string, bound?: number): Result => {
  const cpu = besides.get(ours)?.cpu;
  return {
    name,
    series: perRound(cpu?.[ours] ?? [], cpu?.[theirs] ?? []),
    ...(bound === undefined ? {} : { target: { op: '<=', bound } }),
    peer: peers.launchdarkly,
  };
};
const peerOf = (name: string): { peer?: string } => {
  const peer = peers[name.split('_')[0] as keyof typeof peers];
  return peer === undefined ? {} : { peer };
};
/** CPU time in floors, so that set-ups measured in two processes can be held against each other. */
const overFloor = (setup: SetupName): Series => {
  const cpu = besides.get(setup)?.cpu;
  return perRound(cpu?.[setup] ?? [], cpu?.['bare_await'] ?? []);
};
const nextToSingle = besides.get('single');
const others = Object.keys(nextToSingle?.cpu ?? {}).filter((name) => !isSetupName(name));
const figures = (kind: keyof Beside, suffix: string, unit: string): readonly Result[] => [
  ...setups.map((name) => ({ name: `${name}_${suffix}`, series: besides.get(name)?.[kind][name] ?? [], unit })),
  ...others.map((name) => ({
    name: `${name}_${suffix}`,
    series: nextToSingle?.[kind][name] ?? [],
    unit,
    ...peerOf(name),
  })),
];
const results: readonly Result[] = [
  versus('single_to_launchdarkly_off', 'single', 'launchdarkly_off', 0.15),
  versus('single_cold_to_launchdarkly_off', 'single_cold', 'launchdarkly_off'),
  versus('shadow_to_launchdarkly_shadow', 'shadow', 'launchdarkly_shadow', 0.25),
  versus('single_observed_to_launchdarkly_off_tracked', 'single_observed', 'launchdarkly_off_tracked'),
  versus('shadow_observed_to_launchdarkly_shadow_tracked', 'shadow_observed', 'launchdarkly_shadow_tracked'),
  {
    name: 'armed_to_single',
    series: perRound(overFloor('single_armed'), overFloor('single')),
    target: { op: '<=', bound: 1.3 },
  },
  { name: 'rollback_to_last_v5_dispatch', series: rollback, unit: 'ms', target: { op: '<=', bound: 1 } },
  {
    name: 'rollback_to_last_v5_dispatch_worst',
    series: [Math.max(...rollback)],
    unit: 'ms',
    target: { op: '<=', bound: 1 },
  },
  { name: 'hung_other_arm', series: perRound(hungArm.hung, hungArm.well), target: { op: '<=', bound: 1.02 } },
  { name: 'answered_after_5ms_other_arm_well', series: hungArm.well, unit: 'ms' },
  { name: 'answered_after_5ms_other_arm_hung', series: hungArm.hung, unit: 'ms' },
  ...figures('cpu', 'cpu', 'us/call'),
  ...figures('bytes', 'heap', 'bytes/call'),
];
const report: Report = {
  benchmark: 'dispatch',
  notes: [
    `median of ${effort.rounds} interleaved rounds of ${effort.calls} calls, one after the other; each set-up beside the peers and the floor in a process of its own, which has one SDK, as a service does`,
    'spread: the quarter points of the rounds; a ratio is taken round by round',
    'cpu: process.cpuUsage, user and system, threads of the garbage collector and the compiler included',
    heapNote,
    'rollback_to_last_v5_dispatch: 50 rounds of 5000 calls a second, a rollback in the middle of each; 0 where v5 was asked for no answer after it',
    'single: one shared engine, one send; single_cold: two engines, cold standby, one send',
    'single_armed: the same in v5_primary, with the fallback on v4 armed',
    "shadow: v4_only, two engines, warm standby: both get the call, the caller gets v4's answer, the answers are compared",
    'parallel: the same in the mode parallel; flags are decided from the cache, or there are none (no_flags)',
    'armed_to_single: each in floors of its own process',
    'measured from the entry until the call has been counted, without the check, conversion and serializing of a payload',
    'observed: a listener gets one frozen observation of each call; without a listener none is made',
    'launchdarkly: offline, so that no flag is evaluated, and no latency or error tracked; tracked: both tracked, its default',
    'hung_other_arm: 1000 calls answered after 5 ms beside an engine that never answers, in turn with 1000 beside one that does',
  ],
  results,
};
process.stdout.write(options.json ? asJson(report) : asText(report));
