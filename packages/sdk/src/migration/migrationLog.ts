import type { Logger } from '../logger.js';
import { describeCheck } from './health/describe.js';
import type { MigrationListeners } from './migrationEvents.js';
import type { MigrationState } from './state.js';

/** Says in a few words where a migration is. */
function describeState(state: MigrationState): string {
  const held =
    state.held === null
      ? ''
      : `, ${state.held.kind === 'pause' ? 'paused' : 'held'} by ${state.held.by ?? 'the controller'}: ${state.held.why}`;
  switch (state.kind) {
    case 'parallel_testing':
      return `parallel_testing, ${(100 * state.progress).toFixed(0)} % compared${held}`;
    case 'canary':
      return `canary at ${state.percent} %${held}`;
    case 'gradual':
      return `gradual at ${state.current} % of ${state.target} %${held}`;
    case 'rolling_back':
      return `rolling_back: ${state.reason}`;
    case 'rolled_back':
      return `rolled_back after ${Math.round(state.durationMs)} ms: ${state.reason}`;
    case 'rollback_failed':
      return `rollback_failed (${state.why}): ${state.reason}`;
    case 'pre_migration':
    case 'completing':
    case 'complete':
    case 'finalized':
      return `${state.kind}${held}`;
  }
}

/** Writes every decision of a migration to a log, with the figures that decided. */
export function logMigration(listeners: Pick<MigrationListeners, 'on'>, logger: Logger): void {
  listeners.on('check', ({ check, state }) =>
    logger[check.verdict === 'pass' ? 'info' : 'warn'](`migration check in ${state.kind}: ${describeCheck(check)}`),
  );
  listeners.on('transition', ({ event, from, state }) => {
    const why = event.type === 'check' ? `check ${describeCheck(event.check)}` : event.type;
    const by = 'by' in event ? ` by ${event.by}` : '';
    logger.info(`migration: ${describeState(from)} -> ${describeState(state)} (${why}${by})`);
  });
  listeners.on('refused', ({ event, code, message }) =>
    logger.warn(`migration: ${event.type} refused: ${code}: ${message}`),
  );
  listeners.on('alarm', ({ level, code, message }) =>
    logger[level === 'critical' ? 'error' : 'warn'](`migration alarm ${code}: ${message}`),
  );
  listeners.on('drill', ({ ok, live, durationMs, problems }) =>
    logger[ok ? 'info' : 'error'](
      `migration drill${live ? ' (live)' : ''} ${ok ? 'ok' : 'failed'} after ${Math.round(durationMs)} ms${ok ? '' : `: ${problems.join('; ')}`}`,
    ),
  );
}
