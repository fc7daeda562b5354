import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from '../support/process.js';
import { hasPromtool, promtool } from '../support/promtool.js';
import { unknownIn } from './queries.js';
import { hastened, readRules, ruleFile, ruleTestFile } from './ruleFile.js';

const { alerts, recordings } = await readRules();
const recorded = recordings.map(({ record }) => record);
const runbook = await readFile(`${root}/docs/runbook.md`, 'utf8');
const names = alerts.map(({ alert }) => alert);

test.skipIf(!hasPromtool)(
  'promtool accepts the rules, and every unit test of them holds',
  () => {
    expect(promtool(['check', 'rules', ruleFile])).toMatchObject({ status: 0 });
    expect(promtool(['test', 'rules', ruleTestFile])).toMatchObject({ status: 0 });
  },
  180_000,
);

test('each alert has a unit test in which it fires and one in which it is silent throughout', async () => {
  type Case = { alert_rule_test: readonly { alertname: string; exp_alerts: readonly object[] }[] };
  const { tests } = parse(await readFile(ruleTestFile, 'utf8')) as { tests: readonly Case[] };
  const kinds = tests.map(({ alert_rule_test: checks }) => ({
    alerts: new Set(checks.map(({ alertname }) => alertname)),
    fires: checks.some(({ exp_alerts: expected }) => expected.length > 0),
  }));
  const having = (fires: boolean): string[] =>
    names.filter((name) => kinds.some((kind) => kind.alerts.has(name) && kind.fires === fires));
  expect(names.length).toBeGreaterThan(10);
  expect(having(true)).toEqual(names);
  expect(having(false)).toEqual(names);
});

test('each alert has a severity, a summary, its figure, and a section of the runbook', () => {
  const [, ofAlerts = ''] = runbook.split('\n## The alerts\n');
  const sections = [...ofAlerts.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  expect(sections).toEqual(names);
  for (const { alert, labels, annotations } of alerts) {
    expect(['critical', 'warning']).toContain(labels['severity']);
    expect(annotations['summary']).toMatch(/^\S/);
    expect(annotations['description'], alert).toContain('$value');
    expect(annotations['runbook_url']).toBe(`docs/runbook.md#${alert.toLowerCase()}`);
    const section = runbook.split(`\n## ${alert}\n`)[1]?.split('\n## ')[0] ?? '';
    expect(section).toMatch(labels['severity'] === 'critical' ? /^\n\*\*Critical\.\*\*/ : /^\n\*\*Warning\.\*\*/);
    expect(section).toContain('- Look at ');
    expect(section).toContain('- At 3 a.m.: ');
  }
});

test('the rules ask for nothing that the SDK does not export', () => {
  for (const { expr } of [...alerts, ...recordings]) expect(unknownIn(expr, recorded)).toEqual([]);
});

test.each([
  ['a metric that nobody exports', 'rate(lighthouse_compat_call_total[5m])', ['lighthouse_compat_call_total']],
  [
    'a histogram without its part',
    'lighthouse_compat_call_duration_seconds',
    ['lighthouse_compat_call_duration_seconds'],
  ],
  [
    'a label that the metric has not',
    'lighthouse_compat_latch_set{engine="v4"}',
    ['lighthouse_compat_latch_set{engine="v4"}'],
  ],
  [
    'a value that the label has not',
    'lighthouse_compat_calls_total{outcome=~"error|failed", job="x"}',
    ['lighthouse_compat_calls_total{outcome="failed"}'],
  ],
  [
    'a series that no rule records',
    'instance:lighthouse_compat_nothing:rate5m',
    ['instance:lighthouse_compat_nothing:rate5m'],
  ],
])('%s is found', (_, query, unknown) => {
  expect(unknownIn(query, recorded)).toEqual(unknown);
});

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  );

test('every link of the runbook to its own sections and to those of other pages leads somewhere', async () => {
  for (const [, page = '', anchor] of runbook.matchAll(/\]\(([^)#]*)(?:#([^)]+))?\)/g)) {
    const text = page === '' ? runbook : await readFile(`${root}/docs/${page}`, 'utf8');
    if (anchor !== undefined) expect(anchorsOf(text), page).toContain(anchor);
  }
});

test('the table of contents leads to every section once, and to every alert by its severity', () => {
  const contents = runbook.split('\n\n').find((part) => part.startsWith('- ')) ?? '';
  const linked = [...contents.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  const sections = [...runbook.matchAll(/^## .+$/gm)].flatMap(([heading]) => anchorsOf(heading));
  expect([...linked].sort()).toEqual([...sections].sort());
  const [critical = '', warnings = ''] = contents.split('the warnings: ');
  for (const { alert, labels } of alerts) {
    const short = `[${alert.replace('LighthouseCompat', '')}](#${alert.toLowerCase()})`;
    expect(labels['severity'] === 'critical' ? critical : warnings).toContain(short);
  }
});

test('hastened rules are the same rules with every duration a sixtieth', async () => {
  const rules = hastened(await readFile(ruleFile, 'utf8'));
  expect(rules).not.toMatch(/\[\d+[smh]\]|for: \d+[smh]\b/);
  expect(rules).toContain('increase(lighthouse_compat_divergences_total[10000ms])');
  expect(rules).toContain('for: 5000ms');
  expect(rules.replace(/\d+ms/g, '')).toBe((await readFile(ruleFile, 'utf8')).replace(/(\[|for: )\d+[smh]\b/g, '$1'));
});
