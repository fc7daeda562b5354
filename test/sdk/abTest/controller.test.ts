import { normalizedValue } from '@lighthouse-compat/flag-provider';
import { AbTestController, type AbTestOptions, type AbTestSample } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomOf } from '../../support/random.js';
import { createHandClock } from './handClock.js';

const startMs = 1_700_000_000_000;
const options = (changes: Partial<AbTestOptions> = {}): AbTestOptions => ({
  name: 'deneb',
  v5Percent: 30,
  durationMs: 60_000,
  ...changes,
});
const open = (random = randomOf(1)) => {
  const clock = createHandClock(startMs);
  return { clock, tests: new AbTestController({ clock, random }) };
};
const answered = (changes: Partial<AbTestSample> = {}): AbTestSample => ({
  version: 'v4',
  operation: 'new_payload',
  success: true,
  latencyMs: 20,
  ...changes,
});
const bad = (changes: object): AbTestOptions => ({ ...options(), ...changes }) as AbTestOptions;

describe('createTest', () => {
  test('begins now, with sticky sessions and every operation, unless told otherwise', () => {
    const { tests } = open();
    expect(tests.createTest(options())).toEqual({
      name: 'deneb',
      v5Percent: 30,
      startMs,
      endMs: startMs + 60_000,
      stickySessions: true,
      operations: ['new_payload', 'forkchoice_updated', 'get_payload'],
    });
    const given = { startMs: startMs + 5, stickySessions: false, operations: ['get_payload', 'get_payload'] as const };
    expect(tests.createTest(options({ name: 'other', ...given }))).toMatchObject({
      startMs: startMs + 5,
      endMs: startMs + 60_005,
      stickySessions: false,
      operations: ['get_payload'],
    });
  });

  test.each([
    ['101 %', bad({ v5Percent: 101 }), 'INVALID_PERCENT', 'v5Percent'],
    ['less than nothing', bad({ v5Percent: -1 }), 'INVALID_PERCENT', 'v5Percent'],
    ['half a percent', bad({ v5Percent: 0.5 }), 'INVALID_PERCENT', 'v5Percent'],
    ['a percentage that is no number', bad({ v5Percent: '10' }), 'INVALID_PERCENT', 'v5Percent'],
    ['an end before its start', bad({ durationMs: -1 }), 'INVALID_TEST_TIME', 'durationMs'],
    ['an end at its start', bad({ durationMs: 0 }), 'INVALID_TEST_TIME', 'durationMs'],
    ['no duration', bad({ durationMs: undefined }), 'INVALID_TEST_TIME', 'durationMs'],
    ['no end', bad({ durationMs: Number.POSITIVE_INFINITY }), 'INVALID_TEST_TIME', 'durationMs'],
    ['an end in the past', bad({ startMs: startMs - 60_000 }), 'INVALID_TEST_TIME', 'durationMs'],
    ['a start that is no time', bad({ startMs: Number.NaN }), 'INVALID_TEST_TIME', 'startMs'],
    ['a start that is a date', bad({ startMs: new Date() }), 'INVALID_TEST_TIME', 'startMs'],
    ['no name', bad({ name: undefined }), 'INVALID_TEST_NAME', 'name'],
    ['an empty name', bad({ name: '' }), 'INVALID_TEST_NAME', 'name'],
    ['a blank name', bad({ name: ' ' }), 'INVALID_TEST_NAME', 'name'],
    ['a name over 64 characters', bad({ name: 'n'.repeat(65) }), 'INVALID_TEST_NAME', 'name'],
    ['a name of two lines', bad({ name: 'a\nb' }), 'INVALID_TEST_NAME', 'name'],
    ['an unknown operation', bad({ operations: ['new_block'] }), 'UNKNOWN_OPERATION', 'operations[0]'],
    ['an inherited operation', bad({ operations: ['new_payload', 'toString'] }), 'UNKNOWN_OPERATION', 'operations[1]'],
    ['no operation', bad({ operations: [] }), 'INVALID_OPTION', 'operations'],
    ['operations that are no list', bad({ operations: 'new_payload' }), 'INVALID_OPTION', 'operations'],
    ['stickiness that is no boolean', bad({ stickySessions: 'yes' }), 'INVALID_OPTION', 'stickySessions'],
    ['an option that there is not', bad({ percent: 10 }), 'INVALID_OPTION', 'percent'],
    ['nothing', null as unknown as AbTestOptions, 'INVALID_OPTION', 'options'],
  ])('refuses %s', (_what, given, code, path) => {
    const { tests } = open();
    expect(() => tests.createTest(given)).toThrow(expect.objectContaining({ name: 'CompatError', code, path }));
    expect(tests.list()).toEqual([]);
  });

  test('refuses a name that is taken, also by a test that was stopped', () => {
    const { tests } = open();
    tests.createTest(options());
    tests.stop('deneb');
    expect(() => tests.createTest(options())).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_TEST', path: 'name' }),
    );
  });

  test('keeps 32 tests, and forgets the oldest that is over for another one', () => {
    const { clock, tests } = open();
    for (let i = 0; i < 32; i += 1)
      tests.createTest(options({ name: `test-${i}`, durationMs: i === 20 ? 1_000 : 60_000 }));
    expect(() => tests.createTest(options())).toThrow(expect.objectContaining({ code: 'TOO_MANY_TESTS' }));
    expect(tests.list()).toHaveLength(32);
    clock.nowIs(startMs + 1_000);
    tests.createTest(options({ name: 'after-its-end' }));
    tests.stop('test-7');
    tests.createTest(options({ name: 'after-it-was-stopped' }));
    const names = tests.list().map(({ test: { name } }) => name);
    expect(names).toHaveLength(32);
    expect(names).not.toContain('test-20');
    expect(names).not.toContain('test-7');
  });
});

