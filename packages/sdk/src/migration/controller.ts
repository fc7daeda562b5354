import { type Clock, systemClock } from '../clock.js';
import { CompatError } from '../errors.js';
import type { LighthouseCompat } from '../lighthouseCompat.js';
import { isolated, silentLogger } from '../logger.js';
import { requireText } from '../requireText.js';
import { type Checks, createChecks } from './checks.js';
import { compatActuator } from './compatActuator.js';
import type { DrillResult, JournalContent, JournalRecord } from './contracts.js';
import type { By, MigrationControllerOptions, MigrationStatus } from './controllerOptions.js';
import { createDrills, type Drills } from './drills.js';
import type { MigrationEvent } from './event.js';
import { observationHealth } from './health/observationHealth.js';
import { requireSamePlan } from './journalContent.js';
import { type CommandResult, createMachine, type Machine } from './machine.js';
import { createMigrationListeners, type MigrationEvents, type MigrationListeners } from './migrationEvents.js';
import { logMigration } from './migrationLog.js';
import { lastLatencyIn, type MigrationResult, resultOf } from './migrationResult.js';
import { parsePlan } from './parsePlan.js';
import type { MigrationPlan } from './plan.js';
import { dueAt, progressOf } from './progress.js';
import { judgeReadiness, type ReadinessReport, requireReady } from './readiness.js';
import { createRecorder, type Recorder } from './recorder.js';
import { createRollbacks, type Rollbacks } from './rollbacks.js';
import { percentOf, targetOf } from './target.js';

/** Moves a service from v4 to v5 by a plan: one for each journal. Nothing happens before `run` or `open`. */
export class MigrationController {
  readonly #compat: LighthouseCompat;
  readonly #plan: MigrationPlan;
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  readonly #listeners: MigrationListeners;
  readonly #machine: Machine;
  readonly #checks: Checks;
  readonly #rollbacks: Rollbacks;
  readonly #drills: Drills;
  readonly #waiting = new Set<() => void>();
  #opening: Promise<JournalContent> | undefined;
  #isOpen = false;
  #closing: Promise<void> | undefined;
  #isClosed = false;

  /** Throws INVALID_PLAN with everything that is wrong with the plan. */
  constructor(options: MigrationControllerOptions) {
    const { compat, journal, flags, clock = systemClock } = options;
    const plan = parsePlan(options.plan);
    const actuator = options.actuator ?? compatActuator(compat, flags === undefined ? {} : { flags });
    const health = options.health ?? observationHealth(compat, { clock, windowMs: plan.health.windowMs });
    const logger = options.logger === undefined ? silentLogger : isolated(options.logger);
    const listeners = createMigrationListeners((event, error) =>
      logger.error(`a listener of ${event} threw: ${error instanceof Error ? error.message : String(error)}`),
    );
    logMigration(listeners, logger);
    this.#compat = compat;
    this.#plan = plan;
    this.#clock = clock;
    this.#listeners = listeners;
    const recorder = createRecorder(journal);
    this.#recorder = recorder;
    const machine = (): Machine => this.#machine;
    const around = { compat, machine, actuator, plan, clock };
    this.#checks = createChecks({ ...around, flags, health, listeners });
    this.#rollbacks = createRollbacks({ ...around, alarm: (alarm) => listeners.emit('alarm', alarm) });
    this.#drills = createDrills({ ...around, checks: this.#checks, rollbacks: this.#rollbacks, recorder, listeners });
    this.#machine = createMachine({
      plan,
      clock,
      recorder,
      actuator,
      listeners,
      latch: (reason) => this.#rollbacks.latch(reason),
      onRollback: () => void this.#rollbacks.verify(),
      onState: (state) => {
        this.#checks.entered(state);
        for (const look of [...this.#waiting]) look();
      },
    });
  }

  /** Adds a listener; the function returned removes it. A listener that throws harms nobody. */
  on<E extends keyof MigrationEvents>(event: E, listener: (detail: MigrationEvents[E]) => void): () => void {
    return this.#listeners.on(event, listener);
  }

