import { ConversionError, type ConversionErrorCode } from '@lighthouse-compat/conversions';
import { describe, expect, it } from 'vitest';
import { mutated } from '../support/jsonMutator.js';
import { oneFrom, type Random, randomOf, upTo } from '../support/random.js';
import { printedSeed } from '../support/seed.js';
import { beaconNouns } from './beaconNouns.js';
import { engineNouns, type Noun } from './engineNouns.js';

// pnpm fuzz runs this file for longer.

const nouns = [
  ...engineNouns.map((noun) => ({ ...noun, encoding: 'Engine API' })),
  ...beaconNouns.map((noun) => ({ ...noun, encoding: 'Beacon API' })),
];
const runs = Number(process.env['FUZZ_RUNS'] ?? 5000);
/** How long each noun may take; without it the number of runs decides. */
const millisecondsEach = (Number(process.env['FUZZ_MINUTES'] ?? 0) * 60_000) / nouns.length;
const timeoutMs = millisecondsEach > 0 ? millisecondsEach * 2 + 60_000 : 60_000 + runs * 20;
/** Far over what the largest of these documents takes on a busy machine, and far under a hang. */
const MAX_MILLISECONDS_A_DOCUMENT = 5000;

const seed = printedSeed(`fuzz, ${millisecondsEach > 0 ? `${millisecondsEach} ms` : `${runs} documents`} a noun`);

const CODES: ReadonlySet<string> = new Set([
  'MISSING_FIELD',
  'UNKNOWN_FIELD',
  'INVALID_TYPE',
  'INVALID_DATA',
  'INVALID_LENGTH',
  'INVALID_QUANTITY',
  'INVALID_DECIMAL',
  'OUT_OF_RANGE',
  'INVALID_ENUM',
] satisfies ConversionErrorCode[]);

const prototypeKeys = Object.getOwnPropertyNames(Object.prototype).sort().join();

describe.each(nouns)('$name in $encoding JSON, spoilt,', (noun) => {
  it(
    'is read without loss or refused with a typed error, and leaves nothing behind',
    () => {
      const random = randomOf(seed);
      const beganMs = performance.now();
      let accepted = 0;
      let count = 0;
      while (millisecondsEach > 0 ? performance.now() - beganMs < millisecondsEach : count < runs) {
        count++;
        const document = random() < 0.05 ? spoiltText(noun.sample(), random) : mutated(noun.sample(), random);
        const atMs = performance.now();
        if (reads(noun, document, `document ${count}`)) accepted++;
        if (performance.now() - atMs > MAX_MILLISECONDS_A_DOCUMENT) expect.fail(`document ${count} took too long`);
        if (count % 500 === 0) expectNoPollution();
      }
      expectNoPollution();
      // A mutator that spoilt every document, or none, would prove nothing.
      expect(accepted).toBeGreaterThan(0);
      expect(accepted).toBeLessThan(count);
    },
    timeoutMs,
  );
});

/** Tells whether a document is read, and proves what was read or how it was refused. */
function reads(noun: Noun & { encoding: string }, document: unknown, which: string): boolean {
  const { parse, serialize, isAnswer = false } = noun;
  const nullIsAbsent = noun.encoding === 'Engine API';
  let value: unknown;
  try {
    value = parse(document);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw new Error(`${which}: ${String(error)}`, { cause: error });
    const isTyped = CODES.has(error.code) && error.path !== '' && error.message.length < 1000;
    if (!isTyped) expect.fail(`${which}: ${error.code} at "${error.path}", ${error.message.length} characters`);
    return false;
  }
  const written = JSON.stringify(serialize(value));
  const again = JSON.stringify(serialize(parse(JSON.parse(written))));
  if (again !== written) expect.fail(`${which} is not read as it was written: ${written.slice(0, 2000)}`);
  // What was accepted is all that the document says; in answers fields are ignored by intent.
  if (!isAnswer && normal(JSON.parse(written), nullIsAbsent) !== normal(document, nullIsAbsent))
    expect.fail(`${which}: something was lost`);
  return true;
}

/** A document as text in which neither the order of keys nor hex case matters, nor an absent field written as null. */
function normal(document: unknown, nullIsAbsent: boolean): string {
  const sorted = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).filter(([, field]) => field !== null || !nullIsAbsent);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return JSON.stringify(document, sorted).toLowerCase();
}

/** The document after its text was changed in one place, or as it was if that left no JSON. */
function spoiltText(document: object, random: Random): unknown {
  const text = JSON.stringify(document);
  const at = upTo(random, text.length);
  try {
    return JSON.parse(text.slice(0, at) + oneFrom(random, [...'{}[]",:0x1 ']) + text.slice(at + upTo(random, 2)));
  } catch {
    return document;
  }
}

function expectNoPollution(): void {
  expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(prototypeKeys);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
}

describe('the time that a document takes', () => {
  const signed = nouns.find(({ name }) => name === 'a signed Deneb block') as Noun;
  const payload = nouns.find(({ name }) => name === 'a Deneb payload') as Noun;
  const status = nouns.find(({ name }) => name === 'a payload status') as Noun;
  const hex = (digits: number) => `0x${'ab'.repeat(digits / 2)}`;

  const growing: [string, Noun, number, (size: number) => object][] = [
    ['transactions', payload, 20_000, (size) => ({ transactions: new Array(size).fill('0x02c0') })],
    ['digits of a transaction', payload, 4_000_000, (size) => ({ transactions: [hex(size)] })],
    ['digits of a field', payload, 4_000_000, (size) => ({ gasUsed: `0x${'1'.repeat(size)}` })],
    ['unknown fields that are absent', status, 20_000, (size) => namesOf(size, null)],
    ['unknown fields that are ignored', status, 20_000, (size) => namesOf(size, 1)],
    ['an unknown name', payload, 4_000_000, (size) => ({ ['x'.repeat(size)]: 1 })],
    ['decimal digits', signed, 4_000_000, (size) => ({ message: { slot: '1'.repeat(size) } })],
    ['nested lists', signed, 2_000, (size) => ({ message: nested(size) })],
  ];

  it.each(growing)('does not grow with the square of its %s', (_, { parse, sample }, size, changes) => {
    const timeOf = (scale: number): number => {
      const document = { ...sample(), ...changes(size * scale) };
      let bestMs = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 5; round++) {
        const atMs = performance.now();
        try {
          parse(document);
        } catch (error) {
          expect(error).toBeInstanceOf(ConversionError);
        }
        bestMs = Math.min(bestMs, performance.now() - atMs);
      }
      return bestMs;
    };
    const smallMs = timeOf(1);
    // Four times the size is four times the work, sixteen times if it grew with the square; the rest is for the clock.
    expect(timeOf(4)).toBeLessThan(smallMs * 10 + 2);
  });

  function namesOf(count: number, value: unknown): object {
    return Object.fromEntries(Array.from({ length: count }, (_, i) => [`key${i}`, value]));
  }

  function nested(depth: number): unknown {
    let value: unknown = [];
    for (let i = 0; i < depth; i++) value = [value];
    return value;
  }
});
