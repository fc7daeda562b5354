import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { defaultGroupId, flagVocabulary, LocalFlagProvider } from '@lighthouse-compat/flag-provider';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { newFolder, removeFolders } from './flagFiles.js';

const path = createRequire(import.meta.url).resolve('@lighthouse-compat/flag-provider/localFlags.schema.json');
const schema = JSON.parse(await readFile(path, 'utf8'));
const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);
const file = join(await newFolder(), 'flags.json');

afterAll(removeFolders);

async function isAccepted(document: unknown): Promise<boolean> {
  await writeFile(file, JSON.stringify(document));
  const provider = new LocalFlagProvider({ file });
  const accepted = await provider.initialize().then(
    () => true,
    () => false,
  );
  await provider.onClose();
  return accepted;
}

const value = fc.jsonValue({ maxDepth: 3 });
const sometimes = <T, N>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<N>) =>
  fc.oneof({ arbitrary: usual, weight: 6 }, { arbitrary: unusual, weight: 1 });
const percent = sometimes(fc.integer({ min: 0, max: 100 }), fc.oneof(fc.integer(), fc.double(), value));
const groupId = sometimes(fc.string(), value);
const flag = fc.oneof(
  value,
  fc.record({ percent, groupId, value }, { requiredKeys: [] }),
  fc.record({ percent, groupId, value, other: value }, { requiredKeys: ['percent'] }),
);
const flagKey = fc.oneof(fc.string(), fc.constantFrom(...Object.keys(flagVocabulary), '__proto__', 'constructor'));
const document = fc.oneof(
  value,
  fc.record(
    {
      $schema: sometimes(fc.string(), value),
      flags: sometimes(fc.dictionary(flagKey, flag, { maxKeys: 3 }), value),
      other: value,
    },
    { requiredKeys: [] },
  ),
  fc.record({ flags: fc.dictionary(flagKey, flag, { maxKeys: 2 }) }),
);

describe('the JSON schema of the file', () => {
  test('accepts what the provider accepts, and nothing else', async () => {
    let accepted = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(document, async (made) => {
        // What a file can hold: no undefined, no negative zero.
        const read: unknown = JSON.parse(JSON.stringify(made));
        const isValid = validate(read);
        expect(await isAccepted(read)).toBe(isValid);
        if (isValid) accepted++;
        else refused++;
      }),
      { numRuns: 1500 },
    );
    expect(accepted).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });

  test('knows the flags of a migration, with their meanings, and the default group', () => {
    const described = Object.entries(schema.properties.flags.properties).map(([key, known]) => [
      key,
      (known as { description: string }).description,
    ]);
    expect(described).toEqual(Object.entries(flagVocabulary).map(([key, { description }]) => [key, description]));
    expect(schema.definitions.rollout.properties.groupId.default).toBe(defaultGroupId);
  });
});
