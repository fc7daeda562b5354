import { expect, vi } from 'vitest';
import type { Prometheus } from '../support/prometheus.js';
import { dashboardQueries } from './dashboard.js';

/** How long a real Prometheus may take to see what has happened. */
export const patience = { timeout: 60_000, interval: 100 };

/** Resolves with the alert once it fires. */
export const firing = (prometheus: Prometheus, name: string) =>
  vi.waitFor(async () => {
    const found = (await prometheus.alerts()).find(
      ({ labels, state }) => labels['alertname'] === name && state === 'firing',
    );
    if (found === undefined) throw new Error(`${name} does not fire`);
    return found;
  }, patience);

/** Fails unless these queries of the dashboard return data, asked as Grafana asks once it has put its variables in. */
export async function requireData(
  prometheus: Prometheus,
  isMeant: (query: (typeof dashboardQueries)[number]) => boolean,
): Promise<void> {
  const meant = dashboardQueries.filter(isMeant);
  expect(meant.length).toBeGreaterThan(0);
  for (const { title, expr } of meant) {
    const query = expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '5s').replaceAll('$__range', '60s');
    const values = (await prometheus.query(query)).map(({ value }) => value);
    expect(values.some(Number.isFinite), `${title}: ${query} gives ${values}`).toBe(true);
  }
}
