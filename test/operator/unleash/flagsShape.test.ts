import type { SettableTarget } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type FlagsShape,
  isSameShape,
  shapeOf,
  targetOfShape,
} from '../../../packages/operator/src/unleash/flagsShape.js';
import { afterWrite, nextWrite, reachable } from '../../../packages/operator/src/unleash/flagWrites.js';

const modes = ['v4_only', 'v5_only', 'parallel', 'v4_primary', 'v5_primary'] as const;
const anyShape: fc.Arbitrary<FlagsShape> = fc.record({
  lighthouse_parallel_mode: fc.record({ enabled: fc.boolean() }),
  lighthouse_v5_primary: fc.record({ enabled: fc.boolean(), percent: fc.integer({ min: 0, max: 100 }) }),
  lighthouse_migration_mode: fc.record({ enabled: fc.boolean(), mode: fc.constantFrom(...modes) }),
});
const anyTarget: fc.Arbitrary<SettableTarget> = fc.oneof(
  fc.constantFrom<SettableTarget>({ kind: 'v4_only' }, { kind: 'parallel' }, { kind: 'v5_only' }),
  fc.integer({ min: 0, max: 100 }).map((percent) => ({ kind: 'canary', percent }) as const),
);

/** The share of keys that v5 answers, by the precedence of the flags; the rest is left to v4. */
function shareOf({ lighthouse_parallel_mode, lighthouse_v5_primary, lighthouse_migration_mode }: FlagsShape): number {
  if (lighthouse_parallel_mode.enabled) return 0;
  const { enabled, mode } = lighthouse_migration_mode;
  const rest = enabled && (mode === 'v5_only' || mode === 'v5_primary') ? 100 : 0;
  return lighthouse_v5_primary.enabled ? Math.max(lighthouse_v5_primary.percent, rest) : rest;
}

function way(from: FlagsShape, to: FlagsShape): readonly FlagsShape[] {
  const shapes = [from];
  let at = from;
  for (let write = nextWrite(at, to); write !== null; write = nextWrite(at, to)) {
    if (shapes.length > 10) throw new Error('it does not end');
    at = afterWrite(at, write);
    shapes.push(at);
  }
  return shapes;
}

test('what the flags are set to for a target is told back as that target, and nothing else is one', () => {
  fc.assert(
    fc.property(anyTarget, anyShape, (target, shape) => {
      expect(targetOfShape(shapeOf(target))).toEqual(target);
      const found = targetOfShape(shape);
      if (found !== null) expect(shapeOf(found)).toEqual(shape);
    }),
  );
});

test('from wherever the flags are the way to a target ends there, in at most six writes, each of which changes something', () => {
  fc.assert(
    fc.property(anyShape, anyTarget, (from, target) => {
      const shapes = way(from, shapeOf(target));
      expect(shapes.at(-1)).toEqual(shapeOf(target));
      expect(shapes.length).toBeLessThanOrEqual(7);
      for (const [at, shape] of shapes.slice(1).entries())
        expect(isSameShape(shape, shapes[at] as FlagsShape)).toBe(false);
    }),
  );
});

test('on no way between two targets v5 answers more than at both of its ends, and on the way up nothing is taken from it', () => {
  fc.assert(
    fc.property(anyTarget, anyTarget, (one, two) => {
      const shares = way(shapeOf(one), shapeOf(two)).map(shareOf);
      const [from, to] = [shares[0] as number, shares.at(-1) as number];
      expect(Math.max(...shares)).toBeLessThanOrEqual(Math.max(from, to));
      // From v5 alone there is no way on: what leads back from there goes by v4 first.
      if (to >= from && one.kind !== 'v5_only') expect(Math.min(...shares)).toBeGreaterThanOrEqual(from);
    }),
  );
});

test('a canary clears the parallel mode before it sets a share, and finalizing takes the share off after the mode is on', () => {
  const told = (from: SettableTarget, to: SettableTarget) => {
    const writes = [];
    let at = shapeOf(from);
    for (let write = nextWrite(at, shapeOf(to)); write !== null; write = nextWrite(at, shapeOf(to))) {
      writes.push(Object.values(write).join(' '));
      at = afterWrite(at, write);
    }
    return writes;
  };
  expect(told({ kind: 'parallel' }, { kind: 'canary', percent: 5 })).toEqual([
    'switch lighthouse_parallel_mode off',
    'percent lighthouse_v5_primary 5',
    'switch lighthouse_v5_primary on',
  ]);
  expect(told({ kind: 'canary', percent: 5 }, { kind: 'canary', percent: 10 })).toEqual([
    'percent lighthouse_v5_primary 10',
  ]);
  expect(told({ kind: 'canary', percent: 100 }, { kind: 'v5_only' })).toEqual([
    'mode lighthouse_migration_mode v5_only',
    'switch lighthouse_migration_mode on',
    'switch lighthouse_v5_primary off',
  ]);
  expect(told({ kind: 'canary', percent: 25 }, { kind: 'v4_only' })).toEqual([
    'switch lighthouse_v5_primary off',
    'percent lighthouse_v5_primary 0',
  ]);
});

test('what an ended process may have left is what lies on its ways, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(anyTarget, { minLength: 1, maxLength: 4 }), anyShape, (targets, foreign) => {
      const shapes = reachable([shapeOf({ kind: 'v4_only' })], targets);
      // Ended anywhere, and gone on from there towards the next.
      let ends: readonly FlagsShape[] = [shapeOf({ kind: 'v4_only' })];
      for (const target of targets) ends = ends.flatMap((end) => way(end, shapeOf(target)));
      for (const end of ends) expect(shapes.some((shape) => isSameShape(shape, end))).toBe(true);
      if (!ends.some((end) => isSameShape(end, foreign)))
        expect(shapes.some((shape) => isSameShape(shape, foreign))).toBe(false);
    }),
  );
});
