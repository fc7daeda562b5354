import { defaultGroupId, normalizedValue } from '@lighthouse-compat/flag-provider';
import fc from 'fast-check';
import murmurhash3js from 'murmurhash3js';
import { describe, expect, test } from 'vitest';
import { randomOf, upTo } from '../support/random.js';
import { printedSeed } from '../support/seed.js';

const variantSeed = 86028157;
const unleashValue = (id: string, groupId: string, normalizer: number, seed: number): number =>
  (murmurhash3js.x86.hash32(`${groupId}:${id}`, seed) % normalizer) + 1;

const ascii = fc.string({ unit: 'binary-ascii', maxLength: 400 });
const unicode = fc.string({ unit: 'binary', maxLength: 400 });
const codeUnits = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 400 })
  .map((units) => String.fromCharCode(...units));
const blockHash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((b) => `0x${Buffer.from(b).toString('hex')}`);
const seeds = fc.constantFrom(0, variantSeed, 1, 0x7fffffff, 0xffffffff);
const normalizers = fc.constantFrom(1, 2, 100, 1000, 10_000);

describe('normalizedValue', () => {
  test.each([
    ['ASCII text', ascii],
    ['any Unicode text', unicode],
    ['any code units, lone surrogates included', codeUnits],
    ['block hashes', blockHash],
  ])('is the value of the hash in the Unleash client for %s', (_, text) => {
    fc.assert(
      fc.property(text, text, normalizers, seeds, (id, groupId, normalizer, seed) => {
        expect(normalizedValue(id, groupId, normalizer, seed)).toBe(unleashValue(id, groupId, normalizer, seed));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['', 'group', 8],
    ['', '', 0],
    ['🚀', 'lighthouse-compat', 0],
    ['日本語の鍵', 'グループ', 0],
    ['\ud800', 'lone high surrogate', 0],
    ['\udfff', 'lone low surrogate', 0],
    ['é'.repeat(500), 'longer than any buffer', 0],
  ])('agrees with Unleash on the id %j of the group %j', (id, groupId, seed) => {
    expect(normalizedValue(id, groupId, 100, seed)).toBe(unleashValue(id, groupId, 100, seed));
  });

  test('agrees at every length of group and id, whatever was hashed before', () => {
    const text = 'lighthouse-é-日本-🚀-'.repeat(20);
    const disagreements: string[] = [];
    for (let groupLength = 0; groupLength <= 40; groupLength += 8) {
      for (let idLength = 0; idLength <= 300; idLength++) {
        const [groupId, id] = [text.slice(0, groupLength), text.slice(1, 1 + idLength)];
        if (normalizedValue(id, groupId) !== unleashValue(id, groupId, 100, 0)) {
          disagreements.push(`${groupLength}:${idLength}`);
        }
        if (normalizedValue(groupId, id) !== unleashValue(groupId, id, 100, 0)) {
          disagreements.push(`${idLength}:${groupLength}`);
        }
      }
    }
    expect(disagreements).toEqual([]);
  });

  test('agrees with Unleash on a million ids, half of them beyond ASCII', () => {
    const random = randomOf(printedSeed('a million ids'));
    let disagreements = 0;
    for (let count = 0; count < 1_000_000; count++) {
      const highest = count % 2 === 0 ? 0x7f : 0xffff;
      let id = '';
      for (let pairs = upTo(random, 12); pairs > 0; pairs--) {
        const bits = random() * 2 ** 32;
        id += String.fromCharCode(bits & highest, (bits >>> 16) & highest);
      }
      if (normalizedValue(id, defaultGroupId) !== unleashValue(id, defaultGroupId, 100, 0)) disagreements++;
    }
    expect(disagreements).toBe(0);
  }, 60_000);

  test('takes 100 buckets and seed 0 unless told otherwise', () => {
    const id = '0xa5c3';
    expect(normalizedValue(id, defaultGroupId)).toBe(normalizedValue(id, defaultGroupId, 100, 0));
    expect(normalizedValue(id, defaultGroupId)).toBe(unleashValue(id, 'lighthouse-compat', 100, 0));
  });

  test('is always an integer from 1 to the normalizer', () => {
    fc.assert(
      fc.property(codeUnits, fc.integer({ min: 1, max: 1_000_000 }), (id, normalizer) => {
        const value = normalizedValue(id, defaultGroupId, normalizer);
        expect(Number.isInteger(value) && value >= 1 && value <= normalizer).toBe(true);
      }),
    );
  });

  test('fills every one of the 100 buckets about evenly', () => {
    const counts = new Array<number>(101).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const bucket = normalizedValue(`key-${i}`, defaultGroupId);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    expect(counts[0]).toBe(0);
    // The mean is 1000 and its deviation 31.5: six of them each way.
    expect(counts.slice(1).every((count) => count > 810 && count < 1190)).toBe(true);
  });
});
