import {
  beaconJson,
  ConversionError,
  checkExecutionPayload,
  checkForkchoiceState,
  checkHash32,
  checkPayloadAttributes,
  checkPayloadId,
  checkSignedBeaconBlock,
  checkVersionedHashes,
  engineJson,
  parseForkSchedule,
} from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import { afterEach, describe, expect, it, test } from 'vitest';
import { beaconNouns } from './beaconNouns.js';
import { signedDenebBeacon } from './beaconSamples.js';
import {
  attributesV3Json,
  capellaJson,
  denebJson,
  envelopeV2Json,
  envelopeV3Json,
  expectRefusal,
  parisJson,
  stateJson,
  updatedJson,
  validStatusJson,
  withdrawalJson,
} from './samples.js';

type Reader = { name: string; read: (value: unknown) => unknown; sample: () => object };

const deneb = () => engineJson.parseExecutionPayload(denebJson(), 'cancun');
const attributes = () => engineJson.parsePayloadAttributes(attributesV3Json(), 'cancun');

const strictReaders: Reader[] = [
  { name: 'parseExecutionPayload', read: (v) => engineJson.parseExecutionPayload(v, 'paris'), sample: parisJson },
  { name: 'parseExecutionPayload', read: (v) => engineJson.parseExecutionPayload(v, 'shanghai'), sample: capellaJson },
  { name: 'parseExecutionPayload', read: (v) => engineJson.parseExecutionPayload(v, 'cancun'), sample: denebJson },
  { name: 'parseWithdrawal', read: (v) => engineJson.parseWithdrawal(v), sample: withdrawalJson },
  { name: 'parseForkchoiceState', read: (v) => engineJson.parseForkchoiceState(v), sample: stateJson },
  {
    name: 'parsePayloadAttributes',
    read: (v) => engineJson.parsePayloadAttributes(v, 'cancun'),
    sample: attributesV3Json,
  },
  { name: 'checkExecutionPayload', read: (v) => checkExecutionPayload(v), sample: deneb },
  { name: 'checkForkchoiceState', read: (v) => checkForkchoiceState(v), sample: stateJson },
  { name: 'checkPayloadAttributes', read: (v) => checkPayloadAttributes(v), sample: attributes },
  {
    name: 'checkSignedBeaconBlock',
    read: (v) => checkSignedBeaconBlock(v),
    sample: () => beaconJson.parseSignedBeaconBlock(signedDenebBeacon(), 'cancun'),
  },
  ...beaconNouns.map(({ name, parse, sample }) => ({
    name: `the reader of ${name} in Beacon JSON`,
    read: parse,
    sample,
  })),
  { name: 'parseForkSchedule', read: (v) => parseForkSchedule(v), sample: () => ({ shanghaiTime: 1, cancunTime: 2n }) },
];

const answerReaders: Reader[] = [
  { name: 'parsePayloadStatus', read: (v) => engineJson.parsePayloadStatus(v), sample: validStatusJson },
  {
    name: 'parseForkchoiceUpdatedResult',
    read: (v) => engineJson.parseForkchoiceUpdatedResult(v),
    sample: updatedJson,
  },
  { name: 'parsePayloadEnvelope', read: (v) => engineJson.parsePayloadEnvelope(v, 'shanghai'), sample: envelopeV2Json },
  { name: 'parsePayloadEnvelope', read: (v) => engineJson.parsePayloadEnvelope(v, 'cancun'), sample: envelopeV3Json },
];

const readers = [...strictReaders, ...answerReaders];
const prototypeKeys = Object.getOwnPropertyNames(Object.prototype).sort();