test('a test is planned, runs from its start until just before its end, and is over', () => {
  const { clock, tests } = open();
  tests.createTest(options({ startMs: startMs + 1_000 }));
  const statusAt = (ms: number) => {
    clock.nowIs(ms);
    expect(tests.getTestResults('deneb').status).toBe(tests.list()[0]?.status);
    return tests.list()[0]?.status;
  };
  expect([0, 999, 1_000, 60_999, 61_000].map((ms) => statusAt(startMs + ms))).toEqual([
    'planned',
    'planned',
    'running',
    'running',
    'over',
  ]);
});

test('a test that is over cannot be stopped any more', () => {
  const { clock, tests } = open();
  tests.createTest(options());
  clock.nowIs(startMs + 60_000);
  tests.stop('deneb');
  expect(tests.getTestResults('deneb').status).toBe('over');
});

test('a test that was stopped stays so, keeps its results, and may be stopped again', () => {
  const { clock, tests } = open();
  tests.createTest(options());
  tests.recordResult('deneb', answered());
  tests.stop('deneb');
  tests.stop('deneb');
  clock.nowIs(startMs + 1_000_000);
  expect(tests.getTestResults('deneb')).toMatchObject({ status: 'stopped', v4: { requests: 1 } });
});

test.each(['stop', 'getTestResults'] as const)('%s of an unknown test is a typed error', (method) => {
  const { tests } = open();
  expect(() => tests[method]('deneb')).toThrow(expect.objectContaining({ code: 'UNKNOWN_TEST', path: 'testName' }));
});

describe('shouldUseV5', () => {
  test("gives a session the bucket that flags would give it under a groupId of the test's name", () => {
    const { tests } = open();
    tests.createTest(options());
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (sessionId) => {
        const isV5 = normalizedValue(sessionId, 'deneb') <= 30;
        expect(tests.shouldUseV5('deneb', sessionId)).toBe(isV5);
        expect(tests.shouldUseV5('deneb', sessionId)).toBe(isV5);
      }),
    );
  });

  test('assigns a session in two tests independently', () => {
    const { tests } = open();
    tests.createTest(options({ name: 'one', v5Percent: 50 }));
    tests.createTest(options({ name: 'two', v5Percent: 50 }));
    let both = 0;
    for (let i = 0; i < 4_000; i += 1)
      if (tests.shouldUseV5('one', `session-${i}`) && tests.shouldUseV5('two', `session-${i}`)) both += 1;
    expect(both / 4_000).toBeCloseTo(0.25, 1);
  });

  test.each([0, 100])('of %d percent is exact, by session and by chance', (v5Percent) => {
    const { tests } = open();
    tests.createTest(options({ name: 'sticky', v5Percent }));
    tests.createTest(options({ name: 'random', v5Percent, stickySessions: false }));
    for (let i = 0; i < 1_000; i += 1) {
      expect(tests.shouldUseV5('sticky', `session-${i}`)).toBe(v5Percent === 100);
      expect(tests.shouldUseV5('random')).toBe(v5Percent === 100);
    }
  });

  test('without sticky sessions goes by the chance that was given, whatever the session', () => {
    const draws = [0.299, 0.3, 0, 0.999];
    const { tests } = open(() => draws.shift() ?? 1);
    tests.createTest(options({ stickySessions: false }));
    expect([1, 2, 3, 4].map(() => tests.shouldUseV5('deneb', 'session'))).toEqual([true, false, true, false]);
  });

  test('is v4, and counted, for an unknown name, outside the time, and for a sticky test without a session', () => {
    const { clock, tests } = open();
    tests.createTest(options({ v5Percent: 100, startMs: startMs + 1_000 }));
    expect(tests.shouldUseV5('denep', 'session')).toBe(false);
    expect(tests.shouldUseV5('__proto__', 'session')).toBe(false);
    expect(tests.shouldUseV5('deneb', 'session')).toBe(false);
    clock.nowIs(startMs + 1_000);
    expect(tests.shouldUseV5('deneb', 'session')).toBe(true);
    for (const none of [undefined, null, '', 7 as unknown as string])
      expect(tests.shouldUseV5('deneb', none)).toBe(false);
    clock.nowIs(startMs + 61_000);
    expect(tests.shouldUseV5('deneb', 'session')).toBe(false);
    expect(tests.counts).toEqual({ unknownName: 2, outsideTime: 2, withoutSession: 4, unattributed: 0 });
  });
});

