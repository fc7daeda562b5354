import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperatorError, type PrometheusHealthOptions, prometheusHealth } from '@lighthouse-compat/operator';
import type { HealthSample, Observation } from '@lighthouse-compat/sdk';
import { describe, expect, onTestFinished, test } from 'vitest';
import { arm, createManualClock, observationOf } from '../../sdk/migration/observations.js';
import { type FakeProcess, type FakePrometheus, fakeProcess, startFakePrometheus } from './fakePrometheus.js';

const windowMs = 1_800_000;
const scrapeMs = 15_000;
/** Far from this process's own: nothing may depend on both being alike. */
const serverAheadMs = 86_400_000_000;

const well = observationOf();
const failing = observationOf({
  other: arm('v5', 20, { kind: 'failed', code: 'TIMEOUT' }),
  comparison: { verdict: 'v5_error', differences: [] },
});
const critical = observationOf({ comparison: { verdict: 'critical', differences: [] } });

type Fleet = {
  readonly clock: ReturnType<typeof createManualClock>;
  readonly prometheus: FakePrometheus;
  readonly processes: readonly FakeProcess[];
  readonly health: ReturnType<typeof prometheusHealth>;
  readonly said: string[];
  /** So much later everything is scraped. */
  scrapeAll(afterMs?: number): Promise<void>;
  observe(observation: Observation, times: number, process?: number): void;
};

async function openFleet(
  options: Partial<PrometheusHealthOptions> = {},
  names = ['a:1', 'b:1', 'c:1'],
): Promise<Fleet> {
  const clock = createManualClock(1_000);
  const prometheus = await startFakePrometheus(() => clock.nowMs() + serverAheadMs);
  const processes = names.map((name) => fakeProcess(name));
  const said: string[] = [];
  const note = (message: string): void => void said.push(message);
  const health = prometheusHealth({
    url: prometheus.url,
    windowMs,
    instances: names,
    labels: { job: 'lighthouse-compat' },
    clock,
    logger: { info: note, warn: note, error: note },
    ...options,
  });
  onTestFinished(() => health.close());
  return {
    clock,
    prometheus,
    processes,
    health,
    said,
    async scrapeAll(afterMs = scrapeMs) {
      clock.advance(afterMs);
      for (const process of processes) await prometheus.scrape(process);
    },
    observe(observation, times, at = 0) {
      for (let n = 0; n < times; n += 1) processes[at]?.observe(observation);
    },
  };
}

async function sampleOf({ health }: Fleet): Promise<HealthSample> {
  const sample = await health.sample();
  if (sample === null) throw health.problem ?? new Error('there is no sample');
  return sample;
}

const attempts = ({ attempts: { v4, v5 } }: HealthSample) => ({ v4: v4.answering, v5: v5.other });

