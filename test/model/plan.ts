import { type FlagKey, flagKeys } from '@lighthouse-compat/flag-provider';
import type { MigrationMode } from '@lighthouse-compat/sdk';
import fc from 'fast-check';
import { blocks } from './blocks.js';
import { errorCodes, type Script } from './engines.js';
import { allOff, booleanFlags } from './flags.js';
import type { FlagSetting, FlagSettings, Setup } from './history.js';

/** What a caller, a person, time or the engines do next. */
export type Action =
  | { readonly kind: 'newPayload'; readonly block: number; readonly session: string | null }
  | {
      readonly kind: 'forkchoiceUpdated';
      readonly head: number;
      readonly builds: 'no' | 'next' | 'crossing';
      readonly justified: boolean;
      readonly session: string | null;
    }
  /** Of an id that a caller was given, or, where there is none, of one that nobody gave out. */
  | { readonly kind: 'getPayload'; readonly pick: number; readonly known: boolean; readonly session: string | null }
  | { readonly kind: 'import'; readonly block: number; readonly builds: boolean }
  /** More calls at once than a lane or the detached sends hold. */
  | { readonly kind: 'burst'; readonly of: 'newPayload' | 'getPayload' }
  | { readonly kind: 'decide'; readonly of: 'newPayload' | 'forkchoiceUpdated'; readonly block: number }
  | { readonly kind: 'setMode'; readonly mode: MigrationMode }
  | { readonly kind: 'setFlag'; readonly flag: FlagKey; readonly setting: FlagSetting; readonly isSilent: boolean }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'clearLatch' }
  | { readonly kind: 'abort'; readonly pick: number }
  | { readonly kind: 'answer'; readonly count: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'drain'; readonly deadlineMs: number }
  | { readonly kind: 'close' };

/** `turns`: how many promise turns pass before the next step; null: as many as there are. */
export type Step = { readonly action: Action; readonly turns: number | null };

export type Plan = {
  readonly setup: Setup;
  /** Begins with a block that both engines have answered VALID. */
  readonly isPrimed: boolean;
  readonly scripts: { readonly v4: readonly Script[]; readonly v5: readonly Script[] };
  readonly steps: readonly Step[];
};

const weighted = fc.oneof;

const block = weighted(
  { weight: 8, arbitrary: fc.integer({ min: blocks.firstOfShanghai, max: blocks.firstOfCancun - 1 }) },
  { weight: 2, arbitrary: fc.integer({ min: blocks.firstOfCancun, max: blocks.last }) },
  { weight: 1, arbitrary: fc.integer({ min: blocks.first, max: blocks.firstOfShanghai - 1 }) },
);
const session = weighted(
  { weight: 8, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constantFrom('ada', 'bob') },
);
const percent = fc.constantFrom(0, 1, 30, 50, 70, 99, 100);

const mode: fc.Arbitrary<MigrationMode> = weighted(
  {
    weight: 5,
    arbitrary: fc.constantFrom('v4_only', 'v5_only', 'parallel', 'v4_primary', 'v5_primary').map((kind) => ({ kind })),
  },
  { weight: 1, arbitrary: percent.map((share) => ({ kind: 'canary' as const, percent: share })) },
);

const brokenSetting: fc.Arbitrary<FlagSetting> = fc
  .constantFrom('throws', 'rejects', 'error', 'wrongType')
  .map((broken) => ({ broken }));
