import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { blobVersionedHashes, type Data, engineJson, type Fork, forkAt } from '@lighthouse-compat/conversions';
import { describe, expect, it, test } from 'vitest';
import { expectRefusal } from './samples.js';

type RecordedPayload = {
  name: string;
  fork: Fork;
  executionPayload: { transactions: Data[] } & Record<string, unknown>;
  txTypes?: number[];
  expectedBlobVersionedHashes?: Data[];
};

const folder =
  process.env['LIGHTHOUSE_COMPAT_VECTORS'] ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const hivechain = `${folder}/hivechain-paris-shanghai-cancun-prague.json`;
const devnet = `${folder}/lighthouse-deneb-devnet-88160.json`;
const isRecorded = existsSync(hivechain) && existsSync(devnet);

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

function recordedPayloads(): RecordedPayload[] {
  if (!isRecorded) return [];
  const chain = read(hivechain) as { vectors: RecordedPayload[] };
  const block = read(devnet) as Pick<RecordedPayload, 'executionPayload' | 'expectedBlobVersionedHashes'>;
  return [...chain.vectors, { name: 'lighthouse-deneb-devnet-88160', fork: 'cancun', ...block }];
}

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
    });
  },
);
