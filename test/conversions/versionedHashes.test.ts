import { createHash } from 'node:crypto';
import { blobVersionedHashes, type Data, versionedHashOf } from '@lighthouse-compat/conversions';
import { encodeRlp, Transaction, Wallet } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { arbitraryBlobTransaction, arbitraryTransaction } from '../support/arbitraries.js';
import { errorOf, expectRefusal, hashOf } from './samples.js';

const wallet = new Wallet(hashOf('42'));

/** A type-3 transaction in the payload's form, encoded and signed by a library that this package's code does not call for it. */
async function signedBlobTransaction(blobVersionedHashes: string[]): Promise<Data> {
  const signed = await wallet.signTransaction({
    type: 3,
    chainId: 1n,
    nonce: 7,
    maxPriorityFeePerGas: 1n,
    maxFeePerGas: 2_000_000_000n,
    maxFeePerBlobGas: 3n,
    gasLimit: 21_000n,
    to: '0x00000000000000000000000000000000000000aa',
    value: 5n,
    data: '0x1234',
    accessList: [['0x00000000000000000000000000000000000000bb', [hashOf('01')]]],
    blobVersionedHashes,
  });
  expect(Transaction.from(signed).from).toBe(wallet.address);
  return signed as Data;
}

const versioned = (byte: string): Data => `0x01${byte.repeat(31)}` as const;

describe('blobVersionedHashes', () => {
  it('gives the hashes of signed type-3 transactions in their order, repeated ones too', async () => {
    const one = await signedBlobTransaction([versioned('a1')]);
    const three = await signedBlobTransaction([versioned('c3'), versioned('b2'), versioned('a1')]);
    expect(one.slice(0, 4)).toBe('0x03');
    expect(blobVersionedHashes([three, '0x02c0', one])).toEqual([
      versioned('c3'),
      versioned('b2'),
      versioned('a1'),
      versioned('a1'),
    ]);
  });

  it('gives the hashes of any blob transactions among others', () => {
    const blob = arbitraryBlobTransaction;
    const other = arbitraryTransaction.map((transaction) => ({ transaction, versionedHashes: [] as Data[] }));
    fc.assert(
      fc.property(fc.array(fc.oneof(blob, other), { maxLength: 6 }), (items) => {
        const hashes = blobVersionedHashes(items.map(({ transaction }) => transaction));
        expect(hashes).toEqual(items.flatMap(({ versionedHashes }) => versionedHashes));
      }),
    );
  });

  it('gives none for no blob transactions, which it does not decode', () => {
    expect(blobVersionedHashes([])).toEqual([]);
    expect(blobVersionedHashes(['0x02ff', '0xff', '0x00', '0x30', '0x'])).toEqual([]);
  });

  it('leaves the version byte for the engine to judge', () => {
    const transaction =
      `0x03${encodeRlp([...Array(10).fill('0x'), [hashOf('02')], '0x', '0x', '0x']).slice(2)}` as Data;
    expect(blobVersionedHashes([transaction])).toEqual([hashOf('02')]);
  });

  it('takes a transaction with very many hashes in time', () => {
    const hashes = `a0${versioned('ab').slice(2)}`.repeat(20_000);
    const list = `fa${(hashes.length / 2).toString(16).padStart(6, '0')}${hashes}`;
    const fields = `${'80'.repeat(10)}${list}${'80'.repeat(3)}`;
    const transaction = `0x03fa${(fields.length / 2).toString(16).padStart(6, '0')}${fields}` as const;
    expect(blobVersionedHashes([transaction])).toEqual(Array(20_000).fill(versioned('ab')));
  }, 5_000);

  const typed = (fields: unknown): Data => `0x03${encodeRlp(fields as never).slice(2)}` as const;
  const withHashes = (hashes: unknown): Data => typed([...Array(10).fill('0x'), hashes, '0x', '0x', '0x']);
  const body = Array(14).fill('0x');

  it('leaves a blob transaction without blobs for the engine to judge', () => {
    expect(blobVersionedHashes([withHashes([]), withHashes([versioned('01')])])).toEqual([versioned('01')]);
  });

  test.each([
    ['its type byte alone', '0x03'],
    ['a number that is not hex', '0x03zz'],
    ['a list that is cut short', '0x03f8'],
    ['a list whose last item is cut short', '0x03c28201'],
    ['bytes after the list', `${withHashes([versioned('01')])}00`],
    ['a string instead of a list', typed('0x1234')],
    ['13 fields', typed([...Array(10).fill('0x'), [versioned('01')], '0x', '0x'])],
    ['15 fields', typed([...Array(10).fill('0x'), [versioned('01')], '0x', '0x', '0x', '0x'])],
    ['a sidecar', typed([body.with(10, [versioned('01')]), [], [], []])],
    ['a string for the hashes', withHashes(versioned('01'))],
    ['a hash of 31 bytes', withHashes([versioned('01'), `0x${'01'.repeat(31)}`])],
    ['a hash of 33 bytes', withHashes([`0x${'01'.repeat(33)}`])],
    ['a list for a hash', withHashes([[versioned('01')]])],
  ] as [string, Data][])('refuses a blob transaction with %s', (_, transaction) => {
    expectRefusal(() => blobVersionedHashes(['0xc0', transaction]), 'INVALID_TRANSACTION', 'transactions[1]');
    expectRefusal(() => blobVersionedHashes([transaction], 'payload.txs'), 'INVALID_TRANSACTION', 'payload.txs[0]');
  });

  it('refuses lists nested without end, in time', () => {
    let nested = '';
    for (let depth = 0; depth < 20_000; depth++) {
      const size = nested.length / 2;
      const head = size < 56 ? (0xc0 + size).toString(16) : `fa${size.toString(16).padStart(6, '0')}`;
      nested = head + nested;
    }
    expectRefusal(() => blobVersionedHashes([`0x03${nested}` as const]), 'INVALID_TRANSACTION', 'transactions[0]');
  });

  it('does not repeat the transaction in its error', () => {
    const error = errorOf(() => blobVersionedHashes([`0x03f8${'ff'.repeat(1000)}` as const]));
    expect(error.message.length).toBeLessThan(100);
    expect(error.cause).toBeUndefined();
  });

  it('only ever throws a ConversionError for a blob transaction of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const transaction = `0x03${Buffer.from(bytes).toString('hex')}` as const;
        expectRefusal(() => blobVersionedHashes([transaction]), 'INVALID_TRANSACTION', 'transactions[0]');
      }),
    );
  });
});

describe('versionedHashOf', () => {
  it('gives the SHA-256 of the commitment with the version for its first byte', () => {
    const digest = createHash('sha256').update(Buffer.alloc(48, 0xab)).digest('hex');
    expect(versionedHashOf(`0x${'ab'.repeat(48)}` as const)).toBe(`0x01${digest.slice(2)}`);
    expect(versionedHashOf(`0x${'AB'.repeat(48)}` as const)).toBe(`0x01${digest.slice(2)}`);
  });

  test.each([
    ['47 bytes', `0x${'ab'.repeat(47)}`, 'INVALID_LENGTH'],
    ['no hex', `0x${'zz'.repeat(48)}`, 'INVALID_DATA'],
    ['no string', 1n, 'INVALID_TYPE'],
  ] as const)('refuses %s', (_, commitment, code) => {
    expectRefusal(() => versionedHashOf(commitment as unknown as Data), code, 'commitment');
    expectRefusal(
      () => versionedHashOf(commitment as unknown as Data, 'bundle.commitments[1]'),
      code,
      'bundle.commitments[1]',
    );
  });
});
