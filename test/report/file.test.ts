import { spawnSync } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { readReport, reportHtml, runReport } from '@lighthouse-compat/report';
import { createObservationLog, type Observation, readRecordedCall } from '@lighthouse-compat/sdk';
import { expect, test } from 'vitest';
import { root } from '../support/process.js';
import { capellaPayload } from '../support/samples.js';
import { openTwoEngines } from '../support/twoEngines.js';
import { recordRun, testFolder } from './recordedRun.js';

/** The command in this process. */
async function command(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runReport(args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { status, stdout: out.join(''), stderr: err.join('') };
}

/** One observation of a real call. */
async function observe(): Promise<Observation> {
  const { compat } = await openTwoEngines();
  const seen: Observation[] = [];
  compat.on('observation', (observation) => seen.push(observation));
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  return seen[0] as Observation;
}

const lineOf = async (): Promise<string> => {
  const stream = new PassThrough();
  createObservationLog(stream).record(await observe());
  return String(stream.read()).trimEnd();
};

test('a run that was recorded to a file comes to the same report as the instance tells itself', async () => {
  const folder = await testFolder();
  const { file, live, written } = await recordRun(folder, 40);
  const { report, lines, isCutOff } = await readReport(file);
  expect([lines, isCutOff]).toEqual([written, false]);
  // The log and the instance read the clock one after the other.
  const { fromMs, toMs, timeline, ...figures } = report;
  expect({ ...live, ...figures }).toEqual(live);
  expect(Math.abs((fromMs ?? 0) - (live.fromMs ?? 0))).toBeLessThan(1_000);

  const page = join(folder, 'page.html');
  const asJson = await command(file, '--json', '--html', page);
  expect([asJson.status, asJson.stderr]).toEqual([0, '']);
  expect(JSON.parse(asJson.stdout)).toEqual(report);
  expect(await readFile(page, 'utf8')).toBe(reportHtml(report));
  const asText = await command(file);
  expect(asText.stdout).toContain(`${report.calls} calls\n`);
  expect(asText.stdout).toContain('recommendation: roll back (errors of v5: ');

  await appendFile(file, '{"atMs":17');
  const cutOff = await command(file);
  expect([cutOff.status, cutOff.stderr]).toEqual([0, `line ${lines + 1} is cut off and left out\n`]);
  expect(cutOff.stdout).toBe(asText.stdout);
}, 120_000);

test('what is given wrongly to the command is told: usage with exit code 2, a file that cannot be read with 1', async () => {
  const folder = await testFolder();
  for (const args of [[], ['a', 'b'], ['a', '--what']]) {
    const { status, stderr } = await command(...args);
    expect([status, stderr]).toEqual([2, expect.stringContaining('report FILE [--json] [--html PAGE]')]);
  }
  expect(await command(join(folder, 'nothing'))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('ENOENT'),
  });
  const file = join(folder, 'bad.jsonl');
  await writeFile(file, `${await lineOf()}\n{"atMs":"now"}\n`);
  expect(await command(file)).toMatchObject({
    status: 1,
    stderr: `${file}: line 2.atMs: Unix milliseconds are needed\n`,
  });
});

test('the program says what the command says', async () => {
  const file = join(await testFolder(), 'one.jsonl');
  await writeFile(file, `${await lineOf()}\n`);
  const program = (...args: string[]) =>
    spawnSync(process.execPath, [`${root}/packages/report/bin/lighthouse-compat-report.mjs`, ...args], {
      encoding: 'utf8',
    });
  expect(program(file)).toMatchObject(await command(file));
  expect(program('--what')).toMatchObject(await command('--what'));
});

test('an empty file is a report of nothing', async () => {
  const file = join(await testFolder(), 'empty.jsonl');
  await writeFile(file, '');
  const { report } = await readReport(file);
  expect(report).toMatchObject({ calls: 0, fromMs: null, recommendation: { action: 'hold' } });
  expect(reportHtml(report)).toContain('Nothing to draw.');
});

