import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  MigrationController,
  type MigrationPlanOptions,
  type MigrationStateKind,
  memoryJournal,
  watchMigration,
} from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test, vi } from 'vitest';
import { serveChain } from '../sdk/migration/migration.js';
import { hasChromium, openChromium } from '../support/chromium.js';
import { RpcError } from '../support/fakeEngine.js';
import { hasPrometheus, type Prometheus, startPrometheus } from '../support/prometheus.js';
import { dashboardJson } from './dashboard.js';
import { type Answered, type DashboardPanel, type DrawnSeries, dashboardHtml, inUnit } from './picture.js';
import { hastened, ruleFile } from './ruleFile.js';
import { startRunningSdk } from './runningSdk.js';

/** With LIGHTHOUSE_COMPAT_PICTURES=FOLDER the pictures are kept there. */
const pictures = process.env['LIGHTHOUSE_COMPAT_PICTURES'];

const stepMs = 500;

/** Blocks at each turn of the run. */
const blocksATurn = 120;

/** A plan of minutes; the latencies of fake engines are noise, and its steps end when a person promotes them. */
const plan: MigrationPlanOptions = {
  steps: [10, 50, 100],
  incrementPoints: 100,
  checkEveryMs: 1_000,
  parallel: { comparisons: 200, expectedMs: 20_000 },
  health: { minimumSamples: 100, windowMs: 20_000, latencyRegressionPercent: 1_000 },
};

const { title, panels } = JSON.parse(dashboardJson()) as { title: string; panels: readonly DashboardPanel[] };

/** As Grafana makes a legend: each `{{label}}` is the label's value. */
const legendOf = (format: string, labels: Readonly<Record<string, string>>): string =>
  format === '__auto'
    ? Object.entries(labels)
        .filter(([name]) => name !== '__name__' && name !== 'job')
        .map(([name, value]) => `${name}=${value}`)
        .join(', ')
    : format.replace(/\{\{(\w+)\}\}/g, (_all, label: string) => labels[label] ?? '');

/** Asks every query of a panel, as Grafana does once it has put its variables in. */
async function answer(prometheus: Prometheus, panel: DashboardPanel, span: readonly [Date, Date]): Promise<Answered> {
  const series: DrawnSeries[] = [];
  for (const { expr, legendFormat } of panel.targets ?? []) {
    const query = expr
      .replaceAll('$instance', '.*')
      .replaceAll('$__rate_interval', '5s')
      .replaceAll('$__range', `${Math.ceil((span[1].getTime() - span[0].getTime()) / 1_000)}s`);
    const isOverTime = panel.type === 'timeseries' || panel.type === 'state-timeline';
    const found = await prometheus.queryRange(query, {
      startMs: isOverTime ? span[0].getTime() : span[1].getTime(),
      endMs: span[1].getTime(),
      stepMs,
    });
    for (const { metric, values } of found) {
      const points = values.filter(({ value }) => Number.isFinite(value));
      if (points.length > 0) series.push({ legend: legendOf(legendFormat, metric), points });
    }
  }
  return { panel, series };
}

