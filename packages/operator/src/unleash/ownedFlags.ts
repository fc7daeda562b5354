import { type FlagKey, flagKeys } from '@lighthouse-compat/flag-provider';
import {
  type FlagPlace,
  type FlagState,
  migrationModeVariants,
  type StrategyState,
  type UnleashAdmin,
} from '@lighthouse-compat/flag-provider/unleash/admin';
import { OperatorError } from '../errors.js';
import type { FlagMend } from './flagMends.js';
import type { OwnedFlags } from './flagsReading.js';
import type { FlagWrite } from './flagWrites.js';

/** The calls of Unleash's Admin API that a migration makes. */
export type FlagAdmin = Pick<
  UnleashAdmin,
  'addRollout' | 'readFlag' | 'removeStrategy' | 'replaceStrategy' | 'setRollout' | 'setVariants' | 'switchFlag'
>;

/** The flags of one environment: they are read and written here, and nothing is decided. */
export type FlagsInPlace = {
  /** Throws what UnleashAdmin throws, and FLAG_NOT_FOUND. */
  read(): Promise<OwnedFlags>;
  /** Tells which of the flags that come before the owned ones is on; null where none is. */
  readOverruling(): Promise<FlagKey | null>;
  /** Makes one request, by what was read before; throws what UnleashAdmin throws. */
  write(write: FlagWrite | FlagMend, read: OwnedFlags): Promise<void>;
  place(flagKey: FlagKey): FlagPlace;
};

/** Flags that are nobody's but a person's, and decide before the owned ones. */
const overruling = [flagKeys.newPayloadV5Only, flagKeys.forkchoiceV5Only, flagKeys.getPayloadV5Only] as const;

/** Makes it; connects to nothing. */
export function flagsInPlace({
  admin,
  project,
  environment,
}: {
  readonly admin: FlagAdmin;
  readonly project: string;
  readonly environment: string;
}): FlagsInPlace {
  const place = (flagKey: FlagKey): FlagPlace => ({ project, environment, flagKey });

  async function readOne(flagKey: FlagKey): Promise<FlagState> {
    const flag = await admin.readFlag(place(flagKey));
    if (flag !== undefined) return flag;
    throw new OperatorError('FLAG_NOT_FOUND', `${flagKey} is not in the project: set the flags up`, { path: flagKey });
  }

  /** What is written by what was read has a strategy, or it would not have been told to be written. */
  const strategyOf = ({ flagKey, strategies: [strategy] }: FlagState): StrategyState => {
    if (strategy !== undefined) return strategy;
    throw new OperatorError('DRIFT', `${flagKey} has no strategy`, { path: flagKey });
  };

  return {
    place,
    async read() {
      const [lighthouse_v5, lighthouse_parallel_mode, lighthouse_v5_primary, lighthouse_migration_mode] =
        await Promise.all([
          readOne(flagKeys.lighthouseV5),
          readOne(flagKeys.lighthouseParallelMode),
          readOne(flagKeys.lighthouseV5Primary),
          readOne(flagKeys.lighthouseMigrationMode),
        ]);
      return { lighthouse_v5, lighthouse_parallel_mode, lighthouse_v5_primary, lighthouse_migration_mode };
    },
    async readOverruling() {
      const flags = await Promise.all(overruling.map((flagKey) => admin.readFlag(place(flagKey))));
      return overruling.find((_flagKey, at) => flags[at]?.enabled === true) ?? null;
    },
    async write(write, read) {
      const at = place(write.flagKey);
      switch (write.kind) {
        case 'switch':
          return admin.switchFlag(at, write.to);
        case 'percent':
          await admin.setRollout(at, strategyOf(read[write.flagKey]), write.percent);
          return;
        case 'mode':
          await admin.setVariants(at, strategyOf(read[write.flagKey]), migrationModeVariants(write.mode));
          return;
        case 'remove':
          return admin.removeStrategy(at, write.strategy);
        case 'replace':
          await admin.replaceStrategy(at, write.strategy, write.rollout);
          return;
        case 'add':
          await admin.addRollout(at, write.rollout);
          return;
      }
    },
  };
}