describe('a sample', () => {
  test('adds up what all instances have counted since the first scrape after the reset', async () => {
    const fleet = await openFleet();
    fleet.observe(failing, 7);
    await fleet.scrapeAll();
    fleet.health.reset();
    await fleet.scrapeAll();
    expect(attempts(await sampleOf(fleet))).toEqual({
      v4: { attempts: 0, failures: 0 },
      v5: { attempts: 0, failures: 0 },
    });
    fleet.observe(well, 10, 0);
    fleet.observe(failing, 2, 1);
    await fleet.scrapeAll();
    expect(await sampleOf(fleet)).toMatchObject({
      callers: { v4: { attempts: 12, failures: 0 }, v5: { attempts: 0, failures: 0 } },
      comparisons: { compared: 10, differed: 0 },
      comparisonsSinceReset: { compared: 10 },
      sharedEngine: false,
    });
    fleet.observe(failing, 5, 2);
    await fleet.scrapeAll();
    await fleet.scrapeAll();
    expect(attempts(await sampleOf(fleet))).toEqual({
      v4: { attempts: 17, failures: 0 },
      v5: { attempts: 17, failures: 7 },
    });
    expect(fleet.health.problem).toBeNull();
  });

  test('counts a process that was started anew from 0 on, and the others beside it as before', async () => {
    const fleet = await openFleet();
    fleet.observe(well, 1_000);
    await fleet.scrapeAll();
    await sampleOf(fleet);
    fleet.observe(well, 10);
    await fleet.scrapeAll();
    fleet.processes[0]?.restart();
    fleet.observe(well, 20);
    fleet.observe(well, 3, 1);
    await fleet.scrapeAll();
    fleet.observe(well, 5);
    await fleet.scrapeAll();
    expect(attempts(await sampleOf(fleet)).v5.attempts).toBe(38);
  });

  test('counts nothing twice, however often and close together it is made', async () => {
    const fleet = await openFleet();
    await fleet.scrapeAll();
    for (let n = 0; n < 20; n += 1) {
      fleet.observe(well, 1);
      if (n % 3 === 0) await fleet.scrapeAll(1_000);
      const [one, other] = await Promise.all([fleet.health.sample(), fleet.health.sample()]);
      expect(one).toEqual(other);
    }
    await fleet.scrapeAll(1_000);
    expect(attempts(await sampleOf(fleet)).v5.attempts).toBe(20);
  });

  test('forgets what is older than its window by a third of it at a time, and goes on with what was compared since the reset', async () => {
    const fleet = await openFleet();
    await fleet.scrapeAll(1);
    const seen: number[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      fleet.observe(well, 1);
      await fleet.scrapeAll(60_000);
      seen.push(attempts(await sampleOf(fleet)).v5.attempts);
    }
    expect(Math.max(...seen)).toBeLessThanOrEqual(31);
    expect(Math.min(...seen.slice(30))).toBeGreaterThanOrEqual(19);
    // A little after minutes 30, 40, 50 and 60 ten minutes go at once.
    expect(seen.filter((count, at) => count < (seen[at - 1] ?? 0))).toHaveLength(4);
    expect((await sampleOf(fleet)).comparisonsSinceReset.compared).toBe(60);
  });

  test('tells a contradiction that came between the last scrape before a reset and the first after it, once', async () => {
    const fleet = await openFleet();
    await fleet.scrapeAll();
    await sampleOf(fleet);
    fleet.observe(critical, 1, 2);
    fleet.observe(well, 50);
    fleet.health.reset();
    await fleet.scrapeAll();
    expect(await sampleOf(fleet)).toMatchObject({
      comparisons: { compared: 1, differed: 1, critical: 1 },
      callers: { v4: { attempts: 0 } },
    });
    fleet.health.reset();
    await fleet.scrapeAll();
    expect((await sampleOf(fleet)).comparisons.critical).toBe(0);
  });

  test('loses no contradiction of a time in which Prometheus could not be asked', async () => {
    const fleet = await openFleet();
    await fleet.scrapeAll();
    await sampleOf(fleet);
    fleet.prometheus.answer((_request, response) => void response.destroy());
    fleet.observe(critical, 1);
    for (let n = 0; n < 200; n += 1) await fleet.scrapeAll();
    expect(await fleet.health.sample()).toBeNull();
    fleet.prometheus.answer(null);
    expect((await sampleOf(fleet)).comparisons.critical).toBe(1);
  });

  test('holds durations of one version at one instance against those of the other there only', async () => {
    const fleet = await openFleet();
    await fleet.scrapeAll();
    const alone = (adapter: 'v4' | 'v5', ms: number) =>
      observationOf({ answering: arm(adapter, ms), other: null, comparison: null });
    for (let n = 1; n <= 40; n += 1) {
      fleet.observe(alone('v4', 10 * n), 1, 0);
      fleet.observe(alone('v5', 20 * n), 1, 1);
      fleet.observe(observationOf({ other: arm('v5', 20 + n) }), 1, n % 3);
    }
    await fleet.scrapeAll();
    const { speed } = await sampleOf(fleet);
    expect(speed.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'pairs new_payload',
      'arms new_payload at a:1',
      'arms new_payload at b:1',
    ]);
    expect(speed).toMatchObject([
      { difference: { count: 40 } },
      { v4: { count: 40 }, v5: { count: 0 } },
      { v4: { count: 0 }, v5: { count: 40 } },
    ]);
  });

  test('says that the engine is shared only where it is at every instance', async () => {
    const fleet = await openFleet({}, ['a:1', 'b:1']);
    const lane = (process: number, engine: string) =>
      fleet.prometheus.scrape(fleet.processes[process] as FakeProcess).then(() => laneOf(fleet, process, engine));
    fleet.clock.advance(scrapeMs);
    await lane(0, 'shared');
    await lane(1, 'v4');
    expect((await sampleOf(fleet)).sharedEngine).toBe(false);
    fleet.clock.advance(scrapeMs);
    await lane(0, 'shared');
    await lane(1, 'shared');
    expect((await sampleOf(fleet)).sharedEngine).toBe(true);
  });
});

