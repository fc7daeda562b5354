import { forkAt, parseForkSchedule } from '@lighthouse-compat/conversions';
import { describe, expect, expectTypeOf, it, test } from 'vitest';
import { expectRefusal } from './samples.js';

describe('forkAt', () => {
  const schedule = { shanghaiTime: 390n, cancunTime: 420n, pragueTime: 450n };

  test.each([
    [0n, 'paris'],
    [389n, 'paris'],
    [390n, 'shanghai'],
    [419n, 'shanghai'],
    [420n, 'cancun'],
    [449n, 'cancun'],
    [450n, 'prague'],
    [2n ** 64n - 1n, 'prague'],
  ] as const)('gives the newest fork that has begun by %o: %s', (timestamp, fork) => {
    expect(forkAt(schedule, timestamp)).toBe(fork);
    expect(forkAt({ shanghaiTime: 390, cancunTime: 420, pragueTime: 450 }, timestamp)).toBe(fork);
  });

  it('never gives a fork that is not scheduled', () => {
    expect(forkAt({ shanghaiTime: 0n }, 2n ** 64n - 1n)).toBe('shanghai');
    expect(forkAt({ shanghaiTime: 0, cancunTime: 1 }, 2n ** 64n - 1n)).toBe('cancun');
  });
});

describe('parseForkSchedule', () => {
  test.each([
    [{ shanghaiTime: 390 }, { shanghaiTime: 390n }],
    [{ shanghaiTime: 0n, cancunTime: undefined }, { shanghaiTime: 0n }],
    [
      { shanghaiTime: 0, cancunTime: 0n, pragueTime: 0 },
      { shanghaiTime: 0n, cancunTime: 0n, pragueTime: 0n },
    ],
    [
      { shanghaiTime: 390, cancunTime: 2n ** 64n - 1n },
      { shanghaiTime: 390n, cancunTime: 2n ** 64n - 1n },
    ],
    [{ shanghaiTime: Number.MAX_SAFE_INTEGER }, { shanghaiTime: 9007199254740991n }],
  ])('makes bigints of %o', (value, schedule) => {
    expect(parseForkSchedule(value)).toStrictEqual(schedule);
    expectTypeOf(parseForkSchedule(value).shanghaiTime).toEqualTypeOf<bigint>();
  });

  test.each([
    [null, 'forks'],
    [undefined, 'forks'],
    ['shanghai', 'forks'],
    [[390], 'forks'],
    [{}, 'forks.shanghaiTime'],
    [Object.create({ shanghaiTime: 0 }), 'forks.shanghaiTime'],
    [{ shanghaiTime: null }, 'forks.shanghaiTime'],
    [{ shanghaiTime: '390' }, 'forks.shanghaiTime'],
    [{ shanghaiTime: 1.5 }, 'forks.shanghaiTime'],
    [{ shanghaiTime: Number.NaN }, 'forks.shanghaiTime'],
    [{ shanghaiTime: Number.POSITIVE_INFINITY }, 'forks.shanghaiTime'],
    [{ shanghaiTime: 2 ** 53 }, 'forks.shanghaiTime'],
    [{ shanghaiTime: -1 }, 'forks.shanghaiTime'],
    [{ shanghaiTime: -1n }, 'forks.shanghaiTime'],
    [{ shanghaiTime: 2n ** 64n }, 'forks.shanghaiTime'],
    [{ shanghaiTime: 390, cancunTime: 389 }, 'forks.cancunTime'],
    [{ shanghaiTime: 390, cancunTime: true }, 'forks.cancunTime'],
    [{ shanghaiTime: 390, cancunTime: 420, pragueTime: 419n }, 'forks.pragueTime'],
    [{ shanghaiTime: 390, pragueTime: 450 }, 'forks.pragueTime'],
    [{ shanghaiTime: 390, osakaTime: 480 }, 'forks.osakaTime'],
    [{ shanghaiTime: 390, cancuntime: 480 }, 'forks.cancuntime'],
    [JSON.parse('{"shanghaiTime": 390, "__proto__": {"cancunTime": 1}}'), 'forks.__proto__'],
  ])('refuses %o at %s', (value, path) => {
    expectRefusal(() => parseForkSchedule(value), 'INVALID_FORK_SCHEDULE', path);
  });

  it('names the schedule as the caller does', () => {
    expectRefusal(() => parseForkSchedule({}, 'config.forks'), 'INVALID_FORK_SCHEDULE', 'config.forks.shanghaiTime');
  });
});
