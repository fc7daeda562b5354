import { createHash } from 'node:crypto';
import {
  ConversionError,
  type ExecutionPayload,
  type ForkchoiceUpdatedResult,
  type Hash32,
  type PayloadEnvelope,
  type PayloadStatus,
  type Withdrawal,
} from '@lighthouse-compat/conversions';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { ComparedArm } from '../../packages/sdk/src/comparison/compareArms.js';
import { compareForkchoiceUpdated } from '../../packages/sdk/src/comparison/forkchoiceUpdated.js';
import { compareGetPayload } from '../../packages/sdk/src/comparison/getPayload.js';
import { compareNewPayload } from '../../packages/sdk/src/comparison/newPayload.js';
import type { Comparison, Verdict } from '../../packages/sdk/src/comparison/verdict.js';
import { CompatError, type CompatErrorCode } from '../../packages/sdk/src/errors.js';
import {
  arbitraryExecutionPayload,
  arbitraryForkchoiceUpdatedResult,
  arbitraryHash32,
  arbitraryPayloadEnvelopeV1,
  arbitraryPayloadEnvelopeV2,
  arbitraryPayloadEnvelopeV3,
  arbitraryPayloadStatus,
  arbitraryWithdrawal,
} from '../support/arbitraries.js';
import { capellaPayload, hash, parisPayload } from '../support/samples.js';

const answered = <T>(value: T): ComparedArm<T> => ({ kind: 'answered', value });
const failed = (error: unknown): ComparedArm<never> => ({ kind: 'failed', error });
const failedWith = (code: CompatErrorCode): ComparedArm<never> => failed(new CompatError(code, `as ${code} reads`));

const valid: PayloadStatus = { status: 'VALID', latestValidHash: hash(7) };
const invalid: PayloadStatus = { status: 'INVALID', latestValidHash: hash(6), validationError: 'bad state root' };
const statuses = {
  VALID: valid,
  INVALID: invalid,
  INVALID_BLOCK_HASH: { status: 'INVALID_BLOCK_HASH', latestValidHash: null, validationError: 'bad hash' },
  SYNCING: { status: 'SYNCING', latestValidHash: null },
  ACCEPTED: { status: 'ACCEPTED', latestValidHash: null },
} as const satisfies Record<PayloadStatus['status'], PayloadStatus>;

type Outcome = keyof typeof statuses | keyof typeof unanswered;

const unanswered = {
  foreign: failedWith('FOREIGN_LATEST_VALID_HASH'),
  timeout: failedWith('TIMEOUT'),
  '-32602': failedWith('INVALID_PARAMS'),
  '-38005': failedWith('ENGINE_UNSUPPORTED_FORK'),
  bug: failed(new TypeError('not a function')),
  dropped: { kind: 'dropped' },
  unsupported: { kind: 'unsupported' },
} as const satisfies Record<string, ComparedArm<never>>;

const verdictByMark = {
  '=': 'match',
  p: 'pending',
  c: 'critical',
  4: 'v4_error',
  5: 'v5_error',
  b: 'both_errors',
  u: 'unsupported',
  n: 'not_compared',
} as const satisfies Record<string, Verdict>;

// v4 down, v5 across. `mismatch` needs two values of one status and has its own tests.
const columns: readonly Outcome[] = [
  'VALID',
  'INVALID',
  'INVALID_BLOCK_HASH',
  'SYNCING',
  'ACCEPTED',
  'foreign',
  'timeout',
  '-32602',
  '-38005',
  'bug',
  'dropped',
  'unsupported',
];
const rows: Readonly<Record<Outcome, string>> = {
  VALID: /*             */ '= c c p p c 5 5 5 5 n u',
  INVALID: /*           */ 'c = = p p c 5 5 5 5 n u',
  INVALID_BLOCK_HASH: /**/ 'c = = p p c 5 5 5 5 n u',
  SYNCING: /*           */ 'p p p p p 5 5 5 5 5 n u',
  ACCEPTED: /*          */ 'p p p p p 5 5 5 5 5 n u',
  foreign: /*           */ 'c c c 4 4 b b b b b n u',
  timeout: /*           */ '4 4 4 4 4 b b b b b n u',
  '-32602': /*          */ '4 4 4 4 4 b b b = b n u',
  '-38005': /*          */ '4 4 4 4 4 b b = b b n u',
  bug: /*               */ '4 4 4 4 4 b b b b b n u',
  dropped: /*           */ 'n n n n n n n n n n n n',
  unsupported: /*       */ 'u u u u u u u u u u n u',
};