/** Has a process tell a lane of that engine, as a running instance does: in place of any one other series. */
async function laneOf({ prometheus, processes }: Fleet, at: number, engine: string): Promise<void> {
  let isTold = false;
  await prometheus.scrape(processes[at] as FakeProcess, (labels) => {
    if (isTold) return null;
    isTold = true;
    const { instance = '', job = '' } = labels;
    return [{ __name__: 'lighthouse_compat_lane_calls', engine, instance, job }, '0'];
  });
}

describe('there is no sample', () => {
  const gone: readonly [string, string, (fleet: Fleet) => void | Promise<void>][] = [
    ['where Prometheus is away', 'PROMETHEUS_UNREACHABLE', ({ prometheus }) => prometheus.stop()],
    [
      'where it breaks off',
      'PROMETHEUS_UNREACHABLE',
      ({ prometheus }) => prometheus.answer((_q, response) => void response.destroy()),
    ],
    [
      'where it is not let in',
      'PROMETHEUS_UNAUTHORIZED',
      ({ prometheus }) => prometheus.answer((_q, response) => void response.writeHead(401).end()),
    ],
    [
      'where it fails',
      'PROMETHEUS_REFUSED',
      ({ prometheus }) => prometheus.answer((_q, response) => void response.writeHead(503).end('busy')),
    ],
    [
      'where it sends elsewhere',
      'PROMETHEUS_REFUSED',
      ({ prometheus }) =>
        prometheus.answer((_q, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()),
    ],
    [
      'where it says what is wrong',
      'PROMETHEUS_REFUSED',
      ({ prometheus }) =>
        prometheus.answer(
          (_q, response) =>
            void response
              .writeHead(422)
              .end('{"status":"error","error":"query processing would load too many samples"}'),
        ),
    ],
    [
      'where the answer is no JSON',
      'PROMETHEUS_MALFORMED',
      ({ prometheus }) => prometheus.answer((_q, response) => void response.end('<html>')),
    ],
    [
      'where the answer is another one',
      'PROMETHEUS_MALFORMED',
      ({ prometheus }) =>
        prometheus.answer(
          (_q, response) => void response.end('{"status":"success","data":{"resultType":"vector","result":[]}}'),
        ),
    ],
    [
      'where the answer is null',
      'PROMETHEUS_MALFORMED',
      ({ prometheus }) => prometheus.answer((_q, response) => void response.end('null')),
    ],
    [
      'where a part could not be read',
      'PROMETHEUS_INCOMPLETE',
      ({ prometheus }) =>
        prometheus.answer(
          (_q, response) =>
            void response.end(
              '{"status":"success","data":{"resultType":"matrix","result":[]},"warnings":["a store is away"]}',
            ),
        ),
    ],
    [
      'where an instance is not there',
      'PROMETHEUS_INCOMPLETE',
      async ({ prometheus, processes }) => {
        prometheus.clear();
        for (const process of processes.slice(1)) await prometheus.scrape(process);
      },
    ],
    [
      'where an instance was last scraped long ago',
      'PROMETHEUS_INCOMPLETE',
      async ({ prometheus, processes, clock }) => {
        clock.advance(120_001);
        for (const process of processes.slice(1)) await prometheus.scrape(process);
      },
    ],
    [
      'where an instance tells what is no number',
      'PROMETHEUS_INCOMPLETE',
      async ({ prometheus, processes, clock }) => {
        clock.advance(120_001);
        for (const [at, process] of processes.entries())
          await prometheus.scrape(process, (labels, value) => [
            labels,
            at === 1 && labels['outcome'] === 'failed' ? 'NaN' : String(value),
          ]);
      },
    ],
    [
      'where an instance counts in fractions',
      'PROMETHEUS_INCOMPLETE',
      async ({ prometheus, processes, clock }) => {
        clock.advance(120_001);
        for (const process of processes)
          await prometheus.scrape(process, (labels, value) => [labels, String(value + 0.5)]);
      },
    ],
    [
      'where an instance is of a version that tells less',
      'PROMETHEUS_INCOMPLETE',
      async ({ prometheus, processes }) => {
        prometheus.clear();
        for (const process of processes)
          await prometheus.scrape(process, (labels, value) =>
            labels['__name__']?.includes('health') ? null : [labels, String(value)],
          );
      },
    ],
    [
      'where an instance is scraped by two at once',
      'PROMETHEUS_INCOMPLETE',
      async (fleet) => {
        const { prometheus, processes } = fleet;
        for (let n = 0; n < 2; n += 1) {
          await fleet.scrapeAll();
          for (const process of processes)
            await prometheus.scrape(process, (labels, value) => [{ ...labels, replica: 'b' }, String(value)]);
        }
      },
    ],
    [
      "where a label of the target has taken the place of one of the SDK's",
      'PROMETHEUS_MALFORMED',
      async ({ prometheus, processes }) => {
        for (const process of processes)
          await prometheus.scrape(process, (labels, value) => [{ ...labels, role: 'validator' }, String(value)]);
      },
    ],
  ];
  test.each(gone)('%s: %s', async (_where, code, make) => {
    const fleet = await openFleet();
    await fleet.scrapeAll();
    await fleet.scrapeAll();
    await sampleOf(fleet);
    await make(fleet);
    expect(await fleet.health.sample()).toBeNull();
    expect(fleet.health.problem).toMatchObject({ code });
    expect(fleet.said).toEqual([expect.stringContaining(code)]);
  });

  test('where it does not answer in time, and nothing is left open', async () => {
    const fleet = await openFleet({ timeoutMs: 50 });
    const begun = new Promise<void>((resolve) => fleet.prometheus.answer(() => resolve()));
    const sample = fleet.health.sample();
    await begun;
    fleet.clock.advance(50);
    expect(await sample).toBeNull();
    expect(fleet.health.problem).toMatchObject({ code: 'PROMETHEUS_TIMEOUT' });
    expect(fleet.clock.timers).toBe(0);
  });

  test('where the answer is larger than any that is of use', async () => {
    const fleet = await openFleet();
    await fleet.scrapeAll();
    fleet.prometheus.answer((_request, response) => {
      response.on('error', () => {});
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(1_000_000)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await fleet.health.sample()).toBeNull();
    expect(fleet.health.problem).toMatchObject({
      code: 'PROMETHEUS_MALFORMED',
      message: expect.stringContaining('over'),
    });
  });

  test('of a window that has ended while Prometheus was asked, nor after the end', async () => {
    const fleet = await openFleet();
    await fleet.scrapeAll();
    const begun = new Promise<void>((resolve) => fleet.prometheus.answer(() => resolve()));
    const asked = fleet.health.sample();
    await begun;
    fleet.prometheus.answer(null);
    fleet.health.reset();
    expect(await fleet.health.sample()).not.toBeNull();
    expect(await asked).toBeNull();
    const last = new Promise<void>((resolve) => fleet.prometheus.answer(() => resolve()));
    const open = fleet.health.sample();
    await last;
    fleet.health.close();
    expect(await open).toBeNull();
    expect(await fleet.health.sample()).toBeNull();
    expect(fleet.health.problem).toBeNull();
    expect(fleet.clock.timers).toBe(0);
  });

  test('and that is said once, and when there is one again', async () => {
    const fleet = await openFleet();
    expect(await fleet.health.sample()).toBeNull();
    expect(await fleet.health.sample()).toBeNull();
    await fleet.scrapeAll();
    expect(await fleet.health.sample()).not.toBeNull();
    expect(fleet.said.map((line) => line.replace(/http:\S+/, ''))).toEqual([
      'health: there is no sample: PROMETHEUS_INCOMPLETE: nothing whole for 120000 ms from a:1, b:1, c:1',
      'health: Prometheus tells everything again',
    ]);
  });
});

test('of a number of instances, one may take the place of another, but neither more nor fewer tell of themselves', async () => {
  const fleet = await openFleet({ instances: 2 }, ['a:1', 'b:1']);
  await fleet.scrapeAll();
  fleet.observe(well, 3, 0);
  fleet.observe(well, 4, 1);
  await fleet.scrapeAll();
  expect(attempts(await sampleOf(fleet)).v5.attempts).toBe(7);
  const third = fakeProcess('c:1');
  const laterOnly = async (processes: readonly FakeProcess[]): Promise<void> => {
    fleet.clock.advance(scrapeMs);
    for (const process of processes) await fleet.prometheus.scrape(process);
  };
  await laterOnly([...fleet.processes, third]);
  expect(await fleet.health.sample()).toBeNull();
  fleet.observe(well, 2, 1);
  third.observe(well);
  for (let n = 0; n < 9; n += 1) await laterOnly([fleet.processes[1] as FakeProcess, third]);
  expect(attempts(await sampleOf(fleet)).v5.attempts).toBe(10);
  for (let n = 0; n < 200; n += 1) await laterOnly([fleet.processes[1] as FakeProcess, third]);
  await sampleOf(fleet);
  // The one that is gone keeps nobody asking for all that has been since.
  await laterOnly([fleet.processes[1] as FakeProcess, third]);
  await sampleOf(fleet);
  expect(Number(/\[(\d+)ms\]$/.exec(fleet.prometheus.asked.at(-1)?.query ?? '')?.[1])).toBeLessThan(200_000);
  for (let n = 0; n < 9; n += 1) await laterOnly([third]);
  expect(await fleet.health.sample()).toBeNull();
  expect(fleet.health.problem?.message).toContain('2 instances are expected, and 1 tell of themselves: c:1');
});

describe('a secret', () => {
  async function fileOf(content: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'prometheus-secret-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'secret');
    await writeFile(path, content);
    return path;
  }

  test('is read from its file for each request, and is in no error', async () => {
    const tokenFile = await fileOf('first-secret\n');
    const fleet = await openFleet({ tokenFile });
    await fleet.scrapeAll();
    await sampleOf(fleet);
    await writeFile(tokenFile, 'second-secret');
    fleet.prometheus.answer((_request, response) => void response.writeHead(403).end('second-secret'));
    expect(await fleet.health.sample()).toBeNull();
    expect(fleet.prometheus.asked.map(({ authorization }) => authorization)).toEqual([
      'Bearer first-secret',
      'Bearer first-secret',
      'Bearer second-secret',
    ]);
    expect(`${fleet.said.join()} ${fleet.health.problem?.stack}`).not.toContain('secret-');
    expect(`${fleet.said.join()} ${fleet.health.problem?.message}`).not.toContain('second-secret');
  });

  test('of a name is sent by the basic scheme', async () => {
    const fleet = await openFleet({ basicAuth: { username: 'ada', passwordFile: await fileOf('pass word') } });
    await fleet.scrapeAll();
    await sampleOf(fleet);
    expect(fleet.prometheus.asked[0]?.authorization).toBe(`Basic ${Buffer.from('ada:pass word').toString('base64')}`);
  });

  test.each(['', '   \n', 'two\nlines', 'x'.repeat(5_000)])(
    'is not asked with where its file holds none (%#)',
    async (content) => {
      const fleet = await openFleet({ tokenFile: await fileOf(content) });
      expect(await fleet.health.sample()).toBeNull();
      expect(fleet.health.problem).toMatchObject({ code: 'PROMETHEUS_UNAUTHORIZED', path: 'tokenFile' });
      expect(fleet.prometheus.asked).toEqual([]);
    },
  );
});

test('names and labels are asked for as they are, whatever is in them', async () => {
  const fleet = await openFleet({ instances: ['a.b:1', 'a|"b\\'], labels: { job: 'a"b' } });
  await fleet.health.sample();
  expect(fleet.prometheus.asked[1]?.query).toMatch(
    /,job="a\\"b",instance=~"a\\\\\.b:1\|a\\\\\|\\"b\\\\\\\\"\}\[\d+ms\]$/,
  );
});

test.each<[string, object]>([
  ['url', { url: 'nowhere' }],
  ['url', { url: 'ftp://127.0.0.1' }],
  ['url', { url: 'http://ada:secret@127.0.0.1' }],
  ['windowMs', { windowMs: 0 }],
  ['windowMs', { windowMs: Number.NaN }],
  ['staleAfterMs', { staleAfterMs: -1 }],
  ['timeoutMs', { timeoutMs: Number.POSITIVE_INFINITY }],
  ['instances', { instances: 0 }],
  ['instances', { instances: 1.5 }],
  ['instances', { instances: [] }],
  ['instances', { instances: ['a', 'a'] }],
  ['instances[1]', { instances: ['a', ''] }],
  ['labels.a-b', { labels: { 'a-b': 'c' } }],
  ['labels.__name__', { labels: { __name__: 'c' } }],
  ['labels.job', { labels: { job: '' } }],
  ['tokenFile', { tokenFile: '' }],
  ['basicAuth', { tokenFile: '/a', basicAuth: { username: 'a', passwordFile: '/b' } }],
  ['basicAuth.username', { basicAuth: { username: '', passwordFile: '/b' } }],
  ['basicAuth.username', { basicAuth: { username: 'a:b', passwordFile: '/b' } }],
  ['basicAuth.passwordFile', { basicAuth: { username: 'a', passwordFile: '' } }],
])('%s is refused: %j', (path, options) => {
  const make = (): unknown =>
    prometheusHealth({ url: 'http://127.0.0.1:9', windowMs, instances: 3, ...options } as PrometheusHealthOptions);
  expect(make).toThrow(OperatorError);
  expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', path }));
});
