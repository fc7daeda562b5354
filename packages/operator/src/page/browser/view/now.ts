import type { MigrationMode, MigrationStatus } from '@lighthouse-compat/sdk';
import type { StatusAnswer } from '../../../control/answers.js';
import { duration, percent, time, words } from './format.js';
import type { Banner, Fact } from './parts.js';
import { stateText } from './state.js';

const modeText = (mode: MigrationMode): string =>
  mode.kind === 'canary' ? `canary, ${percent(mode.percent)}` : words(mode.kind);

function dueText({ dueMs, state }: MigrationStatus, atMs: number): string {
  if (dueMs === null) return state.held?.kind === 'pause' ? 'once it is resumed' : 'not by itself';
  const left = dueMs - atMs;
  return left > 0 ? `in ${duration(left)} at the earliest` : 'with the next passing check';
}

/** The state of a migration and of what answers calls, as facts. */
export function nowFacts(status: StatusAnswer): readonly Fact[] {
  const { migration, mode, latch, flagProvider, atMs } = status;
  const around: readonly Fact[] = [
    { name: 'Configured mode', value: modeText(mode) },
    latch === null
      ? { name: 'Rollback latch', value: 'not set', tone: 'good' }
      : { name: 'Rollback latch', value: 'set', note: `${latch.reason}, since ${time(latch.sinceMs)}`, tone: 'bad' },
    flagProvider === null
      ? { name: 'Flag provider', value: 'none' }
      : { name: 'Flag provider', value: flagProvider, tone: flagProvider === 'READY' ? 'good' : 'attention' },
  ];
  if (migration === null) return [{ name: 'State', value: 'no migration of its own' }, ...around];
  const { state, percent: set, progress, drilledMs } = migration;
  const { startedMs } = state.run;
  return [
    { name: 'State', value: stateText(state) },
    { name: 'Set for v5', value: percent(set) },
    { name: 'Of the plan', value: percent(Math.floor(progress * 100)) },
    { name: 'Moves up', value: dueText(migration, atMs) },
    startedMs === null
      ? { name: 'Started', value: 'not yet' }
      : { name: 'Started', value: `${duration(atMs - startedMs)} ago`, note: time(startedMs) },
    drilledMs === null
      ? { name: 'Rollback rehearsed', value: 'never', tone: 'attention' }
      : { name: 'Rollback rehearsed', value: `${duration(atMs - drilledMs)} ago`, tone: 'good' },
    ...around,
  ];
}

/** What a person must not overlook, the worst first. */
export function bannersOf({ migration, latch }: StatusAnswer): readonly Banner[] {
  if (migration === null)
    return latch === null ? [] : [{ tone: 'bad', title: 'The rollback latch is set', text: latch.reason }];
  const { state, facts } = migration;
  const { held } = state;
  const banners: Banner[] = [];
  if (state.kind === 'rolling_back') banners.push({ tone: 'bad', title: 'Rolling back', text: state.reason });
  if (state.kind === 'rolled_back') banners.push({ tone: 'bad', title: 'Rolled back', text: state.reason });
  if (state.kind === 'rollback_failed')
    banners.push({ tone: 'bad', title: 'The rollback could not be verified', text: `${state.why} (${state.reason})` });
  if (state.kind !== 'rolling_back' && state.kind !== 'rolled_back' && state.kind !== 'rollback_failed' && latch)
    banners.push({ tone: 'bad', title: 'The rollback latch is set', text: latch.reason });
  if (held !== null) {
    const by = held.by === null ? 'by the controller' : `by ${held.by}`;
    banners.push({
      tone: 'attention',
      title: held.kind === 'pause' ? `Paused ${by}` : `Held ${by}`,
      text: `${held.why}, since ${time(held.sinceMs)}`,
    });
  }
  for (const { code, why } of facts?.blockers ?? []) banners.push({ tone: 'attention', title: code, text: why });
  return banners;
}
