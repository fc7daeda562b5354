import { FlagProviderError, flagKeys } from '@lighthouse-compat/flag-provider';
import {
  type FlagDifference,
  type FlagState,
  flagDifferences,
  UnleashAdmin,
} from '@lighthouse-compat/flag-provider/unleash/admin';
import { OperatorError } from '../errors.js';
import { readSecretFile } from '../secretFile.js';
import type { UnleashConfig } from './config/config.js';
import type { Terminal } from './terminal.js';

/** A flag as it is; null where it is not there. */
export type FlagReading = {
  readonly flagKey: string;
  readonly flag: FlagState | null;
  readonly differences: readonly FlagDifference[];
};

/** Opens the Admin API; throws INVALID_CONFIG where its token cannot be read. */
export async function openUnleash(
  { url, tokenFile, timeoutMs }: UnleashConfig,
  { clock }: Pick<Terminal, 'clock'>,
): Promise<UnleashAdmin> {
  const token = await readSecretFile(tokenFile);
  if (token === null) {
    const message = `unleash.tokenFile: ${tokenFile} cannot be read, or does not hold one line`;
    throw new OperatorError('INVALID_CONFIG', message, {
      path: 'unleash.tokenFile',
      problems: [{ code: 'SECRET_UNREADABLE', path: 'unleash.tokenFile', message }],
    });
  }
  // A person waits for it: what is away is told after seconds, and not after many tries.
  return new UnleashAdmin({ url, token, retries: 1, clock, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
}

/** Reads every flag of the SDK, in the order of its vocabulary. */
export async function readFlags(
  admin: UnleashAdmin,
  { project, environment }: Pick<UnleashConfig, 'project' | 'environment'>,
): Promise<readonly FlagReading[]> {
  // A project or an environment that is none is told as that, and not as seven missing flags.
  const { environments } = await admin.readProject(project);
  if (!environments.includes(environment))
    throw new FlagProviderError('ENVIRONMENT_NOT_FOUND', 'environment', `the project has no ${environment}`);
  return Promise.all(
    Object.values(flagKeys).map(async (flagKey) => {
      const flag = (await admin.readFlag({ project, environment, flagKey })) ?? null;
      return { flagKey, flag, differences: flag === null ? [] : flagDifferences(flagKey, flag) };
    }),
  );
}