const table = (Object.entries(rows) as [Outcome, string][]).flatMap(([v4, marks]) =>
  marks.split(' ').map((mark, index) => ({
    v4,
    v5: columns[index] as Outcome,
    verdict: verdictByMark[mark as keyof typeof verdictByMark],
  })),
);

function armOf<T>(outcome: Outcome, toAnswer: (status: PayloadStatus) => T): ComparedArm<T> {
  return outcome in statuses
    ? answered(toAnswer(statuses[outcome as keyof typeof statuses]))
    : unanswered[outcome as keyof typeof unanswered];
}

const noId = (payloadStatus: PayloadStatus): ForkchoiceUpdatedResult => ({ payloadStatus, payloadId: null });

test('the table has every pair of outcomes', () => {
  expect(table).toHaveLength(columns.length ** 2);
  expect(new Set(table.map(({ v4, v5 }) => `${v4}/${v5}`)).size).toBe(columns.length ** 2);
  expect(table.every(({ verdict }) => verdict !== undefined)).toBe(true);
});

test.each(table)('v4 $v4 and v5 $v5 is $verdict', ({ v4, v5, verdict }) => {
  const status = (answer: PayloadStatus) => answer;
  const comparisons = [
    compareNewPayload(armOf(v4, status), armOf(v5, status)),
    compareForkchoiceUpdated(armOf(v4, noId), armOf(v5, noId), { comparePayloadIds: false }),
    compareForkchoiceUpdated(armOf(v4, noId), armOf(v5, noId), { comparePayloadIds: true }),
  ];
  expect(comparisons.map((comparison) => comparison.verdict)).toEqual([verdict, verdict, verdict]);
});

// An answer of get_payload says nothing of a block's validity: any status of the table stands for one payload.
const judgesNothing = table.flatMap(({ v4, v5, verdict }) => {
  const isAnswer = (outcome: Outcome): boolean => outcome in statuses;
  if (isAnswer(v4) && isAnswer(v5)) return [];
  const own = verdict === 'critical' ? (isAnswer(v4) ? 'v5_error' : 'v4_error') : verdict;
  return [{ v4, v5, verdict: own }];
});

test.each(judgesNothing)('get_payload: v4 $v4 and v5 $v5 is $verdict', ({ v4, v5, verdict }) => {
  const envelope = (): PayloadEnvelope => ({ executionPayload: capellaPayload(3), blockValueWei: 1n });
  expect(compareGetPayload(armOf(v4, envelope), armOf(v5, envelope)).verdict).toBe(verdict);
});

describe('payloadStatus', () => {
  const invalidAt = (latestValidHash: Hash32 | null, validationError: string | null = null): PayloadStatus => ({
    status: 'INVALID',
    latestValidHash,
    validationError,
  });
  const zero = hash(0);

  test.each<[string, PayloadStatus, PayloadStatus, Verdict]>([
    ['INVALID with two texts', invalidAt(hash(1), 'gas'), invalidAt(hash(1), 'root'), 'match'],
    ['INVALID with a text and none', invalidAt(hash(1), 'gas'), invalidAt(hash(1)), 'match'],
    ['INVALID with two null hashes', invalidAt(null), invalidAt(null), 'match'],
    ['INVALID_BLOCK_HASH and INVALID with null', statuses.INVALID_BLOCK_HASH, invalidAt(null), 'match'],
    ['INVALID with a hash and with null, which says unknown', invalidAt(hash(1)), invalidAt(null), 'match'],
    ['INVALID with the zero hash and with null', invalidAt(zero), invalidAt(null), 'match'],
    ['INVALID with the zero hash and with another', invalidAt(zero), invalidAt(hash(1)), 'mismatch'],
    ['INVALID with two hashes', invalidAt(hash(1)), invalidAt(hash(2)), 'mismatch'],
    ['INVALID with one hash in two cases', invalidAt(hash(0xab)), invalidAt(upper(hash(0xab))), 'match'],
    ['VALID for two hashes, one of which is foreign', valid, { status: 'VALID', latestValidHash: hash(8) }, 'critical'],
  ])('%s', (_what, v4, v5, verdict) => {
    expect(compareNewPayload(answered(v4), answered(v5)).verdict).toBe(verdict);
    expect(compareNewPayload(answered(v5), answered(v4)).verdict).toBe(verdict);
  });

  it('takes an absent latestValidHash for null', () => {
    const absent = { status: 'INVALID' } as unknown as PayloadStatus;
    expect(compareNewPayload(answered(absent), answered(invalidAt(null))).verdict).toBe('match');
  });

  it('names both hashes where they differ', () => {
    expect(compareNewPayload(answered(invalidAt(hash(1))), answered(invalidAt(hash(2))))).toEqual({
      verdict: 'mismatch',
      differences: [{ path: 'payloadStatus.latestValidHash', v4: hash(1), v5: hash(2) }],
    });
  });

  it('names both statuses where one engine calls the block valid', () => {
    expect(compareNewPayload(answered(valid), answered(statuses.INVALID_BLOCK_HASH))).toEqual({
      verdict: 'critical',
      differences: [{ path: 'payloadStatus.status', v4: 'VALID', v5: 'INVALID_BLOCK_HASH' }],
    });
  });

  it('names the arm that was VALID for a foreign hash', () => {
    const code = 'FOREIGN_LATEST_VALID_HASH';
    const path = 'payloadStatus.status';
    expect(compareNewPayload(failedWith(code), answered(invalid)).differences).toEqual([
      { path, v4: code, v5: 'INVALID' },
    ]);
    expect(compareNewPayload(answered(valid), failedWith(code)).differences).toEqual([{ path, v4: 'VALID', v5: code }]);
  });
});

