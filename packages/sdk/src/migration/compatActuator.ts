import { flagKeys } from '@lighthouse-compat/flag-provider';
import type { Client } from '@openfeature/server-sdk';
import type { LighthouseCompat } from '../lighthouseCompat.js';
import type { MigrationMode } from '../selection/migrationMode.js';
import type { Actuator } from './contracts.js';
import type { SettableTarget } from './target.js';

function modeOf(target: SettableTarget): MigrationMode {
  switch (target.kind) {
    case 'v4_only':
    case 'parallel':
    case 'v5_only':
      return { kind: target.kind };
    case 'canary':
      return { kind: 'canary', percent: target.percent };
  }
}

/** Flags that come before the configured mode: while one of them is on, the mode does not count. */
const overruling = [
  flagKeys.newPayloadV5Only,
  flagKeys.forkchoiceV5Only,
  flagKeys.getPayloadV5Only,
  flagKeys.lighthouseParallelMode,
  flagKeys.lighthouseV5Primary,
] as const;

const isUsable = ({ providerStatus }: Client): boolean => providerStatus === 'READY';

/** Whether the flags leave the choice to the configured mode; the master switch must be on for that. */
async function reportOf(flags: Client): Promise<{ unknown: string | null; drift: string | null }> {
  if (!isUsable(flags)) return { unknown: `the flag provider is ${flags.providerStatus}`, drift: null };
  // About no key in particular: a flag that is on for some only is a rollout, which is not this actuator's.
  const context = { targetingKey: 'lighthouse-compat migration' };
  const master = await flags.getBooleanDetails(flagKeys.lighthouseV5, false, context);
  if (master.errorCode !== undefined) return { unknown: `${flagKeys.lighthouseV5}: ${master.errorCode}`, drift: null };
  if (!master.value) return { unknown: null, drift: `${flagKeys.lighthouseV5} is off, so that v4 answers everything` };
  for (const key of overruling)
    if (await flags.getBooleanValue(key, false, context)) return { unknown: null, drift: `${key} is on` };
  const named = await flags.getStringValue(flagKeys.lighthouseMigrationMode, '', context);
  if (named !== '') return { unknown: null, drift: `${flagKeys.lighthouseMigrationMode} is ${named.slice(0, 64)}` };
  return { unknown: null, drift: null };
}

/** Makes an actuator that acts within the process, by the configured mode and the latch; `flags`: the client that the instance was given, where it was given one. */
export function compatActuator(
  compat: Pick<LighthouseCompat, 'setMigrationMode' | 'rollback' | 'clearLatch' | 'latch'>,
  { flags }: { readonly flags?: Client } = {},
): Actuator {
  return {
    async apply(target) {
      compat.setMigrationMode(modeOf(target));
    },
    latch: (reason) => (compat.latch === null ? compat.rollback(reason) : Promise.resolve()),
    async unlatch(cleared) {
      if (compat.latch !== null) await compat.clearLatch(cleared);
    },
    inspect: async () => (flags === undefined ? { unknown: null, drift: null } : reportOf(flags)),
  };
}
