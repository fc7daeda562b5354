import {
  type BooleanFlagKey,
  type FlagKey,
  flagKeys,
  flagVocabulary,
  LocalFlagProvider,
  type StringFlagKey,
} from '@lighthouse-compat/flag-provider';
import { describe, expect, expectTypeOf, test } from 'vitest';

describe('the flag vocabulary', () => {
  test('describes exactly the flags that have a name in code', () => {
    expect(Object.keys(flagVocabulary).sort()).toEqual(Object.values(flagKeys).sort());
  });

  test('has the keys that are set up in a flag server, which never change', () => {
    expect(flagKeys).toEqual({
      lighthouseV5: 'lighthouse_v5',
      newPayloadV5Only: 'new_payload_v5_only',
      forkchoiceV5Only: 'forkchoice_v5_only',
      getPayloadV5Only: 'get_payload_v5_only',
      lighthouseParallelMode: 'lighthouse_parallel_mode',
      lighthouseV5Primary: 'lighthouse_v5_primary',
      lighthouseMigrationMode: 'lighthouse_migration_mode',
    });
  });

  test('gives each code name the snake_case of its key', () => {
    for (const [name, key] of Object.entries(flagKeys)) {
      expect(key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())).toBe(name);
    }
  });

  test.each(Object.entries(flagVocabulary))(
    'leaves calls with v4 by the default of %s',
    (_, { kind, defaultValue }) => {
      expect(defaultValue).toBe(kind === 'boolean' ? false : '');
    },
  );

  test.each(Object.entries(flagVocabulary))('says in one sentence what %s means', (_, { description }) => {
    expect(description).toMatch(/^[A-Z][^.]*\.$/);
  });

  test('lists the migration modes, and the default of the flag is none of them', () => {
    const { values, defaultValue } = flagVocabulary.lighthouse_migration_mode;
    expect(values).toEqual(['v4_only', 'v5_only', 'parallel', 'v4_primary', 'v5_primary']);
    expect(values).not.toContain(defaultValue);
  });

  test('splits into boolean and string keys in its types', () => {
    expectTypeOf<BooleanFlagKey | StringFlagKey>().toEqualTypeOf<FlagKey>();
    expectTypeOf<StringFlagKey>().toEqualTypeOf<'lighthouse_migration_mode'>();
    expectTypeOf(flagVocabulary.lighthouse_v5.kind).toEqualTypeOf<'boolean'>();
  });

  test('has defaults that a local provider takes as they are', () => {
    const flags = Object.fromEntries(
      Object.entries(flagVocabulary).map(([key, { defaultValue }]) => [key, defaultValue]),
    );
    expect(() => new LocalFlagProvider({ flags })).not.toThrow();
  });
});
