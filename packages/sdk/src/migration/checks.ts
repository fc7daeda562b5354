import type { Client } from '@openfeature/server-sdk';
import type { Clock } from '../clock.js';
import type { LighthouseCompat } from '../lighthouseCompat.js';
import { within } from '../waiting.js';
import type { Actuator, ActuatorReport, HealthSource } from './contracts.js';
import type { MigrationFacts, ParallelCounts } from './event.js';
import { factsOf } from './facts.js';
import type { HealthCheck } from './health/healthCheck.js';
import type { HealthSample } from './health/healthSample.js';
import { judge } from './health/judge.js';
import type { Machine } from './machine.js';
import type { MigrationListeners } from './migrationEvents.js';
import { latencyOf } from './migrationResult.js';
import type { MigrationPlan } from './plan.js';
import type { MigrationState } from './state.js';
import { type Adoption, percentOf, targetOf } from './target.js';

/** So long an actuator, and a health source, may take to tell what they know. */
const askDeadlineMs = 10_000;

/** A check without any figure. */
const noCheck = (why: string): HealthCheck =>
  Object.freeze({ verdict: 'no_data', isCritical: false, decidedBy: null, criteria: [], why });

/** What has been seen, or why that is not known. */
type Sampled = { readonly sample: HealthSample } | { readonly sample: null; readonly why: string };

/** Tells two windows apart: what changes neither the phase nor the share leaves the window as it is. */
const windowKeyOf = (state: MigrationState): string =>
  `${state.kind} ${'sinceMs' in state ? state.sinceMs : ''} ${percentOf(targetOf(state))}`;

function parallelCounts(sample: HealthSample | null): ParallelCounts | null {
  if (sample === null) return null;
  const { compared, notCompared, differed, critical } = sample.comparisonsSinceReset;
  return { compared, notCompared, differed, critical };
}

/** The health checks of a migration, one at a time. */
export type Checks = {
  /** Begins to check in time. */
  begin(): void;
  /** Makes a check, or one more after the one that is under way; what follows from it may still be under way when this resolves. */
  make(): Promise<void>;
  /** Resolves when what follows from the last check has been done. */
  followed(): Promise<void>;
  /** A state has been entered: its window begins. */
  entered(state: MigrationState): void;
  /** Reads what is the case around the migration. */
  readFacts(): Promise<MigrationFacts>;
  /** The same without asking anybody. */
  factsNow(): MigrationFacts;
  inspect(): Promise<ActuatorReport>;
  /** Reads what a person has set, for the migration to go by. */
  adoptable(): Promise<Adoption>;
  readonly check: HealthCheck | null;
  readonly facts: MigrationFacts | null;
  /** The last latency that could be told, as a share. */
  latency: number | null;
  close(): Promise<void>;
};

