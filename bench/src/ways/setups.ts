import type { SdkSetup } from './sdk.js';

const v4Only = { mode: { kind: 'v4_only' } } as const;
const parallel = { mode: { kind: 'parallel' } } as const;
const v4OnlyFlags = { flags: { lighthouse_v5: true, lighthouse_migration_mode: 'v4_only' } } as const;
const armedFlags = { flags: { lighthouse_v5: true, lighthouse_migration_mode: 'v5_primary' } } as const;
const parallelFlags = { flags: { lighthouse_v5: true, lighthouse_parallel_mode: true } } as const;
const shared = { topology: 'shared', standby: 'warm' } as const;
const cold = { topology: 'split', standby: 'cold' } as const;
const warm = { topology: 'split', standby: 'warm' } as const;
const observed = { observed: true } as const;

/** The name of a set-up, which its figures have. */
export type SetupName =
  | 'single'
  | 'single_observed'
  | 'single_no_flags'
  | 'single_armed'
  | 'single_cold'
  | 'shadow'
  | 'shadow_observed'
  | 'shadow_no_flags'
  | 'parallel'
  | 'parallel_no_flags';

/** The set-ups that are measured. */
export const sdkSetups: Readonly<Record<SetupName, SdkSetup>> = {
  single: { ...shared, ...v4Only, ...v4OnlyFlags },
  single_observed: { ...shared, ...v4Only, ...v4OnlyFlags, ...observed },
  single_no_flags: { ...shared, ...v4Only },
  single_armed: { ...shared, ...v4Only, ...armedFlags },
  single_cold: { ...cold, ...v4Only, ...v4OnlyFlags },
  shadow: { ...warm, ...v4Only, ...v4OnlyFlags },
  shadow_observed: { ...warm, ...v4Only, ...v4OnlyFlags, ...observed },
  shadow_no_flags: { ...warm, ...v4Only },
  parallel: { ...warm, ...v4Only, ...parallelFlags },
  parallel_no_flags: { ...warm, ...parallel },
};

/** Whether there is a set-up of that name. */
export const isSetupName = (name: string): name is SetupName => Object.hasOwn(sdkSetups, name);
