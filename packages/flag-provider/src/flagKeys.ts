/** The flags that choose the mode of a call, by the names that code uses for them. */
export const flagKeys = {
  lighthouseV5: 'lighthouse_v5',
  newPayloadV5Only: 'new_payload_v5_only',
  forkchoiceV5Only: 'forkchoice_v5_only',
  getPayloadV5Only: 'get_payload_v5_only',
  lighthouseParallelMode: 'lighthouse_parallel_mode',
  lighthouseV5Primary: 'lighthouse_v5_primary',
  lighthouseMigrationMode: 'lighthouse_migration_mode',
} as const;

/** The key of any flag of the vocabulary. */
export type FlagKey = (typeof flagKeys)[keyof typeof flagKeys];

/** The key of a flag whose value is a string. */
export type StringFlagKey = typeof flagKeys.lighthouseMigrationMode;

/** The key of a flag whose value is a boolean. */
export type BooleanFlagKey = Exclude<FlagKey, StringFlagKey>;

/** What `lighthouse_migration_mode` may hold when it is set. */
export type MigrationModeFlagValue = 'v4_only' | 'v5_only' | 'parallel' | 'v4_primary' | 'v5_primary';

/** What a boolean flag means; its default is what holds when no provider knows it. */
export type BooleanFlagDescription = {
  readonly kind: 'boolean';
  readonly defaultValue: boolean;
  readonly description: string;
};

/** What a string flag means; its default stands for "not set" and is not one of its values. */
export type StringFlagDescription = {
  readonly kind: 'string';
  readonly defaultValue: string;
  readonly values: readonly MigrationModeFlagValue[];
  readonly description: string;
};

/** The kind, default and meaning of every flag, by its key; all defaults leave every call with v4. */
export const flagVocabulary: Readonly<
  Record<BooleanFlagKey, BooleanFlagDescription> & Record<StringFlagKey, StringFlagDescription>
> = {
  lighthouse_v5: {
    kind: 'boolean',
    defaultValue: false,
    description: 'The master switch: while it is off every call that v4 can serve is answered by v4 alone.',
  },
  new_payload_v5_only: {
    kind: 'boolean',
    defaultValue: false,
    description: 'Every new_payload is answered by v5, without v4 to fall back on.',
  },
  forkchoice_v5_only: {
    kind: 'boolean',
    defaultValue: false,
    description: 'Every forkchoice_updated is answered by v5, without v4 to fall back on.',
  },
  get_payload_v5_only: {
    kind: 'boolean',
    defaultValue: false,
    description: 'A get_payload whose payload id no known engine issued is answered by v5, without v4 to fall back on.',
  },
  lighthouse_parallel_mode: {
    kind: 'boolean',
    defaultValue: false,
    description: 'Calls are answered by v4 and asked of v5 as well, and the two answers are compared.',
  },
  lighthouse_v5_primary: {
    kind: 'boolean',
    defaultValue: false,
    description: 'Calls are answered by v5 and fall back on v4; a gradual rollout of this flag is the canary.',
  },
  lighthouse_migration_mode: {
    kind: 'string',
    defaultValue: '',
    values: ['v4_only', 'v5_only', 'parallel', 'v4_primary', 'v5_primary'],
    description: 'The mode of every call that no other flag decides; empty is not set.',
  },
};
