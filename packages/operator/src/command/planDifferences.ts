import type { MigrationPlan } from '@lighthouse-compat/sdk';

/** An option on which two plans differ, as JSON. */
export type PlanDifference = { readonly path: string; readonly configured: string; readonly running: string };

function compare(configured: unknown, running: unknown, path: string): readonly PlanDifference[] {
  if (typeof configured === 'object' && configured !== null && !Array.isArray(configured)) {
    const other = (running ?? {}) as Readonly<Record<string, unknown>>;
    return Object.entries(configured).flatMap(([name, value]) =>
      compare(value, other[name], path === '' ? name : `${path}.${name}`),
    );
  }
  const [here, there] = [JSON.stringify(configured), JSON.stringify(running) ?? 'not told'];
  return here === there ? [] : [{ path, configured: here, running: there }];
}

/** Says on which options a configured plan and the one that a service goes by differ. */
export const planDifferences = (configured: MigrationPlan, running: MigrationPlan): readonly PlanDifference[] =>
  compare(configured, running, '');