test.each([
  ['no JSON', () => '{', 'l'],
  ['no object', () => '7', 'l'],
  ['a time that is none', (record: Record<string, unknown>) => ({ ...record, atMs: null }), 'l.atMs'],
  ['an unknown operation', (record) => ({ ...record, operation: 'get_blobs' }), 'l.operation'],
  ['a fork that is no text', (record) => ({ ...record, fork: 4 }), 'l.fork'],
  ['no decision', (record) => ({ ...record, decision: null }), 'l.decision'],
  [
    'an unknown adapter',
    (record) => ({ ...record, decision: { adapter: 'v6', mode: 'v4_only' } }),
    'l.decision.adapter',
  ],
  ['an unknown mode', (record) => ({ ...record, decision: { adapter: 'v4', mode: 'v6_only' } }), 'l.decision.mode'],
  ['a fallback without a cause', (record) => ({ ...record, fallback: {} }), 'l.fallback.cause'],
  ['an arm that is a list', (record) => ({ ...record, answering: [] }), 'l.answering'],
  ['an unknown engine', (record) => ({ ...record, other: { adapter: 'v4', engine: '__proto__' } }), 'l.other.engine'],
  [
    'a duration below 0',
    (record) => ({ ...record, other: { adapter: 'v4', engine: 'v4', durationMs: -1 } }),
    'l.other.durationMs',
  ],
  ...(
    [
      ['an outcome of no kind', {}, 'kind'],
      ['an unknown status', { kind: 'answered', status: 'MAYBE', builtHere: false }, 'status'],
      ['built here or not', { kind: 'answered', status: null }, 'builtHere'],
      ['a code without end', { kind: 'failed', code: 'x'.repeat(257) }, 'code'],
      ['a drop without a reason', { kind: 'dropped' }, 'reason'],
    ] as const
  ).map(
    ([name, outcome, field]) =>
      [
        name,
        (record: Record<string, unknown>) => ({
          ...record,
          answering: { adapter: 'v4', engine: 'v4', durationMs: null, outcome },
        }),
        `l.answering.outcome.${field}`,
      ] as const,
  ),
  ['an unknown verdict', (record) => ({ ...record, comparison: { verdict: 'maybe' } }), 'l.comparison.verdict'],
  ['shared or not', (record) => ({ ...record, sharedEngine: 'no' }), 'l.sharedEngine'],
] as readonly (readonly [string, (record: Record<string, unknown>) => unknown, string])[])(
  'a line with %s is INVALID_RECORD with the path of the field',
  async (_, change, path) => {
    const changed = change(JSON.parse(await lineOf()) as Record<string, unknown>);
    const line = typeof changed === 'string' ? changed : JSON.stringify(changed);
    expect(() => readRecordedCall(line, 'l')).toThrow(expect.objectContaining({ code: 'INVALID_RECORD', path }));
  },
);

test('a log writes no more than its bound, waits for nobody, and tells what it left out', async () => {
  const observation = await observe();
  const bounded = createObservationLog(new PassThrough(), { maxBytes: 1_000 });
  for (let n = 0; n < 10; n += 1) bounded.record(observation);
  expect(bounded.written).toBeGreaterThan(0);
  expect(bounded.written + bounded.dropped).toBe(10);

  // A disk that takes nothing.
  const stuck = new Writable({ write: () => {} });
  const log = createObservationLog(stuck);
  for (let n = 0; n < 10_000; n += 1) log.record(observation);
  expect(log.dropped).toBeGreaterThan(0);
  expect(stuck.writableLength).toBeLessThan(1024 * 1024 + 2_000);

  const ended = new PassThrough();
  ended.end();
  const late = createObservationLog(ended);
  late.record(observation);
  expect([late.written, late.dropped]).toEqual([0, 1]);
});

test('a code from a file cannot put markup on the page', async () => {
  const record = JSON.parse(await lineOf()) as Record<string, unknown>;
  const file = join(await testFolder(), 'markup.jsonl');
  const outcome = { kind: 'failed', code: '<img src=x onerror="alert(1)">' };
  const answering = { adapter: 'v4', engine: 'v4', durationMs: 1, outcome };
  await writeFile(file, `${JSON.stringify({ ...record, answering, fallback: { cause: '</p><script>' } })}\n`);
  const html = reportHtml((await readReport(file)).report);
  expect(html).not.toMatch(/<img|<script/);
  expect(html).toContain('&#60;script&#62;');
});

test('without the option nothing is kept for a report, which says so', async () => {
  const { compat } = await openTwoEngines();
  expect(() => compat.report()).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', path: 'report' }));
  await expect(openTwoEngines({ report: 'yes' as never })).rejects.toMatchObject({
    code: 'INVALID_OPTION',
    path: 'report',
  });
});
