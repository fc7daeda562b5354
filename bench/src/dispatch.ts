import { parseArgs } from 'node:util';
import { measureBytes, measureCpu, warmUp } from './harness.js';
import { measureHungArm } from './hungArm.js';
import { versionOf } from './peers.js';
import { asJson, asText, type Report, type Result } from './report.js';
import { measureRollback } from './rollback.js';
import { perRound, type Series } from './series.js';
import { floorWay } from './ways/floor.js';
import { openLaunchDarkly } from './ways/launchDarkly.js';
import { sdkWay } from './ways/sdk.js';
import { tzientistWay } from './ways/tzientist.js';

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
// What is allocated hardly varies: fewer rounds tell as much.
const heapRounds = 3;

const v4Only = { mode: { kind: 'v4_only' } } as const;
const v4OnlyFlags = { lighthouse_v5: true, lighthouse_migration_mode: 'v4_only' } as const;
const armedFlags = { lighthouse_v5: true, lighthouse_migration_mode: 'v5_primary' } as const;
const parallel = { mode: { kind: 'parallel' } } as const;
const parallelFlags = { lighthouse_v5: true, lighthouse_parallel_mode: true } as const;
const shared = { topology: 'shared', standby: 'warm' } as const;
const cold = { topology: 'split', standby: 'cold' } as const;
const warm = { topology: 'split', standby: 'warm' } as const;

const launchDarkly = await openLaunchDarkly();
const ways = [
  await sdkWay('single', { ...shared, ...v4Only, flags: v4OnlyFlags }),
  await sdkWay('single_observed', { ...shared, ...v4Only, flags: v4OnlyFlags, observed: true }),
  await sdkWay('single_armed', { ...shared, ...v4Only, flags: armedFlags }),
  await sdkWay('single_cold', { ...cold, ...v4Only, flags: v4OnlyFlags }),
  await sdkWay('shadow', { ...warm, ...v4Only, flags: v4OnlyFlags }),
  await sdkWay('shadow_observed', { ...warm, ...v4Only, flags: v4OnlyFlags, observed: true }),
  await sdkWay('parallel', { ...warm, ...v4Only, flags: parallelFlags }),
  launchDarkly.way('launchdarkly_off', 'off'),
  launchDarkly.way('launchdarkly_shadow', 'shadow'),
  launchDarkly.way('launchdarkly_complete', 'complete'),
  launchDarkly.way('launchdarkly_off_tracked', 'off', { tracked: true }),
  launchDarkly.way('launchdarkly_shadow_tracked', 'shadow', { tracked: true }),
  tzientistWay('tzientist_sync', 'sync'),
  tzientistWay('tzientist_async', 'async'),
  floorWay('bare_await'),
];
// After the others: a process has one SDK, and each further one makes the code of all of them less easy to compile.
const waysWithoutFlags = [
  await sdkWay('single_no_flags', { ...shared, ...v4Only }),
  await sdkWay('single_cold_no_flags', { ...cold, ...v4Only }),
  await sdkWay('shadow_no_flags', { ...warm, ...v4Only }),
  await sdkWay('parallel_no_flags', { ...warm, ...parallel }),
];
const peers = {
  launchdarkly: `@launchdarkly/node-server-sdk@${versionOf('@launchdarkly/node-server-sdk')}`,
  tzientist: `tzientist@${versionOf('tzientist')}`,
};

const cpu = new Map<string, Series>();
const bytes = new Map<string, Series>();
for (const group of [ways, waysWithoutFlags]) {
  await warmUp(group, { rounds: 3, calls: effort.calls });
  for (const [name, series] of await measureCpu(group, effort)) cpu.set(name, series);
  for (const [name, series] of await measureBytes(group, { ...effort, rounds: heapRounds })) bytes.set(name, series);
}
const rollback = await measureRollback({ rounds: 50 });
const hungArm = await measureHungArm({ rounds: 5, calls: 200 });
launchDarkly.close();

const of = (series: ReadonlyMap<string, Series>, name: string): Series => series.get(name) ?? [];
const versus = (name: string, ours: string, theirs: string, bound?: number): Result => ({
  name,
  series: perRound(of(cpu, ours), of(cpu, theirs)),
  ...(bound === undefined ? {} : { target: { op: '<=', bound } }),
  peer: peers.launchdarkly,
});
const peerOf = (name: string): { peer?: string } => {
  const peer = peers[name.split('_')[0] as keyof typeof peers];
  return peer === undefined ? {} : { peer };
};
const all = [...ways, ...waysWithoutFlags];
const results: readonly Result[] = [
  versus('single_to_launchdarkly_off', 'single', 'launchdarkly_off', 0.15),
  versus('single_cold_to_launchdarkly_off', 'single_cold', 'launchdarkly_off'),
  versus('shadow_to_launchdarkly_shadow', 'shadow', 'launchdarkly_shadow', 0.25),
  versus('single_observed_to_launchdarkly_off_tracked', 'single_observed', 'launchdarkly_off_tracked'),
  versus('shadow_observed_to_launchdarkly_shadow_tracked', 'shadow_observed', 'launchdarkly_shadow_tracked'),
  {
    name: 'armed_to_single',
    series: perRound(of(cpu, 'single_armed'), of(cpu, 'single')),
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
  ...all.map(({ name }) => ({ name: `${name}_cpu`, series: of(cpu, name), unit: 'us/call', ...peerOf(name) })),
  ...all.map(({ name }) => ({ name: `${name}_heap`, series: of(bytes, name), unit: 'bytes/call', ...peerOf(name) })),
];
const report: Report = {
  benchmark: 'dispatch',
  notes: [
    `median of ${effort.rounds} interleaved rounds (heap: ${heapRounds}) of ${effort.calls} calls, one after the other, in one process`,
    'spread: the quarter points of the rounds; a ratio is taken round by round',
    'cpu: process.cpuUsage, user and system, threads of the garbage collector and the compiler included',
    'heap: bytes allocated on the JavaScript heap',
    'rollback_to_last_v5_dispatch: 50 rounds of 5000 calls a second, a rollback in the middle of each; 0 where v5 was asked for no answer after it',
    'single: one shared engine, one send; single_cold: two engines, cold standby, one send',
    'single_armed: the same in v5_primary, with the fallback on v4 armed',
    "shadow: v4_only, two engines, warm standby: both get the call, the caller gets v4's answer, the answers are compared",
    'parallel: the same in the mode parallel, observed by nobody; flags are decided from the cache, or there are none (no_flags: measured after the others, beside ten SDKs in the process, which costs more than the flags do)',
    'measured from the entry until the call has been counted, without the check, conversion and serializing of a payload',
    'observed: a listener gets one frozen observation of each call; without a listener none is made',
    'launchdarkly: offline, so that no flag is evaluated, and no latency or error tracked; tracked: both tracked, its default',
    'hung_other_arm: 1000 calls answered after 5 ms beside an engine that never answers, in turn with 1000 beside one that does',
  ],
  results,
};
process.stdout.write(options.json ? asJson(report) : asText(report));
