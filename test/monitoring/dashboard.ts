// monitoring/grafana/lighthouse-compat.json, panel by panel. A further row is a further entry of `rows`.

type Query = { readonly expr: string; readonly legend?: string };

type Panel = {
  readonly title: string;
  readonly description: string;
  readonly kind: 'stat' | 'timeseries' | 'state-timeline' | 'table';
  readonly unit: 'percentunit' | 's' | 'bytes' | 'short' | 'ops' | 'none' | 'dateTimeAsIso';
  readonly queries: readonly Query[];
  /** Of 24. */
  readonly width: 4 | 6 | 8 | 12 | 24;
  readonly stacked?: boolean;
  /** Whether it may be below 0. */
  readonly signed?: boolean;
  /** From this value on it is red. */
  readonly redFrom?: number;
};

type Row = { readonly title: string; readonly panels: readonly Panel[] };

const where = 'instance=~"$instance"';
const rate = (metric: string, matchers = ''): string =>
  `rate(lighthouse_compat_${metric}{${where}${matchers}}[$__rate_interval])`;
const sumRate = (by: string, metric: string, matchers = ''): string => `sum by (${by}) (${rate(metric, matchers)})`;
const quantile = (q: number, operation: string): Query => ({
  expr: `histogram_quantile(${q}, ${sumRate('le, version', 'attempt_duration_seconds_bucket', `, operation="${operation}"`)})`,
  legend: `{{version}} p${q * 100}`,
});
const recorded = (name: string, matchers = ''): string => `${name}{${where}${matchers}}`;

const latency = (operation: string): Panel => ({
  title: `${operation}: v4 against v5`,
  description: 'Median and 99th percentile of what was executed, answering or fed; answers from a cache are left out.',
  kind: 'timeseries',
  unit: 's',
  queries: [quantile(0.5, operation), quantile(0.99, operation)],
  width: 12,
});

const stat = (title: string, description: string, expr: string, unit: Panel['unit'], redFrom?: number): Panel => ({
  title,
  description,
  kind: 'stat',
  unit,
  queries: [{ expr, legend: '{{instance}}' }],
  width: 4,
  ...(redFrom === undefined ? {} : { redFrom }),
});

const series = (
  title: string,
  description: string,
  unit: Panel['unit'],
  queries: readonly Query[],
  width: Panel['width'] = 12,
  stacked = false,
): Panel => ({
  title,
  description,
  kind: 'timeseries',
  unit,
  queries,
  width,
  stacked,
});

const overview: Row = {
  title: 'Overview',
  panels: [
    stat(
      'Answered by v5',
      'Share of the calls of 5 minutes.',
      recorded('instance:lighthouse_compat_v5_share:ratio_rate5m'),
      'percentunit',
    ),
    stat(
      'Errors for callers',
      'Share of the calls of 15 minutes.',
      recorded('instance:lighthouse_compat_call_errors:ratio_rate15m'),
      'percentunit',
      0.01,
    ),
    stat(
      'Falling back',
      'Share of the calls of 2 minutes that v4 answered because v5 failed.',
      recorded('instance:lighthouse_compat_fallbacks:ratio_rate2m'),
      'percentunit',
      0.0001,
    ),
    stat(
      'Divergences',
      'VALID against INVALID, in the time shown.',
      `sum by (instance) (increase(lighthouse_compat_divergences_total{${where}}[$__range]))`,
      'short',
      0.5,
    ),
    stat(
      'Rollback latch',
      '1: v4 answers until a person clears it.',
      `lighthouse_compat_latch_set{${where}}`,
      'none',
      1,
    ),
    stat(
      'Alerts',
      'Alerts of this kind that fire.',
      'count(ALERTS{alertname=~"LighthouseCompat.*", alertstate="firing"}) or vector(0)',
      'none',
      1,
    ),
    series(
      'Calls by the version that answered',
      'What callers got, errors included.',
      'ops',
      [{ expr: sumRate('version', 'calls_total'), legend: '{{version}}' }],
      12,
      true,
    ),
    series('Share of v5', 'Over time: the migration as callers see it.', 'percentunit', [
      { expr: recorded('instance:lighthouse_compat_v5_share:ratio_rate5m'), legend: '{{instance}}' },
    ]),
  ],
};

