import type { EngineInspection } from '../engine/inspectEngine.js';
import { CompatError } from '../errors.js';
import type { Standby } from '../selection/engineStates.js';
import type { Latch } from '../selection/latch.js';
import type { ActuatorReport } from './contracts.js';
import { forkObstacle } from './obstacles.js';
import type { MigrationPlan } from './plan.js';

/** What is looked at before a start. */
export type ReadinessCheckName =
  | 'v4_engine'
  | 'v5_engine'
  | 'v4_methods'
  | 'v5_methods'
  | 'same_chain'
  | 'same_head'
  | 'clocks'
  | 'flags'
  | 'standby'
  | 'latch'
  | 'time_before_fork';

/** One thing that was looked at, in words with its figures. */
export type ReadinessCheck = { readonly name: ReadinessCheckName; readonly ok: boolean; readonly detail: string };

/** Everything that was looked at; `ready` when all of it is well. */
export type ReadinessReport = { readonly ready: boolean; readonly checks: readonly ReadinessCheck[] };

/** Half of what the Engine API allows between a token's time and the engine's (execution-apis, src/engine/authentication.md). */
const greatestSkewMs = 30_000;

const neededMethods = {
  v4: ['engine_newPayloadV2', 'engine_forkchoiceUpdatedV2', 'engine_getPayloadV2'],
  v5: [
    'engine_newPayloadV2',
    'engine_forkchoiceUpdatedV2',
    'engine_getPayloadV2',
    'engine_newPayloadV3',
    'engine_forkchoiceUpdatedV3',
    'engine_getPayloadV3',
  ],
} as const;

const engineCheck = (version: 'v4' | 'v5', { problem, message }: EngineInspection): ReadinessCheck => ({
  name: `${version}_engine`,
  ok: problem === null,
  detail: problem === null ? 'it answers and takes the token' : `${problem}: ${message}`,
});

function methodsCheck(version: 'v4' | 'v5', { methods }: EngineInspection): ReadinessCheck {
  const missing = neededMethods[version].filter((method) => methods?.includes(method) !== true);
  const detail =
    methods === null ? 'not known' : missing.length === 0 ? 'all are offered' : `missing: ${missing.join(', ')}`;
  return { name: `${version}_methods`, ok: missing.length === 0, detail };
}

function chainCheck(v4: EngineInspection, v5: EngineInspection): ReadinessCheck {
  const isKnown = v4.genesisHash !== null && v5.genesisHash !== null && v4.chainId !== null && v5.chainId !== null;
  const ok = isKnown && v4.genesisHash === v5.genesisHash && v4.chainId === v5.chainId;
  const of = ({ chainId, genesisHash }: EngineInspection): string =>
    `chain ${chainId ?? '?'}, genesis ${genesisHash ?? '?'}`;
  return { name: 'same_chain', ok, detail: ok ? of(v4) : `v4 ${of(v4)}; v5 ${of(v5)}` };
}

function headCheck(v4: EngineInspection, v5: EngineInspection): ReadinessCheck {
  const ok = v4.head !== null && v5.head !== null && v4.head.hash === v5.head.hash;
  const of = ({ head }: EngineInspection): string => (head === null ? 'unknown' : `block ${head.number} ${head.hash}`);
  return { name: 'same_head', ok, detail: ok ? of(v4) : `v4 ${of(v4)}; v5 ${of(v5)}` };
}

function clocksCheck(engines: readonly EngineInspection[]): ReadinessCheck {
  const skews = engines.map(({ engine, clockSkewMs }) => ({ engine, clockSkewMs }));
  const ok = skews.every(({ clockSkewMs }) => clockSkewMs === null || Math.abs(clockSkewMs) <= greatestSkewMs);
  const told = skews.map(
    ({ engine, clockSkewMs }) =>
      `${engine} ${clockSkewMs === null ? 'does not tell its time' : `is ${Math.round(clockSkewMs)} ms ahead`}`,
  );
  return { name: 'clocks', ok, detail: `${told.join(', ')}; ${greatestSkewMs} ms are allowed` };
}

function standbyCheck({ v4, v5 }: Standby): ReadinessCheck {
  const shared = v4.engine === 'shared';
  const ok = shared || (v4.state === 'in_step' && v5.state === 'in_step');
  return { name: 'standby', ok, detail: shared ? 'one shared engine' : `v4 ${v4.state}, v5 ${v5.state}` };
}

/** Judges what was found before a start: pure. */
export function judgeReadiness(found: {
  readonly engines: Readonly<Record<'v4' | 'v5', EngineInspection>>;
  readonly standby: Standby;
  readonly actuator: ActuatorReport;
  readonly latch: Latch | null;
  readonly plan: MigrationPlan;
  readonly nowMs: number;
}): ReadinessReport {
  const { engines, standby, actuator, latch, plan, nowMs } = found;
  const { v4, v5 } = engines;
  const flagProblem = actuator.unknown ?? actuator.drift;
  const fork = forkObstacle(plan, nowMs, 'start');
  const checks: readonly ReadinessCheck[] = [
    engineCheck('v4', v4),
    engineCheck('v5', v5),
    methodsCheck('v4', v4),
    methodsCheck('v5', v5),
    chainCheck(v4, v5),
    headCheck(v4, v5),
    clocksCheck([v4, v5]),
    { name: 'flags', ok: flagProblem === null, detail: flagProblem ?? 'they leave the choice to the migration' },
    standbyCheck(standby),
    { name: 'latch', ok: latch === null, detail: latch === null ? 'it is not set' : `it is set: ${latch.reason}` },
    {
      name: 'time_before_fork',
      ok: fork === null,
      detail: fork ?? (plan.cancunTime === null ? 'no time of Cancun is known' : 'the plan ends in time'),
    },
  ];
  return { ready: checks.every(({ ok }) => ok), checks };
}

/** Throws NOT_READY with everything that is in the way. */
export function requireReady({ ready, checks }: ReadinessReport): void {
  if (ready) return;
  const failing = checks.filter(({ ok }) => !ok);
  const problems = failing.map(({ name, detail }) => ({ code: 'NOT_READY', path: name, message: detail }));
  const message = `not ready: ${failing.map(({ name, detail }) => `${name}: ${detail}`).join('; ')}`;
  throw new CompatError('NOT_READY', message, { problems, path: failing[0]?.name ?? 'start' });
}