describe('errors', () => {
  const bothFailed = (v4: unknown, v5: unknown): Comparison => compareNewPayload(failed(v4), failed(v5));

  it('agree when their codes do, whatever their messages', () => {
    const errors = [new CompatError('TIMEOUT', 'after 8 s'), new CompatError('TIMEOUT', 'after 16 s')];
    expect(bothFailed(errors[0], errors[1])).toEqual({ verdict: 'both_errors', differences: [] });
  });

  test.each<[string, unknown, string]>([
    ['a ConversionError by its code', new ConversionError('MISSING_FIELD', 'payloadStatus', 'x'), 'MISSING_FIELD'],
    ['another error as INTERNAL', Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'INTERNAL'],
    ['what is no error as INTERNAL', 'TIMEOUT', 'INTERNAL'],
    ['an engine code without a name by its number', rpcError(-38006), 'RPC_ERROR -38006'],
    ['an engine code that got lost by its name', new CompatError('RPC_ERROR', 'x'), 'RPC_ERROR'],
  ])('are compared: %s', (_what, error, code) => {
    const timeout = new CompatError('TIMEOUT', 'x');
    const differences = [{ path: 'code', v4: code, v5: 'TIMEOUT' }];
    expect(bothFailed(error, timeout)).toEqual({ verdict: 'both_errors', differences });
    expect(bothFailed(error, error)).toEqual({ verdict: 'both_errors', differences: [] });
  });

  it('tells two engine codes without a name apart', () => {
    expect(bothFailed(rpcError(-38006), rpcError(-32050)).differences).toEqual([
      { path: 'code', v4: 'RPC_ERROR -38006', v5: 'RPC_ERROR -32050' },
    ]);
  });

  function rpcError(rpcCode: number): CompatError {
    return new CompatError('RPC_ERROR', 'x', { rpcCode });
  }
});

describe('payloadId', () => {
  const withId = { payloadStatus: valid, payloadId: '0x0102030405060708' } as const;
  const otherId = { payloadStatus: valid, payloadId: '0x08' } as const;
  const compareIds = (v4: ForkchoiceUpdatedResult, v5: ForkchoiceUpdatedResult): Comparison =>
    compareForkchoiceUpdated(answered(v4), answered(v5), { comparePayloadIds: true });

  it('may have any value', () => {
    expect(compareIds(withId, otherId).verdict).toBe('match');
  });

  it('is a mismatch where one engine gives none', () => {
    expect(compareIds(withId, noId(valid))).toEqual({
      verdict: 'mismatch',
      differences: [{ path: 'payloadId', v4: 'present', v5: 'absent' }],
    });
    expect(compareIds(noId(valid), withId).differences).toEqual([{ path: 'payloadId', v4: 'absent', v5: 'present' }]);
  });

  it('is as good as null when absent', () => {
    const absent = { payloadStatus: valid } as unknown as ForkchoiceUpdatedResult;
    expect(compareIds(absent, noId(valid)).verdict).toBe('match');
  });

  it('is ignored unless both engines were asked to build', () => {
    const comparison = compareForkchoiceUpdated(answered(withId), answered(noId(valid)), { comparePayloadIds: false });
    expect(comparison.verdict).toBe('match');
  });

  it('adds to a mismatch of the status, and never hides what is pending or critical', () => {
    const invalidWithId = { ...withId, payloadStatus: invalid };
    const otherAncestor: PayloadStatus = { ...invalid, latestValidHash: hash(5) };
    expect(compareIds(invalidWithId, noId(otherAncestor)).differences.map(({ path }) => path)).toEqual([
      'payloadStatus.latestValidHash',
      'payloadId',
    ]);
    expect(compareIds(withId, noId(statuses.SYNCING)).verdict).toBe('pending');
    expect(compareIds(withId, noId(invalid)).verdict).toBe('critical');
  });
});