/** Makes them; nothing is checked before `begin`. */
export function createChecks(parts: {
  readonly compat: Pick<LighthouseCompat, 'standby' | 'on'>;
  readonly machine: () => Machine;
  readonly actuator: Actuator;
  /** What the instance asks about its calls: while it is not ready, nobody knows what they go by. */
  readonly flags: Client | undefined;
  readonly health: HealthSource;
  readonly plan: MigrationPlan;
  readonly clock: Clock;
  readonly listeners: MigrationListeners;
}): Checks {
  const { compat, machine, actuator, flags, health, plan, clock, listeners } = parts;
  let cancelTick: (() => void) | undefined;
  let underWay: Promise<void> | undefined;
  let again = false;
  let following: Promise<void> | undefined;
  let isClosed = false;
  let windowKey = '';
  let isPastFork = false;
  let latest: { readonly check: HealthCheck; readonly facts: MigrationFacts } | undefined;
  let latency: number | null = null;
  let asking: Promise<ActuatorReport> | undefined;
  let lastReport: ActuatorReport = { unknown: null, drift: null };

  const unsubscribe = [
    compat.on('divergence', () => void makeAtOnce()),
    compat.on('observation', ({ fork, operation, answering: { outcome } }) => {
      if (fork === 'cancun' && operation === 'forkchoice_updated' && outcome.kind === 'answered')
        isPastFork ||= outcome.status === 'VALID';
    }),
  ];

  function tickLater(): void {
    if (isClosed) return;
    cancelTick = clock.setTimer(() => {
      tickLater();
      void make();
    }, plan.checkEveryMs);
  }

  async function asked(): Promise<ActuatorReport> {
    try {
      return await within(clock, askDeadlineMs, () => actuator.inspect());
    } catch {
      return { unknown: 'the actuator does not answer', drift: null };
    }
  }

  async function inspect(): Promise<ActuatorReport> {
    const report = await asked();
    if (flags === undefined || flags.providerStatus === 'READY') return report;
    return { ...report, unknown: report.unknown ?? `the flag provider is ${flags.providerStatus}` };
  }

  async function adoptable(): Promise<Adoption> {
    if (actuator.adopt === undefined) return { target: null, why: 'nothing is set outside of this process' };
    const { adopt } = actuator;
    try {
      return await within(clock, askDeadlineMs, () => adopt.call(actuator));
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { target: null, why: `what is set cannot be read: ${why}` };
    }
  }

  async function sampled(): Promise<Sampled> {
    try {
      const sample = await within(clock, askDeadlineMs, () => health.sample());
      return sample === null
        ? { sample, why: health.problem?.message ?? 'the health source has no sample' }
        : { sample };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { sample: null, why: `the health source does not answer: ${why}` };
    }
  }

  const factsBy = (report: ActuatorReport): MigrationFacts =>
    factsOf({ standby: compat.standby(), isPastFork, actuator: report, undone: machine().undone });

  /** Does what is left undone and asks the actuator, once at a time, however long it takes; never rejects. */
  function ask(): Promise<ActuatorReport> {
    asking ??= machine()
      .retryUndone()
      .then(inspect)
      .then((report) => {
        lastReport = report;
        return report;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  }

  function conclude(check: HealthCheck, report: ActuatorReport, sample: HealthSample | null): void {
    const facts = factsBy(report);
    latest = { check, facts };
    latency = latencyOf(check) ?? latency;
    listeners.emit('check', { check, facts, state: machine().state });
    // A journal that hangs keeps the plan where it is, and no check from being made.
    if (following !== undefined && check.verdict === 'pass') return;
    const done = machine().dispatch({ type: 'check', check, facts, parallel: parallelCounts(sample) });
    const follows = done.then(() => {
      if (following === follows) following = undefined;
    });
    following = follows;
  }

  async function once(): Promise<void> {
    const windowBefore = windowKey;
    // The window of a state that has ended says nothing about the next.
    const isOver = (): boolean => windowKey !== windowBefore || isClosed;
    const asked = ask();
    const seen = await sampled();
    if (isOver()) return;
    const { sample } = seen;
    const check = sample === null ? noCheck(seen.why) : judge(sample, plan);
    // A failing v5 waits for no flag server: what a rollback has to know is known in the process.
    const report = check.verdict === 'fail' ? lastReport : await asked;
    if (!isOver()) conclude(check, report, sample);
  }

  /** Makes a check because of a contradiction, which does not wait for the one under way: that may be waiting for a flag server. */
  async function makeAtOnce(): Promise<void> {
    if (underWay === undefined) return make();
    again = true;
    const windowBefore = windowKey;
    const { sample } = await sampled();
    if (sample === null || windowKey !== windowBefore || isClosed) return;
    const check = judge(sample, plan);
    if (check.isCritical) conclude(check, lastReport, sample);
  }

  function make(): Promise<void> {
    // What has just happened may have come too late for the one that is under way.
    if (underWay !== undefined) again = true;
    underWay ??= (async () => {
      do {
        // What comes in one turn is looked at together.
        await null;
        again = false;
        if (!isClosed) await once();
      } while (again);
    })().finally(() => {
      underWay = undefined;
    });
    return underWay;
  }

  return {
    begin() {
      health.reset();
      tickLater();
    },
    make,
    followed: async () => following,
    entered(state) {
      const key = windowKeyOf(state);
      if (key === windowKey) return;
      health.reset();
      // A run tells of no other's.
      if (state.kind === 'parallel_testing') latency = null;
      windowKey = key;
    },
    readFacts: async () => factsBy(await inspect()),
    factsNow: () => factsBy({ unknown: null, drift: null }),
    inspect,
    adoptable,
    get check() {
      return latest?.check ?? null;
    },
    get facts() {
      return latest?.facts ?? null;
    },
    get latency() {
      return latency;
    },
    set latency(known) {
      latency = known;
    },
    async close() {
      isClosed = true;
      cancelTick?.();
      for (const off of unsubscribe) off();
      health.close();
      await underWay;
      await asking;
    },
  };
}
