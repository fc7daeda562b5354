import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beaconJson, v4ToV5, v5ToV4 } from '@lighthouse-compat/conversions';
import { ssz } from '@lodestar/types';
import { describe, expect, it, test } from 'vitest';
import { oneFrom, randomOf } from '../support/random.js';
import { printedSeed } from '../support/seed.js';
import { type SszType, sszValue } from '../support/sszValue.js';
import { signedCapellaBeacon, signedDenebBeacon } from './beaconSamples.js';
import { errorOf } from './samples.js';

// Lodestar's own SSZ types read what is written here and write what is read here: an oracle that shares no line with it.

type Oracle = SszType & {
  readonly toJson: (value: unknown) => unknown;
  readonly hashTreeRoot: (value: unknown) => Uint8Array;
};

const folder =
  process.env['LIGHTHOUSE_COMPAT_VECTORS'] ?? fileURLToPath(new URL('../../../shared/vectors', import.meta.url));
const devnet = `${folder}/lighthouse-deneb-devnet-88160.json`;

const seed = printedSeed('blocks of Lodestar');

const forks = [
  {
    name: 'Capella',
    fork: 'shanghai',
    type: ssz.capella.SignedBeaconBlock as unknown as Oracle,
    payloadType: ssz.capella.ExecutionPayload as unknown as Oracle,
    sample: signedCapellaBeacon,
  },
  {
    name: 'Deneb',
    fork: 'cancun',
    type: ssz.deneb.SignedBeaconBlock as unknown as Oracle,
    payloadType: ssz.deneb.ExecutionPayload as unknown as Oracle,
    sample: signedDenebBeacon,
  },
] as const;

const rootOf = (type: Oracle, json: unknown): string =>
  Buffer.from(type.hashTreeRoot(type.fromJson(json))).toString('hex');

describe.each(forks)('a signed $name block of Lodestar', ({ fork, type, payloadType, sample }) => {
  it('is read, and written so that Lodestar reads the same block with the same root', () => {
    const random = randomOf(seed);
    for (let i = 0; i < 1000; i++) {
      const value = sszValue(type, random);
      const json = type.toJson(value);
      const block = beaconJson.parseSignedBeaconBlock(json, fork);
      const written = beaconJson.serializeSignedBeaconBlock(block as never);
      expect(JSON.stringify(written) === JSON.stringify(json)).toBe(true);
      // A root is a thousand hashes, so not every block's is taken.
      if (i % 10 === 0) expect(rootOf(type, written)).toBe(Buffer.from(type.hashTreeRoot(value)).toString('hex'));
    }
  });

  it('has a payload that is read and written alike', () => {
    const random = randomOf(seed + 1);
    for (let i = 0; i < 1000; i++) {
      const json = payloadType.toJson(sszValue(payloadType, random));
      const payload = beaconJson.parseExecutionPayload(json, fork);
      expect(JSON.stringify(beaconJson.serializeExecutionPayload(payload as never))).toBe(JSON.stringify(json));
    }
  });

  it('is what the samples of these tests are', () => {
    const json = sample();
    // Lodestar writes addresses with their checksum in the case, and all else in lower case.
    const caseless = (document: unknown): unknown => JSON.parse(JSON.stringify(document).toLowerCase());
    expect(caseless(type.toJson(type.fromJson(json)))).toEqual(caseless(json));
  });

  // What either reader refuses about a list or its items; Lodestar's errors have no code to compare.
  test.each([
    ['attestations', 128],
    ['proposer_slashings', 16],
    ['attester_slashings', 2],
    ['deposits', 16],
    ['voluntary_exits', 16],
    ['bls_to_execution_changes', 16],
  ] as const)('may have as many %s as Lodestar allows, %i, and not one more', (name, limit) => {
    const { message, signature } = sample();
    const [item] = message.body[name];
    const withCount = (length: number) => ({
      message: { ...message, body: { ...message.body, [name]: new Array(length).fill(item) } },
      signature,
    });
    expect(() => type.fromJson(withCount(limit))).not.toThrow();
    expect(() => beaconJson.parseSignedBeaconBlock(withCount(limit), fork)).not.toThrow();
    // Lodestar applies the limit where it hashes.
    expect(() => rootOf(type, withCount(limit + 1))).toThrow();
    const error = errorOf(() => beaconJson.parseSignedBeaconBlock(withCount(limit + 1), fork));
    expect([error.code, error.path]).toEqual(['INVALID_LENGTH', `signed_beacon_block.message.body.${name}`]);
  });
});