const versions: Row = {
  title: 'v4 against v5',
  panels: [
    latency('new_payload'),
    latency('forkchoice_updated'),
    latency('get_payload'),
    {
      title: 'v5 slower than v4 by',
      description: 'Mean of 30 minutes of v5 over that of v4, less 1. Alerts over 5 %.',
      kind: 'timeseries',
      unit: 'percentunit',
      width: 12,
      signed: true,
      queries: [
        {
          expr: recorded('instance_operation:lighthouse_compat_latency_regression:ratio30m'),
          legend: '{{operation}}',
        },
      ],
    },
    series(
      'Failed sends',
      'Share of what each version was sent, answering or fed, in 15 minutes. Alerts over 1 % of v5.',
      'percentunit',
      [{ expr: recorded('instance_version:lighthouse_compat_attempt_failures:ratio_rate15m'), legend: '{{version}}' }],
    ),
    series('Errors by code', 'Of each engine.', 'ops', [
      { expr: sumRate('engine, code', 'errors_total'), legend: '{{engine}} {{code}}' },
    ]),
    series('Sends', 'Everything that each version was sent: the sample behind these figures.', 'ops', [
      { expr: sumRate('version, role', 'attempts_total'), legend: '{{version}} {{role}}' },
    ]),
    series('What callers waited', 'Mean time to the answer that the caller got.', 's', [
      {
        expr: `${sumRate('operation, version', 'call_duration_seconds_sum')} / ${sumRate('operation, version', 'call_duration_seconds_count')}`,
        legend: '{{version}} {{operation}}',
      },
    ]),
  ],
};

const comparison: Row = {
  title: 'Comparison',
  panels: [
    series(
      'Verdicts',
      'Of the calls of which both engines had a part.',
      'ops',
      [{ expr: sumRate('verdict', 'comparisons_total'), legend: '{{verdict}}' }],
      12,
      true,
    ),
    series('Differ, and go uncompared', 'Shares of 15 minutes. Alerts over 1 %.', 'percentunit', [
      { expr: recorded('instance:lighthouse_compat_mismatches:ratio_rate15m'), legend: 'differ' },
      { expr: recorded('instance:lighthouse_compat_not_compared:ratio_rate15m'), legend: 'not compared' },
    ]),
    series(
      'Why calls went where they went',
      'Decisions by mode and reason.',
      'ops',
      [{ expr: sumRate('mode, reason', 'decisions_total'), legend: '{{mode}} {{reason}}' }],
      12,
      true,
    ),
    series(
      'Fallbacks by cause',
      "Calls that got v4's answer because v5's failed.",
      'ops',
      [{ expr: `${sumRate('cause', 'fallbacks_total')} > 0`, legend: '{{cause}}' }],
      12,
      true,
    ),
  ],
};

const standby: Row = {
  title: 'Standby and queues',
  panels: [
    {
      title: 'State of each engine',
      description: 'lost: it has missed more than is kept for it.',
      kind: 'state-timeline',
      unit: 'none',
      width: 24,
      queries: [{ expr: `lighthouse_compat_standby_state{${where}} == 1`, legend: '{{engine}} {{state}}' }],
    },
    series(
      'Calls in each lane',
      'At most 64.',
      'short',
      [{ expr: `lighthouse_compat_lane_calls{${where}}`, legend: '{{engine}}' }],
      8,
    ),
    series(
      'Age of the oldest',
      'Alerts over 12 s.',
      's',
      [{ expr: `lighthouse_compat_lane_oldest_age_seconds{${where}}`, legend: '{{engine}}' }],
      8,
    ),
    series(
      'Bytes in each lane',
      'At most 64 MiB.',
      'bytes',
      [{ expr: `lighthouse_compat_lane_bytes{${where}}`, legend: '{{engine}}' }],
      8,
    ),
    series(
      'Dropped sends',
      'To the engine that does not answer.',
      'ops',
      [{ expr: sumRate('engine, reason', 'dropped_sends_total'), legend: '{{engine}} {{reason}}' }],
      8,
    ),
    series(
      'Feeds',
      'The other part of each call, by what became of it.',
      'ops',
      [{ expr: sumRate('engine, outcome', 'feeds_total'), legend: '{{engine}} {{outcome}}' }],
      8,
    ),
    series(
      'Replay',
      'Attempts to bring an engine back, and the payloads given in them.',
      'ops',
      [
        { expr: sumRate('engine, outcome', 'replays_total'), legend: '{{engine}} {{outcome}}' },
        { expr: sumRate('engine', 'replayed_payloads_total'), legend: '{{engine}} payloads' },
      ],
      8,
    ),
    series(
      'Changes of state',
      'How often an engine came into each.',
      'ops',
      [{ expr: sumRate('engine, state', 'standby_changes_total'), legend: '{{engine}} {{state}}' }],
      8,
    ),
    series(
      'What is kept',
      'Payloads for replay, pins of payload ids, calls beside the lanes.',
      'short',
      [
        { expr: `lighthouse_compat_replay_buffer_payloads{${where}}`, legend: 'replay payloads' },
        { expr: `lighthouse_compat_payload_pins{${where}}`, legend: 'pins' },
        { expr: `lighthouse_compat_detached_sends{${where}}`, legend: 'detached sends' },
      ],
      8,
    ),
    series(
      'Replay buffer',
      'At most 128 MiB, unless configured.',
      'bytes',
      [{ expr: `lighthouse_compat_replay_buffer_bytes{${where}}`, legend: '{{instance}}' }],
      8,
    ),
  ],
};