describe('executionPayload', () => {
  const withdrawal = (index: number): Withdrawal => ({
    index: BigInt(index),
    validatorIndex: 7n,
    address: `0x${'ab'.repeat(20)}` as const,
    amount: 32n,
  });
  const capella = (withdrawals: readonly Withdrawal[]): PayloadEnvelope => ({
    executionPayload: { ...capellaPayload(3), withdrawals },
    blockValueWei: 1n,
  });
  const paris: PayloadEnvelope = { executionPayload: parisPayload(3), blockValueWei: null };
  const compared = (v4: PayloadEnvelope, v5: PayloadEnvelope): Comparison =>
    compareGetPayload(answered(v4), answered(v5));

  it('names the field of the withdrawal that differs, integers in decimal', () => {
    const three = [withdrawal(0), withdrawal(1), withdrawal(2)];
    const other = three.with(2, { ...withdrawal(2), amount: 2n ** 64n - 1n });
    expect(compared(capella(three), capella(other))).toEqual({
      verdict: 'mismatch',
      differences: [{ path: 'executionPayload.withdrawals[2].amount', v4: '32', v5: '18446744073709551615' }],
    });
  });

  it('names the count of withdrawals beside the fields of those that both have', () => {
    expect(compared(capella([withdrawal(0), withdrawal(1)]), capella([withdrawal(1)])).differences).toEqual([
      { path: 'executionPayload.withdrawals.length', v4: '2', v5: '1' },
      { path: 'executionPayload.withdrawals[0].index', v4: '0', v5: '1' },
    ]);
  });

  it('does not take absent withdrawals for an empty list', () => {
    const sameTime = { ...paris, executionPayload: { ...parisPayload(3), timestamp: 150n } } as PayloadEnvelope;
    const path = 'executionPayload.withdrawals';
    expect(compared(sameTime, capella([])).differences).toEqual([{ path, v4: 'absent', v5: 'present' }]);
    expect(compared(capella([withdrawal(0)]), sameTime).differences).toEqual([{ path, v4: 'present', v5: 'absent' }]);
    expect(compared(paris, paris).verdict).toBe('match');
  });

  it('gives no more than sixteen differences, the payload its own first', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => withdrawal(index));
    const shifted = many.map((_, index) => withdrawal(index + 1));
    const v5 = { ...capella(shifted), executionPayload: { ...capellaPayload(4), withdrawals: shifted } };
    const { differences } = compared(capella(many), v5 as PayloadEnvelope);
    expect(differences).toHaveLength(16);
    expect(differences.slice(0, 3).map(({ path }) => path)).toEqual([
      'executionPayload.parentHash',
      'executionPayload.blockNumber',
      'executionPayload.withdrawals[0].index',
    ]);
    const allOther = many.map(() => ({ index: 0n, validatorIndex: 0n, address: hash(1), amount: 0n }));
    expect(compared(capella(many.slice(1, 4)), capella(allOther)).differences).toHaveLength(13);
    expect(compared(capella(many.slice(1, 9)), capella(allOther)).differences).toHaveLength(16);
  });

  it('gives text over 128 characters by its hash', () => {
    const long = `0x${'ab'.repeat(64)}` as const;
    const fits = `0x${'cd'.repeat(63)}` as const;
    const paying = (feeRecipient: Hash32): PayloadEnvelope =>
      ({ ...paris, executionPayload: { ...parisPayload(3), feeRecipient } }) as PayloadEnvelope;
    const sha256 = createHash('sha256').update(long).digest('hex');
    expect(compared(paying(long), paying(fits)).differences).toEqual([
      { path: 'executionPayload.feeRecipient', v4: `sha256:${sha256} (130 chars)`, v5: fits },
    ]);
  });
});

