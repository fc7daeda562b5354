import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  blobVersionedHashes,
  computeBlockHash,
  type Data,
  engineJson,
  type Fork,
  forkAt,
  transactionsRoot,
  verifyBlockHash,
  versionedHashOf,
  withdrawalsRoot,
} from '@lighthouse-compat/conversions';
import { describe, expect, it, test } from 'vitest';
import { expectRefusal } from './samples.js';

type RecordedPayload = {
  name: string;
  fork: Fork;
  executionPayload: { transactions: Data[] } & Record<string, unknown>;
  txTypes?: number[];
  expectedBlobVersionedHashes?: Data[];
  parentBeaconBlockRoot?: Data;
  transactionsRoot?: Data;
  withdrawalsRoot?: Data;
};

/** What becomes of a block hash when Deneb's fields are added, dropped or wrong. */
type DerivedHash = {
  base: string;
  promotedFields?: { blobGasUsed: string; excessBlobGas: string };
  parentBeaconBlockRoot?: Data;
  wrongParentBeaconBlockRoot?: Data;
  demotedDropped?: string[];
  recomputedBlockHash: Data;
};

const folder =
  process.env['LIGHTHOUSE_COMPAT_VECTORS'] ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const hivechain = `${folder}/hivechain-paris-shanghai-cancun-prague.json`;
const devnet = `${folder}/lighthouse-deneb-devnet-88160.json`;
const promotions = `${folder}/derived-promotion-hashes.json`;
const isRecorded = [hivechain, devnet, promotions].every((file) => existsSync(file));

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

function recordedPayloads(): RecordedPayload[] {
  if (!isRecorded) return [];
  const chain = read(hivechain) as { vectors: RecordedPayload[] };
  const block = read(devnet) as Pick<RecordedPayload, 'executionPayload' | 'expectedBlobVersionedHashes'>;
  return [...chain.vectors, { name: 'lighthouse-deneb-devnet-88160', fork: 'cancun', ...block }];
}

const derivedHashes = (): DerivedHash[] => (isRecorded ? (read(promotions) as { derived: DerivedHash[] }).derived : []);

const served = recordedPayloads().filter(({ fork }) => fork !== 'prague');

describe.skipIf(!isRecorded)(
  'payloads recorded from real chains (skipped unless LIGHTHOUSE_COMPAT_VECTORS names their folder)',
  () => {
    it('are of every fork', () => {
      expect(new Set(recordedPayloads().map(({ fork }) => fork))).toEqual(
        new Set(['paris', 'shanghai', 'cancun', 'prague']),
      );
    });

    test.each(served)('$name is written as it was read', ({ fork, executionPayload }) => {
      const payload = engineJson.parseExecutionPayload(executionPayload, fork);
      const json = engineJson.serializeExecutionPayload(payload);
      expect(JSON.stringify(json)).toBe(JSON.stringify(executionPayload));
      expect(engineJson.parseExecutionPayload(json, fork)).toEqual(payload);
    });

    test.each(served)('$name gives the versioned hashes that its block commits to', (recorded) => {
      const { executionPayload, expectedBlobVersionedHashes = [], txTypes = [2, 3] } = recorded;
      expect(blobVersionedHashes(executionPayload.transactions)).toEqual(expectedBlobVersionedHashes);
      expect(expectedBlobVersionedHashes.length > 0).toBe(txTypes.includes(3));
    });

    test.each(served)('$name has the block hash and the roots that are computed of it', (recorded) => {
      const { fork, executionPayload, parentBeaconBlockRoot } = recorded;
      const payload = engineJson.parseExecutionPayload(executionPayload, fork);
      expect(computeBlockHash(payload, { parentBeaconBlockRoot })).toBe(payload.blockHash);
      verifyBlockHash(payload, { parentBeaconBlockRoot, fork });
      const roots = [transactionsRoot(payload.transactions), withdrawalsRoot(payload.withdrawals ?? [])];
      const { transactionsRoot: ofTransactions = roots[0], withdrawalsRoot: ofWithdrawals = roots[1] } = recorded;
      expect(roots).toEqual([ofTransactions, ofWithdrawals]);
    });

    test.each(derivedHashes())('$base is another block with other fields of Deneb: $recomputedBlockHash', (derived) => {
      const base = served.find(({ name }) => name === derived.base);
      if (base === undefined) throw new Error(`${derived.base} is not recorded`);
      const dropped = new Set(derived.demotedDropped);
      const fields = { ...base.executionPayload, ...derived.promotedFields };
      const json = Object.fromEntries(Object.entries(fields).filter(([name]) => !dropped.has(name)));
      const payload = engineJson.parseExecutionPayload(json, dropped.size > 0 ? 'shanghai' : 'cancun');
      const root = derived.wrongParentBeaconBlockRoot ?? derived.parentBeaconBlockRoot;
      const parentBeaconBlockRoot = dropped.size > 0 ? undefined : root;
      expect(computeBlockHash(payload, { parentBeaconBlockRoot })).toBe(derived.recomputedBlockHash);
      expectRefusal(
        () => verifyBlockHash(payload, { parentBeaconBlockRoot }),
        'BLOCK_HASH_MISMATCH',
        'executionPayload.blockHash',
      );
    });

    it('give versioned hashes that are those of their commitments', () => {
      const { beaconBlock, expectedBlobVersionedHashes } = read(devnet) as {
        beaconBlock: { body: { blob_kzg_commitments: Data[] } };
        expectedBlobVersionedHashes: Data[];
      };
      const commitments = beaconBlock.body.blob_kzg_commitments;
      expect(commitments.map((commitment) => versionedHashOf(commitment))).toEqual(expectedBlobVersionedHashes);
    });

    it('fall in their forks by the schedule of their chain', () => {
      const { vectors } = read(hivechain) as { vectors: RecordedPayload[] };
      for (const { fork, executionPayload } of vectors) {
        const timestamp = BigInt(executionPayload['timestamp'] as string);
        expect(forkAt({ shanghaiTime: 390, cancunTime: 420, pragueTime: 450 }, timestamp)).toBe(fork);
      }
    });

    it('are refused when they are of Prague', () => {
      const prague = recordedPayloads().find(({ fork }) => fork === 'prague');
      expectRefusal(
        () => engineJson.parseExecutionPayload(prague?.executionPayload, 'prague'),
        'UNSUPPORTED_FORK',
        'executionPayload',
      );
      // Its fields are those of Cancun, so that only its name or its transactions tell it.
      const payload = engineJson.parseExecutionPayload(prague?.executionPayload, 'cancun');
      const { parentBeaconBlockRoot } = prague as RecordedPayload;
      for (const fork of ['prague', undefined] as const) {
        const path = fork === undefined ? 'executionPayload.transactions[1]' : 'executionPayload';
        expectRefusal(() => verifyBlockHash(payload, { parentBeaconBlockRoot, fork }), 'UNSUPPORTED_FORK', path);
      }
      const transactions = payload.transactions.filter((transaction) => !transaction.startsWith('0x04'));
      const unlike = { ...payload, transactions };
      expectRefusal(
        () => verifyBlockHash(unlike, { parentBeaconBlockRoot }),
        'BLOCK_HASH_MISMATCH',
        'executionPayload.blockHash',
      );
    });
  },
);