const booleanSetting: fc.Arbitrary<FlagSetting> = weighted(
  { weight: 5, arbitrary: fc.boolean() },
  { weight: 3, arbitrary: percent },
  { weight: 1, arbitrary: brokenSetting },
);
const modeSetting: fc.Arbitrary<FlagSetting> = weighted(
  { weight: 6, arbitrary: fc.constantFrom('', 'v4_only', 'v5_only', 'parallel', 'v4_primary', 'v5_primary') },
  { weight: 1, arbitrary: fc.constant('sideways') },
  { weight: 1, arbitrary: brokenSetting },
);
const setFlag: fc.Arbitrary<Action> = fc
  .record({
    kind: fc.constant('setFlag'),
    isSilent: weighted({ weight: 2, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    flag: fc.constantFrom<FlagKey>(...Object.values(flagKeys)),
    boolean: booleanSetting,
    mode: modeSetting,
  })
  .map(({ kind, flag, isSilent, boolean, mode: text }) => ({
    kind,
    flag,
    isSilent,
    setting: flag === flagKeys.lighthouseMigrationMode ? text : boolean,
  }));

const action = fc.oneof<fc.WeightedArbitrary<Action>[]>(
  { weight: 14, arbitrary: fc.record({ kind: fc.constant('newPayload'), block, session }) },
  {
    weight: 14,
    arbitrary: fc.record({
      kind: fc.constant('forkchoiceUpdated'),
      head: weighted({ weight: 20, arbitrary: block }, { weight: 1, arbitrary: fc.constant(blocks.unseen) }),
      builds: weighted(
        { weight: 4, arbitrary: fc.constant('no') },
        { weight: 5, arbitrary: fc.constant('next') },
        { weight: 1, arbitrary: fc.constant('crossing') },
      ),
      justified: weighted({ weight: 12, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
      session,
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('getPayload'),
      pick: fc.nat(7),
      known: weighted({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      session,
    }),
  },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('import'), block, builds: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('setMode'), mode }) },
  { weight: 8, arbitrary: setFlag },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('rollback') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('clearLatch') }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('abort'), pick: fc.nat(7) }) },
  { weight: 22, arbitrary: fc.record({ kind: fc.constant('answer'), count: fc.integer({ min: 1, max: 12 }) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('advance'), ms: fc.constantFrom(1, 49, 60, 600, 1_100, 8_000) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('decide'),
      of: fc.constantFrom('newPayload', 'forkchoiceUpdated'),
      block,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drain'), deadlineMs: fc.constantFrom(100, 60_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('burst'), of: fc.constantFrom('newPayload', 'getPayload') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close') }) },
);

const turns = weighted(
  { weight: 4, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 8 }) },
);

const script: fc.Arbitrary<Script> = fc.record({
  says: weighted(
    { weight: 24, arbitrary: fc.constant('VALID') },
    { weight: 3, arbitrary: fc.constant('INVALID') },
    { weight: 1, arbitrary: fc.constantFrom('SYNCING', 'ACCEPTED') },
    { weight: 1, arbitrary: fc.constant('foreign') },
    { weight: 3, arbitrary: fc.constantFrom('bug', 'never', ...errorCodes) },
  ),
  builds: weighted(
    { weight: 5, arbitrary: fc.constant('own') },
    { weight: 3, arbitrary: fc.constant('common') },
    { weight: 1, arbitrary: fc.constant('none') },
  ),
});

const flagSettings: fc.Arbitrary<FlagSettings> = fc
  .record({
    master: weighted({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: booleanSetting }),
    rest: fc.array(fc.tuple(fc.constantFrom<FlagKey>(...booleanFlags), booleanSetting), { maxLength: 2 }),
    mode: weighted({ weight: 2, arbitrary: fc.constant('') }, { weight: 1, arbitrary: modeSetting }),
  })
  .map(({ master, rest, mode: text }) => ({
    ...allOff,
    ...Object.fromEntries(rest),
    lighthouse_v5: master,
    lighthouse_migration_mode: text,
  }));

const setup: fc.Arbitrary<Setup> = fc
  .record({
    topology: weighted(
      { weight: 6, arbitrary: fc.constant('split_warm') },
      { weight: 1, arbitrary: fc.constant('split_cold') },
      { weight: 2, arbitrary: fc.constant('shared') },
    ),
    stickiness: weighted(
      { weight: 4, arbitrary: fc.constant('block') },
      { weight: 2, arbitrary: fc.constant('node') },
      { weight: 1, arbitrary: fc.constant('session') },
    ),
    mode,
    flags: fc.option(flagSettings, { nil: null }),
    flagsTakeTime: fc.boolean(),
    latched: weighted({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    frozen: weighted(
      { weight: 6, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.constantFrom('v4', 'v5') },
    ),
    listenerThrows: weighted({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  })
  .map((given): Setup => {
    const isAllowed = given.topology !== 'split_cold' || given.mode.kind === 'v4_only' || given.mode.kind === 'v5_only';
    return {
      ...given,
      mode: isAllowed ? given.mode : { kind: 'v5_only' },
      frozen: given.topology === 'shared' ? null : given.frozen,
    };
  });

const scripts = fc.array(script, { minLength: 1, maxLength: 10 });

/** What a run does, 5 to 25 steps of it. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  setup,
  isPrimed: fc.boolean(),
  scripts: fc.record({ v4: scripts, v5: scripts }),
  steps: fc.array(fc.record({ action, turns }), { minLength: 5, maxLength: 25, size: 'max' }),
});