const abTest = (metric: string, matchers = ''): string => `lighthouse_compat_ab_test_${metric}{${where}${matchers}}`;
const abTestState = (metric: string, legend: string): Query => ({ expr: `${abTest(metric)} == 1`, legend });

const abTests: Row = {
  title: 'A/B tests',
  panels: [
    {
      title: 'Verdicts on v5',
      description: 'To be read at any time. Do not trust them while the split is a mismatch.',
      kind: 'state-timeline',
      unit: 'none',
      width: 12,
      queries: [
        abTestState('success_rate_verdict', '{{test}} success rate {{verdict}}'),
        abTestState('latency_verdict', '{{test}} latency {{verdict}}'),
      ],
    },
    {
      title: 'Tests and their split',
      description: 'mismatch: the versions did not get the planned shares. Alerts while the test runs.',
      kind: 'state-timeline',
      unit: 'none',
      width: 12,
      queries: [
        abTestState('status', '{{test}} {{status}}'),
        abTestState('split_verdict', '{{test}} split {{verdict}}'),
      ],
    },
    series('Success rate', 'Share of the requests with an answer, since each test began.', 'percentunit', [
      {
        expr: `${abTest('successes_total')} / (${abTest('requests_total')} > 0)`,
        legend: '{{version}} {{test}}',
      },
    ]),
    series('Latency', 'Median and 99th percentile since each test began; they decide nothing.', 's', [
      { expr: abTest('latency_p50_seconds'), legend: '{{version}} p50 {{test}}' },
      { expr: abTest('latency_p99_seconds'), legend: '{{version}} p99 {{test}}' },
    ]),
    series(
      'Requests',
      'The sample: all, and those whose latency counts.',
      'short',
      [
        { expr: abTest('requests_total'), legend: '{{version}} {{test}}' },
        { expr: abTest('timed_requests_total'), legend: '{{version}} timed {{test}}' },
      ],
      8,
    ),
    series(
      "v5's share",
      'Of the units of each test, beside the planned one.',
      'percentunit',
      [
        { expr: recorded('instance_test:lighthouse_compat_ab_test_v5_units:ratio'), legend: 'v5 {{test}}' },
        { expr: abTest('planned_v5_ratio'), legend: 'planned {{test}}' },
      ],
      8,
    ),
    series(
      'Left out',
      'What did not become part of a test, by why.',
      'ops',
      [{ expr: sumRate('reason', 'ab_test_left_out_total'), legend: '{{reason}}' }],
      8,
    ),
  ],
};

const migration = (metric: string, matchers = ''): string =>
  `lighthouse_compat_migration_${metric}{${where}${matchers}}`;