afterEach(() => {
  // Whatever a test has read, nothing may have reached what every object inherits.
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(prototypeKeys);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

/** The document with one more key, as JSON.parse would give it, in which `__proto__` is a key like any other. */
function withKey(document: object, key: string, value: unknown): unknown {
  const copy = { ...document };
  Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

const names = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'toJSON', ''];

describe.each(strictReaders)('$name', ({ read, sample }) => {
  test.each(names)('refuses a field named "%s"', (name) => {
    const value = { polluted: true };
    const code = read === strictReaders.at(-1)?.read ? 'INVALID_FORK_SCHEDULE' : 'UNKNOWN_FIELD';
    let error: unknown;
    try {
      read(withKey(sample(), name, value));
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: 'ConversionError', code });
    expect((error as ConversionError).path.endsWith(`.${name}`)).toBe(true);
  });
});

describe.each(answerReaders)('$name', ({ read, sample }) => {
  test.each(names)('ignores a field named "%s" and gives a plain object', (name) => {
    const result = read(withKey(sample(), name, { polluted: true })) as Record<string, unknown>;
    expect(result).toEqual(read(sample()));
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(Object.hasOwn(result, name)).toBe(false);
    expect(result['polluted']).toBeUndefined();
  });
});

/** Reads, and lets nothing but a ConversionError through. */
function readsOrRefuses(read: (value: unknown) => unknown, value: unknown): void {
  try {
    read(value);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    expect(error.path).not.toBe('');
  }
}

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    withBoxedValues: true,
    withObjectString: true,
  }),
  fc.constantFrom<unknown>(
    null,
    undefined,
    '',
    '0x',
    '0x0',
    '0x00',
    -0,
    Number.NaN,
    0n,
    -1n,
    2n ** 300n,
    true,
    Symbol('s'),
    () => 1,
  ),
);

/** Every place in a document, as the keys that lead to it. */
function placesIn(value: unknown, place: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...place, key]))];
}

function replaced(document: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const copy = (Array.isArray(document) ? [...document] : { ...(document as object) }) as Record<string, unknown>;
  copy[key] = replaced(copy[key], rest, value);
  return copy;
}

describe.each([
  ...readers,
  { name: 'checkHash32', read: (v: unknown) => checkHash32(v, 'hash'), sample: () => [] },
  { name: 'checkPayloadId', read: (v: unknown) => checkPayloadId(v, 'id'), sample: () => [] },
  { name: 'checkVersionedHashes', read: (v: unknown) => checkVersionedHashes(v, 'hashes'), sample: () => ['0x'] },
])('$name, given anything at all,', ({ read, sample }) => {
  it('answers with a ConversionError or a value', () => {
    fc.assert(
      fc.property(anything, (value) => readsOrRefuses(read, value)),
      { numRuns: 200 },
    );
  });

  it('does so too when it stands anywhere in a good document', () => {
    const places = placesIn(sample());
    fc.assert(
      fc.property(fc.constantFrom(...places), anything, (place, value) =>
        readsOrRefuses(read, replaced(sample(), place, value)),
      ),
      { numRuns: 200 },
    );
  });

  it('does so too when it stands under any further name', () => {
    fc.assert(
      fc.property(fc.string(), anything, (name, value) => readsOrRefuses(read, withKey(sample(), name, value))),
      { numRuns: 50 },
    );
  });
});

describe('an object that throws when it is read', () => {
  const trap = (): never => {
    throw new Error('trap');
  };

  it('is refused at the field or the item that threw', () => {
    const payload = Object.defineProperty({ ...parisJson() }, 'gasUsed', { get: trap, enumerable: true });
    expectRefusal(() => engineJson.parseExecutionPayload(payload, 'paris'), 'INVALID_TYPE', 'executionPayload.gasUsed');
    const transactions = Object.defineProperty(['0xc0'], 1, { get: trap, enumerable: true });
    expectRefusal(
      () => engineJson.parseExecutionPayload({ ...parisJson(), transactions }, 'paris'),
      'INVALID_TYPE',
      'executionPayload.transactions[1]',
    );
  });
});

describe('a large document', () => {
  it('is read or refused without the work growing with the square of its size', () => {
    const keys = Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`key${i}`, null]));
    expect(engineJson.parsePayloadStatus({ ...keys, ...validStatusJson() }).status).toBe('VALID');
    const digits = `0x${'f'.repeat(4_000_000)}`;
    expectRefusal(
      () => engineJson.parseWithdrawal({ ...withdrawalJson(), amount: digits }),
      'OUT_OF_RANGE',
      'withdrawal.amount',
    );
    expectRefusal(() => checkHash32(digits, 'hash'), 'INVALID_LENGTH', 'hash');
    const holes: unknown[] = [];
    holes.length = 2 ** 32 - 1;
    expectRefusal(() => checkVersionedHashes(holes, 'hashes'), 'INVALID_TYPE', 'hashes[0]');
  });
});