describe('recordResult', () => {
  test('counts what is recorded under an unknown name or outside the time, and leaves it out', () => {
    const { clock, tests } = open();
    tests.createTest(options());
    expect(tests.recordResult('denep', answered())).toBe(false);
    expect(tests.recordResult('deneb', answered())).toBe(true);
    clock.nowIs(startMs + 60_000);
    expect(tests.recordResult('deneb', answered())).toBe(false);
    expect(tests.counts).toEqual({ unknownName: 1, outsideTime: 1, withoutSession: 0, unattributed: 0 });
    expect(tests.getTestResults('deneb').v4.requests).toBe(1);
  });

  test('leaves out operations that the test is not about', () => {
    const { tests } = open();
    tests.createTest(options({ operations: ['new_payload'] }));
    expect(tests.recordResult('deneb', answered({ operation: 'get_payload' }))).toBe(false);
    expect(tests.recordResult('deneb', answered())).toBe(true);
    expect(tests.getTestResults('deneb').v4.requests).toBe(1);
  });

  test.each([
    ['an unknown operation', { operation: 'new_block' }, 'UNKNOWN_OPERATION', 'operation'],
    ['an unknown version', { version: 'v6' }, 'INVALID_SAMPLE', 'version'],
    ['a success that is no boolean', { success: 1 }, 'INVALID_SAMPLE', 'success'],
    ['a latency of NaN', { latencyMs: Number.NaN }, 'INVALID_SAMPLE', 'latencyMs'],
    ['an endless latency', { latencyMs: Number.POSITIVE_INFINITY }, 'INVALID_SAMPLE', 'latencyMs'],
    ['a latency before the request', { latencyMs: -1 }, 'INVALID_SAMPLE', 'latencyMs'],
    ['a latency that is a text', { latencyMs: '20' }, 'INVALID_SAMPLE', 'latencyMs'],
    ['no latency', { latencyMs: undefined }, 'INVALID_SAMPLE', 'latencyMs'],
    ['a session that is no text', { sessionId: 7 }, 'INVALID_SAMPLE', 'sessionId'],
  ])('refuses %s, and records nothing', (_what, changes, code, path) => {
    const { tests } = open();
    tests.createTest(options());
    const sample = { ...answered(), ...changes } as AbTestSample;
    expect(() => tests.recordResult('deneb', sample)).toThrow(expect.objectContaining({ code, path }));
    expect(tests.getTestResults('deneb')).toMatchObject({ v4: { requests: 0 }, v5: { requests: 0 } });
  });
});

test('a sample that is no object is refused', () => {
  const { tests } = open();
  expect(() => tests.recordResult('deneb', null as unknown as AbTestSample)).toThrow(
    expect.objectContaining({ code: 'INVALID_SAMPLE', path: 'sample' }),
  );
});

test("a controller made with nothing has the machine's clock and chance", () => {
  const tests = new AbTestController();
  tests.createTest(options({ v5Percent: 50, stickySessions: false }));
  const drawn = new Set(Array.from({ length: 200 }, () => tests.shouldUseV5('deneb')));
  expect(drawn.size).toBe(2);
});