describe('properties', () => {
  const runs = { numRuns: 200 };
  const arbitraryEnvelope: fc.Arbitrary<PayloadEnvelope> = fc.oneof(
    arbitraryPayloadEnvelopeV1,
    arbitraryPayloadEnvelopeV2,
    arbitraryPayloadEnvelopeV3,
  );
  const arbitraryArm = <T>(answer: fc.Arbitrary<T>): fc.Arbitrary<ComparedArm<T>> =>
    fc.oneof(
      { weight: 4, arbitrary: answer.map(answered) },
      fc.anything().map(failed),
      fc
        .constantFrom<CompatErrorCode>('TIMEOUT', 'FOREIGN_LATEST_VALID_HASH', 'INVALID_PARAMS', 'RPC_ERROR')
        .map(failedWith),
      fc.constantFrom({ kind: 'dropped' as const }, { kind: 'unsupported' as const }),
    );
  const arbitraryPair: fc.Arbitrary<readonly [Comparison, Comparison]> = fc.oneof(
    bothWays(arbitraryArm(arbitraryPayloadStatus), compareNewPayload),
    bothWays(arbitraryArm(arbitraryForkchoiceUpdatedResult), (v4, v5) =>
      compareForkchoiceUpdated(v4, v5, { comparePayloadIds: true }),
    ),
    bothWays(arbitraryArm(arbitraryEnvelope), compareGetPayload),
  );

  function bothWays<T>(
    arm: fc.Arbitrary<ComparedArm<T>>,
    compare: (v4: ComparedArm<T>, v5: ComparedArm<T>) => Comparison,
  ): fc.Arbitrary<readonly [Comparison, Comparison]> {
    return fc.tuple(arm, arm).map(([one, two]) => [compare(one, two), compare(two, one)] as const);
  }

  it('whatever the arms, swapping them swaps the verdict and what differs', () => {
    const swapped: Partial<Record<Verdict, Verdict>> = { v4_error: 'v5_error', v5_error: 'v4_error' };
    fc.assert(
      fc.property(arbitraryPair, ([there, back]) => {
        expect(back.verdict).toBe(swapped[there.verdict] ?? there.verdict);
        expect(back.differences).toEqual(there.differences.map(({ path, v4, v5 }) => ({ path, v4: v5, v5: v4 })));
      }),
      { numRuns: 500 },
    );
  });

  it('whatever the arms, the comparison is frozen throughout, bounded, and explains itself where it must', () => {
    fc.assert(
      fc.property(arbitraryPair, ([comparison]) => {
        const { verdict, differences } = comparison;
        expect([comparison, differences, ...differences].every(Object.isFrozen)).toBe(true);
        expect(differences.length).toBeLessThanOrEqual(16);
        for (const { v4, v5 } of differences) expect(Math.max(v4.length, v5.length)).toBeLessThanOrEqual(128);
        const explained = verdict === 'mismatch' || verdict === 'critical';
        if (verdict !== 'both_errors') expect(differences.length > 0).toBe(explained);
      }),
      { numRuns: 500 },
    );
  });

  it('anything can be thrown, and does not make the comparison throw', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const hostile = [proxy, null, undefined, Object.create(null), Symbol('x'), 1n];
    for (const error of hostile) {
      expect(compareNewPayload(failed(error), answered(valid)).verdict).toBe('v4_error');
      expect(compareNewPayload(failed(error), failed(error))).toEqual({ verdict: 'both_errors', differences: [] });
    }
  });

  it('an answer matches itself in any hex case, by one shared object, unless the engine has not judged', () => {
    fc.assert(
      fc.property(arbitraryPayloadStatus, (status) => {
        const pending = status.status === 'SYNCING' || status.status === 'ACCEPTED';
        const comparison = compareNewPayload(answered(status), answered(inUpperCase(status)));
        expect(comparison).toEqual({ verdict: pending ? 'pending' : 'match', differences: [] });
        expect(compareNewPayload(answered(status), answered(status))).toBe(comparison);
      }),
      runs,
    );
    fc.assert(
      fc.property(arbitraryForkchoiceUpdatedResult, fc.boolean(), (result, comparePayloadIds) => {
        const { status } = result.payloadStatus;
        const pending = status === 'SYNCING' || status === 'ACCEPTED';
        const other = inUpperCase(result);
        expect(compareForkchoiceUpdated(answered(result), answered(other), { comparePayloadIds })).toEqual({
          verdict: pending ? 'pending' : 'match',
          differences: [],
        });
      }),
      runs,
    );
    fc.assert(
      fc.property(arbitraryEnvelope, (envelope) => {
        const comparison = compareGetPayload(answered(envelope), answered(inUpperCase(envelope)));
        expect(comparison).toEqual({ verdict: 'match', differences: [] });
      }),
      runs,
    );
  });

  it('one other ancestor is a mismatch at its path', () => {
    fc.assert(
      fc.property(arbitraryHash32, arbitraryHash32, (one, other) => {
        fc.pre(one.toLowerCase() !== other.toLowerCase());
        const comparison = compareNewPayload(
          answered<PayloadStatus>({ ...invalid, latestValidHash: one } as PayloadStatus),
          answered<PayloadStatus>({ ...invalid, latestValidHash: other } as PayloadStatus),
        );
        expect(comparison.verdict).toBe('mismatch');
        expect(comparison.differences.map(({ path }) => path)).toEqual(['payloadStatus.latestValidHash']);
      }),
      runs,
    );
  });

  it('one other compared field of a built payload is a mismatch at its path', () => {
    const fields = ['parentHash', 'blockNumber', 'timestamp', 'prevRandao', 'feeRecipient'] as const;
    fc.assert(
      fc.property(arbitraryEnvelope, fc.constantFrom(...fields), (envelope, field) => {
        const { executionPayload } = envelope;
        const changed = { ...executionPayload, [field]: otherThan(executionPayload[field]) } as ExecutionPayload;
        expectMismatchAt(`executionPayload.${field}`, envelope, changed);
      }),
      runs,
    );
  });

  it('one other field of a withdrawal is a mismatch at its path', () => {
    const fields = ['index', 'validatorIndex', 'address', 'amount'] as const;
    const withdrawals = fc.array(arbitraryWithdrawal, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(withdrawals, fc.nat(), fc.constantFrom(...fields), (list, seed, field) => {
        const index = seed % list.length;
        const withdrawal = list[index] as Withdrawal;
        const changed = list.with(index, { ...withdrawal, [field]: otherThan(withdrawal[field]) });
        const executionPayload = { ...capellaPayload(3), withdrawals: list };
        expectMismatchAt(
          `executionPayload.withdrawals[${index}].${field}`,
          { executionPayload, blockValueWei: 0n },
          {
            ...executionPayload,
            withdrawals: changed,
          },
        );
      }),
      runs,
    );
  });

  it('nothing else of a built payload matters', () => {
    fc.assert(
      fc.property(arbitraryEnvelope, arbitraryExecutionPayload, arbitraryEnvelope, (envelope, free, other) => {
        const { parentHash, blockNumber, timestamp, prevRandao, feeRecipient, withdrawals } = envelope.executionPayload;
        const compared = { parentHash, blockNumber, timestamp, prevRandao, feeRecipient, withdrawals };
        const executionPayload = { ...free, ...compared };
        const candidate = { ...other, executionPayload } as PayloadEnvelope;
        expect(compareGetPayload(answered(envelope), answered(candidate)).verdict).toBe('match');
      }),
      runs,
    );
  });
});

function expectMismatchAt(path: string, envelope: PayloadEnvelope, changed: ExecutionPayload): void {
  const candidate = { ...envelope, executionPayload: changed } as PayloadEnvelope;
  const { verdict, differences } = compareGetPayload(answered(envelope), answered(candidate));
  expect({ verdict, paths: differences.map((difference) => difference.path) }).toEqual({
    verdict: 'mismatch',
    paths: [path],
  });
}

/** Hex with another last digit, or another integer. */
function otherThan(value: string | bigint): string | bigint {
  if (typeof value === 'bigint') return value === 0n ? 1n : value - 1n;
  return value.slice(0, -1) + (value.endsWith('0') ? '1' : '0');
}

function upper(hex: Hash32): Hash32 {
  return `0x${hex.slice(2).toUpperCase()}` as const;
}

/** The value with all its hex in capitals. */
function inUpperCase<T>(value: T): T {
  if (typeof value === 'string') return (value.startsWith('0x') ? upper(value as Hash32) : value) as T;
  if (Array.isArray(value)) return value.map(inUpperCase) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, inUpperCase(field)])) as T;
}
