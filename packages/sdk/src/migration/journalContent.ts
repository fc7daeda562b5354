import { isDeepStrictEqual } from 'node:util';
import { CompatError } from '../errors.js';
import type { JournalContent, JournalRecord } from './contracts.js';
import type { MigrationPlan } from './plan.js';

/** Throws PLAN_CHANGED where a run is under way by another plan. */
export function requireSamePlan({ records }: JournalContent, plan: MigrationPlan): void {
  const last = records.at(-1);
  if (last === undefined || last.state.kind === 'pre_migration') return;
  const kept = [...records].reverse().find((record) => record.plan !== undefined)?.plan;
  if (kept === undefined || isDeepStrictEqual(kept, JSON.parse(JSON.stringify(plan)))) return;
  const message = 'the run in the journal goes by another plan: end it first, or give that one';
  throw new CompatError('PLAN_CHANGED', message, { path: 'plan' });
}

/** When a rollback was last rehearsed with success, in Unix milliseconds; null where it never was. */
export const lastDrillIn = (records: readonly JournalRecord[]): number | null =>
  records.findLast(({ event }) => event.type === 'drilled' && event.drill.ok)?.atMs ?? null;