const migrationRow: Row = {
  title: 'Migration',
  panels: [
    stat('Progress', 'How much of the plan is behind.', migration('progress_ratio'), 'percentunit'),
    stat('Set for v5', 'Share of the calls that v5 is to answer.', migration('v5_ratio'), 'percentunit'),
    stat(
      'Failing checks',
      'In a row; three are a rollback, unless the plan says otherwise.',
      migration('failing_checks'),
      'short',
      1,
    ),
    stat(
      'Behind its plan',
      'Since the plan should have moved up. Alerts over half an hour.',
      `clamp_min(time() - ${migration('due_timestamp_seconds')}, 0)`,
      's',
      1_800,
    ),
    stat(
      'Since the last drill',
      'A rehearsal of the rollback that ended well. Alerts over a week while v5 answers.',
      `time() - ${migration('drill_timestamp_seconds')}`,
      's',
      604_800,
    ),
    stat(
      'Rollback took',
      'Of the rollback in which the migration has ended; 300 s are promised.',
      migration('rollback_duration_seconds'),
      's',
      300,
    ),
    {
      title: 'Timeline',
      description: 'The state of the migration, and who holds it.',
      kind: 'state-timeline',
      unit: 'none',
      width: 24,
      queries: [
        { expr: `${migration('state')} == 1`, legend: '{{state}}' },
        { expr: `${migration('held')} == 1`, legend: '{{kind}} by {{by}}' },
      ],
    },
    series(
      'Share set and measured',
      'What the plan has set, and what callers got from v5 in 5 minutes.',
      'percentunit',
      [
        { expr: migration('v5_ratio'), legend: 'v5 set' },
        { expr: recorded('instance:lighthouse_compat_v5_share:ratio_rate5m'), legend: 'measured {{instance}}' },
      ],
    ),
    {
      title: 'Figures over their limits',
      description: 'What each check found, as a share of its limit: from 1 on it is over.',
      kind: 'timeseries',
      unit: 'percentunit',
      width: 12,
      signed: true,
      queries: [
        {
          expr: `${migration('health_figure_ratio')} / (${migration('health_limit_ratio')} > 0)`,
          legend: '{{criterion}}',
        },
      ],
    },
    {
      title: 'Verdicts',
      description: 'Of the newest health check. Only pass moves the plan up.',
      kind: 'state-timeline',
      unit: 'none',
      width: 12,
      queries: [{ expr: `${migration('health_verdict')} == 1`, legend: '{{verdict}}' }],
    },
    series(
      'Rollbacks, drills and alarms',
      'In the time shown.',
      'short',
      [
        {
          expr: `sum by (by) (increase(${migration('rollbacks_started_total')}[$__range]))`,
          legend: 'rollback by {{by}}',
        },
        {
          expr: `sum by (outcome) (increase(${migration('rollbacks_ended_total')}[$__range]))`,
          legend: 'rollback {{outcome}}',
        },
        { expr: `sum by (outcome) (increase(${migration('drills_total')}[$__range]))`, legend: 'drill {{outcome}}' },
        { expr: `sum by (code) (increase(${migration('alarms_total')}[$__range])) > 0`, legend: 'alarm {{code}}' },
      ],
      12,
    ),
    series(
      'Health checks',
      'By verdict.',
      'ops',
      [{ expr: sumRate('verdict', 'migration_health_checks_total'), legend: '{{verdict}}' }],
      12,
      true,
    ),
  ],
};