  get status(): MigrationStatus {
    const { state } = this.#machine;
    const target = targetOf(state);
    const { check, facts } = this.#checks;
    return {
      state,
      target,
      percent: percentOf(target),
      progress: progressOf(state, this.#plan),
      dueMs: dueAt(state, this.#plan),
      drilledMs: this.#drills.lastOkMs,
      check,
      facts,
      plan: this.#plan,
    };
  }

  /** Takes the journal, takes up where it ends and begins to check; again does nothing. Rejects with what the journal's `open` rejects with, and with PLAN_CHANGED where a run is under way by another plan. */
  open(): Promise<JournalContent> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** Starts the plan, or takes it up, and resolves when it has ended; rejects with NOT_READY, and with what `open` rejects with. `by` starts it. */
  async run({ by = 'the service' }: Partial<By> = {}): Promise<MigrationResult> {
    requireText(by, 'by');
    await this.open();
    if (this.#machine.state.kind === 'pre_migration') {
      const started = await this.start({ by });
      if (!started.applied) {
        const { code, message } = started.refusal;
        throw new CompatError('NOT_READY', `the migration is not started: ${code}: ${message}`, {
          problems: [{ code, path: 'start', message }],
        });
      }
    }
    return this.ended();
  }

  /** Starts the plan and resolves when it is under way; rejects with NOT_READY, and with what `open` rejects with. */
  async start({ by }: By): Promise<CommandResult> {
    requireText(by, 'by');
    await this.open();
    if (this.#machine.state.kind === 'pre_migration') requireReady(await this.readiness());
    return this.#machine.dispatch({ type: 'start', by, facts: await this.#checks.readFacts() });
  }

  /** What the journal holds so far, oldest first: those of its end that are owed to it are not there yet. Empty before `open`. */
  get records(): readonly JournalRecord[] {
    return this.#recorder.records;
  }

  /** Resolves when the run has ended: complete, rolled back, or a rollback that failed. */
  ended(): Promise<MigrationResult> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const { state, stateAtMs } = this.#machine;
        const result = resultOf(state, { endedMs: stateAtMs, performanceImpact: this.#checks.latency });
        if (result === null && !this.#isClosed) return;
        this.#waiting.delete(look);
        if (result !== null) resolve(Object.freeze(result));
        else reject(new CompatError('CLOSED', 'the controller has been closed before the migration ended'));
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Looks at everything that a start needs; changes nothing. */
  async readiness(): Promise<ReadinessReport> {
    const [engines, actuator] = await Promise.all([this.#compat.inspectEngines(), this.#checks.inspect()]);
    const [standby, latch] = [this.#compat.standby(), this.#compat.latch];
    return judgeReadiness({ engines, actuator, standby, latch, plan: this.#plan, nowMs: this.#clock.nowMs() });
  }

  /** Makes a check now, beside those that are made in time; resolves when what follows from it has been done. */
  async check(): Promise<void> {
    await this.open();
    await this.#checks.make();
    await this.#checks.followed();
  }

  hold({ by, why }: By & { readonly why: string }): Promise<CommandResult> {
    return this.#command({ by, why }, () => ({ type: 'hold', by, why }));
  }

  release({ by }: By): Promise<CommandResult> {
    return this.#command({ by }, () => ({ type: 'release', by }));
  }

  pause({ by, why }: By & { readonly why: string }): Promise<CommandResult> {
    return this.#command({ by, why }, () => ({ type: 'pause', by, why }));
  }

  resume({ by }: By): Promise<CommandResult> {
    return this.#command({ by }, () => ({ type: 'resume', by }));
  }

  /** Moves on without waiting for the step's time. */
  promote({ by }: By): Promise<CommandResult> {
    return this.#command({ by }, async () => ({ type: 'promote', by, facts: await this.#checks.readFacts() }));
  }

  /** Latches before it returns, unless it is refused; resolves then, and the verification goes on. */
  rollback({
    by,
    reason,
    force = false,
  }: By & { readonly reason: string; readonly force?: boolean }): Promise<CommandResult> {
    return this.#rollBack({ type: 'rollback', by, reason, force, facts: this.#checks.factsNow() });
  }

  /** A rollback for the reason that somebody wants to. */
  abort({ by, force = false }: By & { readonly force?: boolean }): Promise<CommandResult> {
    return this.#rollBack({ type: 'abort', by, force, facts: this.#checks.factsNow() });
  }

  /** Verifies a rollback again that has failed. */
  retry({ by }: By): Promise<CommandResult> {
    return this.#command({ by }, () => ({ type: 'retry', by }));
  }

  /** Lifts the latch of a rollback, so that a new run may be started. */
  clear({ by, reason }: By & { readonly reason: string }): Promise<CommandResult> {
    return this.#command({ by, reason }, () => ({ type: 'clear', by, reason }));
  }

  /** Gives v4's standby up: v5 answers alone from here on. */
  finalize({ by }: By): Promise<CommandResult> {
    return this.#command({ by }, async () => ({ type: 'finalize', by, facts: await this.#checks.readFacts() }));
  }

  /** Goes by the share that a person has set elsewhere, in Unleash for one. */
  adopt({ by }: By): Promise<CommandResult> {
    return this.#command({ by }, async () => ({ type: 'adopt', by, found: await this.#checks.adoptable() }));
  }

  /** Writes what the migration goes by over what a person has set elsewhere. */
  reset({ by }: By): Promise<CommandResult> {
    return this.#command({ by }, () => ({ type: 'reset', by }));
  }

  /** Rehearses a rollback; `live` latches the process for as long as it takes, and only while v4 is in step. */
  async drill({ by, live = false }: By & { readonly live?: boolean }): Promise<DrillResult> {
    requireText(by, 'by');
    await this.open();
    return this.#drills.make({ by, live });
  }

  /** Stops checking and lets the journal go; what calls go by stays as it is. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#closing ??= (async () => {
      this.#rollbacks.close();
      for (const look of [...this.#waiting]) look();
      await this.#opening?.catch(() => {});
      await this.#checks.close();
      await this.#machine.settled();
      if (this.#opening !== undefined) await this.#recorder.close();
    })();
    return this.#closing;
  }

  async #open(): Promise<JournalContent> {
    const content = await this.#recorder.open();
    try {
      requireSamePlan(content, this.#plan);
    } catch (error) {
      await this.#recorder.close();
      throw error;
    }
    this.#machine.restore(content);
    this.#checks.entered(this.#machine.state);
    this.#checks.latency = lastLatencyIn(content.records);
    this.#drills.restore(content.records);
    this.#isOpen = true;
    if (content.damage !== null) this.#alarm('JOURNAL_DAMAGED', content.damage);
    await this.#rollbacks.reconcile(content);
    if (!this.#isClosed) this.#checks.begin();
    return content;
  }

  async #command(
    texts: Readonly<Record<string, unknown>>,
    make: () => MigrationEvent | Promise<MigrationEvent>,
  ): Promise<CommandResult> {
    for (const [path, value] of Object.entries(texts)) requireText(value, path);
    await this.open();
    return this.#machine.dispatch(await make());
  }

  async #rollBack(event: Extract<MigrationEvent, { readonly type: 'rollback' | 'abort' }>): Promise<CommandResult> {
    requireText(event.by, 'by');
    if (event.type === 'rollback') requireText(event.reason, 'reason');
    if (this.#isOpen) return this.#machine.dispatch(event);
    // The journal may take its time, or be another's: the latch does not wait for it.
    this.#rollbacks.latch(event.type === 'rollback' ? event.reason : 'aborted');
    await this.open();
    return { applied: true, state: this.#machine.state };
  }

  #alarm(code: MigrationEvents['alarm']['code'], message: string): void {
    this.#listeners.emit('alarm', { level: 'critical', code, message });
  }
}