describe('a converted block', () => {
  it('is one that Lodestar reads as of the other fork, with another root, and back with its own', () => {
    const random = randomOf(seed + 2);
    const [capella, deneb] = forks;
    for (let i = 0; i < 30; i++) {
      const json = capella.type.toJson(sszValue(capella.type, random));
      const converted = v4ToV5.convertBlock(beaconJson.parseSignedBeaconBlock(json, 'shanghai'));
      const root = rootOf(deneb.type, beaconJson.serializeSignedBeaconBlock(converted));
      expect(root).not.toBe(rootOf(capella.type, json));
      // A random transaction may begin like a blob transaction, which is refused on the way back.
      if (converted.message.body.executionPayload.transactions.some((each) => each.startsWith('0x03'))) continue;
      const back = beaconJson.serializeSignedBeaconBlock(v5ToV4.convertBlock(converted));
      expect(rootOf(capella.type, back)).toBe(rootOf(capella.type, json));
    }
  });
});

describe('documents that Lodestar refuses', () => {
  it('are refused here too, wherever a field is missing or a list is none', () => {
    const random = randomOf(seed + 3);
    const { type, sample } = forks[1];
    for (let i = 0; i < 300; i++) {
      const json = JSON.parse(JSON.stringify(sample()));
      spoil(json, random);
      if (isRead(() => type.fromJson(json))) continue;
      expect(isRead(() => beaconJson.parseSignedBeaconBlock(json, 'cancun'))).toBe(false);
    }
  });

  /** Takes one key away, or gives it a value that it never has, somewhere in a document. */
  function spoil(json: Record<string, unknown>, random: () => number): void {
    const key = oneFrom(random, Object.keys(json));
    const inner = json[key];
    if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && random() < 0.8) {
      spoil(inner as Record<string, unknown>, random);
    } else if (random() < 0.5 && !Array.isArray(json)) {
      delete json[key];
    } else {
      json[key] = oneFrom<unknown>(random, [null, {}, [], '', 'x', '0x', '0x0', '0xzz', '-1', '1.5', true]);
    }
  }

  function isRead(read: () => unknown): boolean {
    try {
      read();
      return true;
    } catch {
      return false;
    }
  }
});

describe.skipIf(!existsSync(devnet))(
  'the recorded Deneb block (skipped unless LIGHTHOUSE_COMPAT_VECTORS names the folder of the vectors)',
  () => {
    const recorded = () => JSON.parse(readFileSync(devnet, 'utf8')).beaconBlock;

    it('is written as it was read, with the root that Lodestar gives it', () => {
      const type = ssz.deneb.BeaconBlock as unknown as Oracle;
      const written = beaconJson.serializeBeaconBlock(beaconJson.parseBeaconBlock(recorded(), 'cancun'));
      expect(written).toEqual(recorded());
      expect(rootOf(type, written)).toBe(rootOf(type, recorded()));
    });

    it('is refused as a Capella block, and for v4 by its first Deneb feature', () => {
      expect(errorOf(() => beaconJson.parseBeaconBlock(recorded(), 'shanghai')).code).toBe('UNKNOWN_FIELD');
      const message = beaconJson.parseBeaconBlock(recorded(), 'cancun');
      const error = errorOf(() => v5ToV4.convertBlock({ message, signature: message.body.randaoReveal }));
      expect([error.feature, error.value]).toEqual(['blobGasUsed', '393216']);
    });
  },
);