const flags: Row = {
  title: 'Flags and build',
  panels: [
    {
      title: 'Status of the flag provider',
      description: 'stale: the server is away and the last flags are in force.',
      kind: 'state-timeline',
      unit: 'none',
      width: 12,
      queries: [{ expr: `lighthouse_compat_flag_provider_status{${where}} == 1`, legend: '{{instance}} {{status}}' }],
    },
    series('Time in that status', 'As far as the process has seen.', 's', [
      { expr: `time() - lighthouse_compat_flag_provider_status_timestamp_seconds{${where}}`, legend: '{{instance}}' },
    ]),
    series(
      'Flags that cannot be used',
      'They count as off.',
      'ops',
      [{ expr: sumRate('problem', 'unusable_flags_total'), legend: '{{problem}}' }],
      8,
    ),
    series(
      'Keys whose decision is known',
      'At most 1,024.',
      'short',
      [{ expr: `lighthouse_compat_cached_decisions{${where}}`, legend: '{{instance}}' }],
      8,
    ),
    {
      title: 'Configured mode',
      description: 'It counts where no flag decides.',
      kind: 'state-timeline',
      unit: 'none',
      width: 8,
      queries: [{ expr: `lighthouse_compat_configured_mode{${where}} == 1`, legend: '{{instance}} {{mode}}' }],
    },
    series(
      'Trouble of its own',
      'Listeners that threw; fields of answers that no specification knows.',
      'ops',
      [{ expr: sumRate('event', 'listener_errors_total'), legend: 'listener of {{event}}' }],
      8,
    ),
    {
      title: 'Latched since',
      description: 'Nothing while the latch is not set.',
      kind: 'table',
      unit: 'dateTimeAsIso',
      width: 8,
      queries: [{ expr: `lighthouse_compat_latch_set_timestamp_seconds{${where}} * 1000` }],
    },
    {
      title: 'Versions',
      description: 'Of this package, by instance.',
      kind: 'table',
      unit: 'none',
      width: 8,
      queries: [{ expr: `lighthouse_compat_build_info{${where}}` }],
    },
  ],
};

const rows: readonly Row[] = [overview, migrationRow, versions, comparison, abTests, standby, flags];

const datasource = { type: 'prometheus', uid: '$datasource' };
const heights: Readonly<Record<Panel['kind'], number>> = { stat: 4, timeseries: 8, 'state-timeline': 6, table: 6 };

const colour = (regexp: string, fixedColor: string): object => ({
  matcher: { id: 'byRegexp', options: regexp },
  properties: [{ id: 'color', value: { mode: 'fixed', fixedColor } }],
});

function panelJson(panel: Panel, id: number, at: { readonly x: number; readonly y: number }): object {
  const { title, description, kind, unit, queries, width, stacked = false, signed = false, redFrom } = panel;
  const steps = [{ color: 'green', value: null }, ...(redFrom === undefined ? [] : [{ color: 'red', value: redFrom }])];
  return {
    id,
    type: kind,
    title,
    description,
    datasource,
    gridPos: { ...at, w: width, h: heights[kind] },
    fieldConfig: {
      defaults: {
        unit,
        ...(signed ? {} : { min: 0 }),
        thresholds: { mode: 'absolute', steps },
        ...(kind === 'timeseries'
          ? {
              custom: {
                lineWidth: 2,
                fillOpacity: stacked ? 30 : 5,
                showPoints: 'never',
                stacking: { mode: stacked ? 'normal' : 'none' },
              },
            }
          : {}),
      },
      overrides: kind === 'timeseries' ? [colour('^v4', 'blue'), colour('^v5', 'orange')] : [],
    },
    options:
      kind === 'timeseries' ? { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } } : {},
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat: legend ?? '__auto',
      ...(kind === 'table' ? { format: 'table', instant: true } : {}),
    })),
  };
}

/** Every query of the dashboard, with the titles of its row and its panel. */
export const dashboardQueries: readonly { readonly row: string; readonly title: string; readonly expr: string }[] =
  rows.flatMap(({ title: row, panels }) =>
    panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ row, title, expr }))),
  );

/** The dashboard as Grafana imports it. */
export function dashboardJson(): string {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: 24, h: 1 },
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      if (x + panel.width > 24) {
        y += height;
        x = 0;
        height = 0;
      }
      panels.push(panelJson(panel, panels.length + 1, { x, y }));
      x += panel.width;
      height = Math.max(height, heights[panel.kind]);
    }
    y += height;
  }
  const dashboard = {
    uid: 'lighthouse-compat',
    title: 'lighthouse-compat: v4 to v5',
    description: 'Written from test/monitoring/dashboard.ts, whose queries the tests run against a real Prometheus.',
    tags: ['lighthouse-compat', 'engine-api'],
    schemaVersion: 38,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Prometheus' },
        {
          name: 'instance',
          type: 'query',
          label: 'Instance',
          datasource,
          query: 'label_values(lighthouse_compat_build_info, instance)',
          refresh: 2,
          multi: true,
          includeAll: true,
          allValue: '.*',
          current: { text: 'All', value: '$__all' },
        },
      ],
    },
    panels,
  };
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