/** A migration over a comparison and a canary to everything on v5, where v5 begins to fail and is rolled back by itself: what the dashboard is there to show. */
async function runAll(): Promise<{ readonly prometheus: Prometheus; readonly span: readonly [Date, Date] }> {
  const sdk = await startRunningSdk();
  const prometheus = await startPrometheus({ targets: [sdk.port], rules: hastened(await readFile(ruleFile, 'utf8')) });
  const began = new Date();
  const turn = async (): Promise<void> => {
    const until = sdk.blocks + blocksATurn;
    await vi.waitFor(() => expect(sdk.blocks).toBeGreaterThanOrEqual(until), { timeout: 60_000, interval: 100 });
  };
  const { compat, v4, v5 } = sdk;
  for (const engine of [v4, v5]) {
    serveChain(engine);
    engine.on('engine_newPayloadV2', async ([payload]) => {
      await delay(2 + 6 * Math.abs(Math.sin(sdk.blocks * (engine === v5 ? 7 : 3))));
      return { status: 'VALID', latestValidHash: (payload as { blockHash: string }).blockHash, validationError: null };
    });
  }
  const controller = new MigrationController({ compat, journal: memoryJournal(), plan });
  onTestFinished(() => controller.close());
  watchMigration(sdk.registry, controller);
  const reached = (kind: MigrationStateKind, percent: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        const { state, percent: now } = controller.status;
        if (state.kind === kind && now === percent) resolve();
      };
      controller.on('transition', look);
      look();
    });
  await turn();
  const ended = controller.run({ by: 'ada' });
  await Promise.race([reached('canary', 10), ended]);
  await controller.drill({ by: 'ada' });
  await turn();
  await controller.hold({ by: 'ada', why: 'lunch' });
  await turn();
  await controller.release({ by: 'ada' });
  await controller.promote({ by: 'ada' });
  await Promise.race([reached('gradual', 50), ended]);
  await turn();
  await controller.promote({ by: 'ada' });
  await Promise.race([reached('gradual', 100), ended]);
  await turn();
  v5.on('engine_newPayloadV2', () => {
    throw new RpcError(-32603);
  });
  await ended;
  await turn();
  return { prometheus, span: [began, new Date()] };
}

test.skipIf(!hasPrometheus || !hasChromium)(
  'the dashboard drawn from its own queries shows figures of a running SDK in every row, in the light and in the dark',
  async () => {
    const { prometheus, span } = await runAll();
    const answered: Answered[] = [];
    for (const panel of panels) answered.push(await answer(prometheus, panel, span));
    const seriesOf = (name: string) => answered.find(({ panel }) => panel.title === name)?.series ?? [];
    const drawn = answered.filter(({ panel, series }) => panel.type !== 'row' && series.length > 0);
    expect(drawn.length).toBeGreaterThan(35);
    // v5 answered nothing at first, everything in between, and nothing at the end.
    const [share] = seriesOf('Share of v5');
    expect(share?.points[0]?.value).toBe(0);
    expect(Math.max(...(share?.points ?? []).map(({ value }) => value))).toBeGreaterThan(0.5);
    expect(seriesOf('Timeline').map(({ legend }) => legend)).toEqual(
      expect.arrayContaining(['parallel_testing', 'canary', 'gradual', 'rolled_back', 'hold by person']),
    );
    expect(seriesOf('Rollback latch').map(({ points }) => points.at(-1)?.value)).toEqual([1]);
    expect(seriesOf('Fallbacks by cause')).not.toEqual([]);

    const folder = await mkdtemp(join(tmpdir(), 'dashboard-test-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'dashboard.html');
    await writeFile(file, dashboardHtml(answered, { title, span, stepMs }));
    for (const [name, dark] of [
      ['light', false],
      ['dark', true],
    ] as const) {
      const context = await openChromium({ width: 1420, height: 900, dark });
      const page = await context.newPage();
      const heard: string[] = [];
      page.on('console', (message) => heard.push(message.text()));
      page.on('pageerror', (error) => heard.push(error.message));
      await page.goto(pathToFileURL(file).href);
      expect(await page.locator('section').count()).toBe(panels.filter(({ type }) => type !== 'row').length);
      const charts = drawn.filter(({ panel: { type } }) => type === 'timeseries' || type === 'state-timeline');
      expect(await page.locator('section svg').count()).toBe(charts.length);
      const picture = await page.screenshot({ fullPage: true });
      expect(picture.byteLength).toBeGreaterThan(50_000);
      if (pictures !== undefined) {
        await mkdir(pictures, { recursive: true });
        await writeFile(join(pictures, `dashboard-${name}.png`), picture);
      }
      expect(heard).toEqual([]);
      await context.close();
    }
  },
  300_000,
);

test.each([
  [0.1234, 'percentunit', '12.3 %'],
  [0.0125, 's', '12.5 ms'],
  [12, 's', '12 s'],
  [2_048, 'bytes', '2 KiB'],
  [25, 'ops', '25/s'],
  [0, 'dateTimeAsIso', '1970-01-01 00:00:00'],
  [7, 'none', '7'],
])('%d in the unit %s reads %s', (value, unit, text) => {
  expect(inUnit(value, unit)).toBe(text);
});
