import {
  computeBlockHash,
  type Data,
  type ExecutionPayload,
  transactionsRoot,
  verifyBlockHash,
  withdrawalsRoot,
} from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { arbitraryHashablePayload, ethereumjsBlockHash, type HashablePayload } from '../support/realPayloads.js';
import { printedSeed } from '../support/seed.js';
import { errorOf, expectRefusal, hashOf } from './samples.js';

const seed = printedSeed('block hashes');

const hashOfPayload = ({ payload, parentBeaconBlockRoot }: HashablePayload): Data =>
  computeBlockHash(payload, { parentBeaconBlockRoot });

const withOwnHash = (hashable: HashablePayload): HashablePayload => ({
  ...hashable,
  payload: { ...hashable.payload, blockHash: hashOfPayload(hashable) },
});

const verdict = ({ payload, parentBeaconBlockRoot }: HashablePayload): string => {
  try {
    verifyBlockHash(payload, { parentBeaconBlockRoot });
    return 'right';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const small = arbitraryHashablePayload({ minTransactions: 0, maxTransactions: 16 });

describe('computeBlockHash', () => {
  it.each([
    ['1,000 payloads of up to 16 transactions', 1_000, small],
    [
      '20 payloads of up to 300 transactions',
      20,
      arbitraryHashablePayload({ minTransactions: 17, maxTransactions: 300 }),
    ],
  ])(
    'gives the hash that @ethereumjs/block gives: %s',
    async (_, numRuns, arbitrary) => {
      await fc.assert(
        fc.asyncProperty(arbitrary, async (hashable) => {
          const own = withOwnHash(hashable);
          expect(await ethereumjsBlockHash(own)).toBe(own.payload.blockHash);
          verifyBlockHash(own.payload, { parentBeaconBlockRoot: own.parentBeaconBlockRoot, fork: own.fork });
        }),
        // A long list shrinks for minutes.
        { numRuns, seed, endOnFailure: numRuns < 1_000 },
      );
    },
    60_000,
  );
});

/** Another value of the same type and length that differs in one place, which `at` chooses. */
function changed(value: unknown, at: number): unknown {
  if (typeof value === 'bigint') return value === 0n ? 1n : value ^ 1n;
  if (typeof value === 'string') {
    if (value.length === 2) return '0x00';
    const place = 2 + (at % (value.length - 2));
    const digit = Number.parseInt(value.charAt(place), 16) ^ (1 + (at % 15));
    return value.slice(0, place) + digit.toString(16) + value.slice(place + 1);
  }
  if (Array.isArray(value)) {
    return value.length === 0 ? value : value.with(at % value.length, changed(value[at % value.length], at));
  }
  const fields = Object.keys(value as object);
  const field = fields[at % fields.length] as string;
  return { ...(value as object), [field]: changed((value as Record<string, unknown>)[field], at) };
}

describe('verifyBlockHash', () => {
  it('sees a change of any one field, of one hex digit, of one item more or fewer', () => {
    fc.assert(
      fc.property(small, fc.nat(), fc.nat(), (hashable, which, at) => {
        const own = withOwnHash(hashable);
        expect(verdict(own)).toBe('right');
        const root = changed(own.parentBeaconBlockRoot ?? hashOf('00'), at) as Data;
        if (own.parentBeaconBlockRoot !== undefined) {
          expect(verdict({ ...own, parentBeaconBlockRoot: root })).toBe('BLOCK_HASH_MISMATCH');
        }
        const fields = Object.keys(own.payload) as (keyof ExecutionPayload)[];
        // One field a run in turn would see each some sixty times; each is seen in every run.
        for (const field of fields) {
          const value = own.payload[field];
          const other = { ...own, payload: { ...own.payload, [field]: changed(value, at) } as ExecutionPayload };
          const isEmptyList = Array.isArray(value) && value.length === 0;
          const expected = isEmptyList ? ['right'] : ['BLOCK_HASH_MISMATCH', 'UNSUPPORTED_FORK'];
          expect(expected, field).toContain(verdict(other));
          if (!Array.isArray(value) || value.length === 0) continue;
          const longer = [...value, value[which % value.length]];
          const shorter = value.toSpliced(which % value.length, 1);
          for (const list of [longer, shorter]) {
            const payload = { ...own.payload, [field]: list } as ExecutionPayload;
            expect(verdict({ ...own, payload }), field).toBe('BLOCK_HASH_MISMATCH');
          }
        }
      }),
      { numRuns: 1_000, seed },
    );
  }, 60_000);

  it('sees two transactions that have changed places', () => {
    const pair = arbitraryHashablePayload({ minTransactions: 2, maxTransactions: 16 });
    fc.assert(
      fc.property(pair, (hashable) => {
        const own = withOwnHash(hashable);
        const [first, second, ...others] = own.payload.transactions as [Data, Data, ...Data[]];
        fc.pre(first !== second);
        const payload = { ...own.payload, transactions: [second, first, ...others] };
        expect(verdict({ ...own, payload })).toBe('BLOCK_HASH_MISMATCH');
      }),
      { seed },
    );
  });

  it('takes the hash in either case, and says which one it should be', () => {
    const own = withOwnHash(fc.sample(small, { numRuns: 1, seed })[0] as HashablePayload);
    const { blockHash } = own.payload;
    const upper = `0x${blockHash.slice(2).toUpperCase()}` as const;
    expect(verdict({ ...own, payload: { ...own.payload, blockHash: upper } })).toBe('right');
    const payload = { ...own.payload, blockHash: hashOf('00') };
    const { parentBeaconBlockRoot } = own;
    const act = (): void => verifyBlockHash(payload, { parentBeaconBlockRoot, path: 'payload' });
    expectRefusal(act, 'BLOCK_HASH_MISMATCH', 'payload.blockHash');
    expect(errorOf(act).value).toBe(blockHash);
  });
});

describe('what a block hash is not computed of', () => {
  const only = (wanted: string): HashablePayload =>
    fc.sample(
      small.filter(({ fork }) => fork === wanted),
      { numRuns: 1, seed: 1 },
    )[0] as HashablePayload;
  const cancun = only('cancun');
  const shanghai = only('shanghai');
  const root = hashOf('0d');
  const of = (hashable: HashablePayload, changes: object): ExecutionPayload =>
    ({ ...hashable.payload, ...changes }) as ExecutionPayload;
  const options = { parentBeaconBlockRoot: root };

  test.each([computeBlockHash, verifyBlockHash])('Prague, by its name or by a transaction of type 4', (act) => {
    expectRefusal(() => act(cancun.payload, { ...options, fork: 'prague' }), 'UNSUPPORTED_FORK', 'executionPayload');
    expect(errorOf(() => act(cancun.payload, { ...options, fork: 'prague' })).message).toContain('requestsHash');
    const transactions = ['0x02aa', '0x04aa'];
    const path = 'executionPayload.transactions[1]';
    expectRefusal(() => act(of(cancun, { transactions }), options), 'UNSUPPORTED_FORK', path);
  });

  it('a fork that there is not', () => {
    const act = () => computeBlockHash(cancun.payload, { ...options, fork: 'osaka' as never });
    expectRefusal(act, 'UNSUPPORTED_FORK', 'executionPayload');
  });

  it('a Deneb payload without the root, which is never taken for zero', () => {
    for (const parentBeaconBlockRoot of [undefined, null]) {
      expectRefusal(
        () => computeBlockHash(cancun.payload, { parentBeaconBlockRoot }),
        'MISSING_FIELD',
        'parentBeaconBlockRoot',
      );
    }
    expect(computeBlockHash(shanghai.payload, { parentBeaconBlockRoot: null })).toBe(hashOfPayload(shanghai));
  });

  it('an older payload with the root', () => {
    expectRefusal(() => computeBlockHash(shanghai.payload, options), 'UNKNOWN_FIELD', 'parentBeaconBlockRoot');
  });

  it('a payload of another fork than is said', () => {
    const path = 'executionPayload.withdrawals';
    expectRefusal(() => computeBlockHash(shanghai.payload, { fork: 'paris' }), 'UNKNOWN_FIELD', path);
  });

  test.each([
    [
      'a root that is no hash',
      cancun.payload,
      { parentBeaconBlockRoot: '0x00' as const },
      'INVALID_LENGTH',
      'parentBeaconBlockRoot',
    ],
    [
      'a transaction that is no hex',
      of(cancun, { transactions: ['0x0g'] }),
      options,
      'INVALID_DATA',
      'executionPayload.transactions[0]',
    ],
    [
      'an empty transaction',
      of(cancun, { transactions: ['0x'] }),
      options,
      'INVALID_LENGTH',
      'executionPayload.transactions[0]',
    ],
    ['a number', of(cancun, { gasUsed: 1 }), options, 'INVALID_TYPE', 'executionPayload.gasUsed'],
    ['an unknown field', of(cancun, { requestsHash: root }), options, 'UNKNOWN_FIELD', 'executionPayload.requestsHash'],
    ['nothing', undefined, options, 'INVALID_TYPE', 'executionPayload'],
  ] as const)('%s', (_, payload, given, code, path) => {
    expectRefusal(() => computeBlockHash(payload as ExecutionPayload, given), code, path);
    expectRefusal(() => verifyBlockHash(payload as ExecutionPayload, given), code, path);
  });
});

describe('transactionsRoot and withdrawalsRoot', () => {
  const emptyRoot = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';

  it('give the root of the empty trie for nothing', () => {
    expect(transactionsRoot([])).toBe(emptyRoot);
    expect(withdrawalsRoot([])).toBe(emptyRoot);
  });

  it('take as many withdrawals as an engine may give, of any size', () => {
    const max = 2n ** 64n - 1n;
    const largest = { index: max, validatorIndex: max, address: `0x${'ff'.repeat(20)}`, amount: max } as const;
    expect(withdrawalsRoot(new Array(150_000).fill(largest))).toMatch(/^0x[0-9a-f]{64}$/);
  }, 60_000);

  it('refuse what is malformed, at its path', () => {
    expectRefusal(
      () => transactionsRoot(['0x00', '0x'], 'payload.transactions'),
      'INVALID_LENGTH',
      'payload.transactions[1]',
    );
    expectRefusal(() => withdrawalsRoot([{} as never]), 'MISSING_FIELD', 'withdrawals[0].index');
  });
});
