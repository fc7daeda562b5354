import { expect, test } from 'vitest';
import type { Phase } from '../../examples/canary/src/plan.js';
import { createRecord, type DemoRecord } from '../../examples/canary/src/record.js';
import { findFailures } from '../../examples/canary/src/verdict.js';
import { hash } from '../support/samples.js';

const plan: readonly Phase[] = [
  { title: '50 %', percent: 50, blocks: 2, fork: 'shanghai' },
  { title: 'after the fork', percent: 0, blocks: 1, fork: 'cancun' },
];

/** At 50 % the oracle has the even hashes at v5. */
const oracle = {
  isOn: (percent: number, key: string) => percent === 50 && Number.parseInt(key.slice(-1), 16) % 2 === 0,
  close: () => {},
};

const imported = (number: number, phase: number, adapter: 'v4' | 'v5', reason: 'FLAG' | 'FORK') => ({
  number,
  hash: hash(number),
  phase,
  answers: [
    { operation: 'new_payload' as const, adapter, reason },
    { operation: 'forkchoice_updated' as const, adapter, reason },
  ],
});
const head = (number: number) => ({ number, hash: hash(number) });

/** A record of a demo in which everything held. */
function goodRecord(): DemoRecord {
  const record = createRecord(plan);
  record.blocks.push(imported(1, 0, 'v4', 'FLAG'), imported(2, 0, 'v5', 'FLAG'), imported(3, 1, 'v5', 'FORK'));
  record.phaseEnds.push(
    { heads: { v4: head(2), v5: head(2) }, driverHead: hash(2) },
    { heads: { v4: head(2), v5: head(3) }, driverHead: hash(3) },
  );
  record.verdicts.match = 4;
  record.verdicts.unsupported = 2;
  record.feedEnded = 1;
  return record;
}

test('a demo in which everything held has no failures', () => {
  expect(findFailures(goodRecord(), oracle)).toEqual([]);
});

test.each<[string, (record: DemoRecord) => void, RegExp]>([
  [
    'a block at the wrong version',
    (record) => record.blocks.splice(0, 1, imported(1, 0, 'v5', 'FLAG')),
    /block 1 .* was answered by v5; Unleash's own rollout says v4/,
  ],
  [
    'an import that was split',
    (record) =>
      record.blocks[0]?.answers.splice(1, 1, { operation: 'forkchoice_updated', adapter: 'v5', reason: 'FLAG' }),
    /block 1: its import was split/,
  ],
  [
    'an import that was not observed',
    (record) => record.blocks[0]?.answers.splice(0, 2),
    /block 1: its import was not observed/,
  ],
  [
    'another reason than the fork',
    (record) => record.blocks.splice(2, 1, imported(3, 1, 'v5', 'FLAG')),
    /block 3 is of Cancun, and the reason for v5 was FLAG/,
  ],
  ['a block too few', (record) => record.blocks.pop(), /2 blocks were made of 3/],
  [
    'a failed call',
    (record) => {
      record.errors = 1;
    },
    /1 calls failed/,
  ],
  [
    'a failed feed',
    (record) => {
      record.feedErrors = 2;
    },
    /2 sends to the engine that did not answer failed/,
  ],
  [
    'answers that differ',
    (record) => {
      record.verdicts.mismatch = 1;
    },
    /1 comparisons ended with mismatch/,
  ],
  [
    'answers that never were compared',
    (record) => {
      record.verdicts.match = 0;
    },
    /no answers of both clients were compared/,
  ],
  [
    'a feed that never ended',
    (record) => {
      record.feedEnded = 0;
    },
    /was said 0 times/,
  ],
  [
    'an end of the feed said twice',
    (record) => {
      record.feedEnded = 2;
    },
    /was said 2 times/,
  ],
  [
    'a client of v4 that fell behind',
    (record) => record.phaseEnds.splice(0, 1, { heads: { v4: head(1), v5: head(2) }, driverHead: hash(2) }),
    /after "50 %" v4's client has head/,
  ],
  [
    'a client of v5 that fell behind',
    (record) => record.phaseEnds.splice(1, 1, { heads: { v4: head(2), v5: head(2) }, driverHead: hash(3) }),
    /after "after the fork" v5's client has head/,
  ],
  [
    'a client of v4 past the fork',
    (record) => record.phaseEnds.splice(1, 1, { heads: { v4: head(3), v5: head(3) }, driverHead: hash(3) }),
    /after "after the fork" v4's client has head/,
  ],
  ['heads that were not read', (record) => record.phaseEnds.pop(), /the heads of the clients were not read/],
])('%s fails the demo', (_what, spoil, failure) => {
  const record = goodRecord();
  spoil(record);
  expect(findFailures(record, oracle).join('\n')).toMatch(failure);
});
