import { expect, test } from 'vitest';
import { root } from '../support/process.js';
import { dashboardJson, dashboardQueries } from './dashboard.js';
import { unknownIn } from './queries.js';
import { readRules } from './ruleFile.js';

const { recordings } = await readRules();

test('the dashboard is written from its panels (pnpm test:only test/monitoring/dashboard -u writes it)', async () => {
  await expect(dashboardJson()).toMatchFileSnapshot(`${root}/monitoring/grafana/lighthouse-compat.json`);
});

test('the dashboard asks for nothing that the SDK does not export and no rule records', () => {
  const recorded = recordings.map(({ record }) => record);
  expect(dashboardQueries.length).toBeGreaterThan(30);
  for (const { title, expr } of dashboardQueries) expect(unknownIn(expr, recorded), title).toEqual([]);
});

test('no panel lies over another, and none is wider than the page', () => {
  type Box = { x: number; y: number; w: number; h: number };
  const { panels } = JSON.parse(dashboardJson()) as { panels: readonly { title: string; gridPos: Box }[] };
  const taken = new Map<string, string>();
  for (const { title, gridPos } of panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        expect(taken.get(`${x} ${y}`), title).toBeUndefined();
        taken.set(`${x} ${y}`, title);
      }
  }
});
