import { FlagProviderError, type FlagProviderErrorCode } from '@lighthouse-compat/flag-provider';
import type { UnleashConfig } from '../config/config.js';
import { openUnleash, readFlags } from '../readFlags.js';
import type { Terminal } from '../terminal.js';
import { type CheckItem, itemsOf, messageOf } from './item.js';

const mends: Partial<Readonly<Record<FlagProviderErrorCode, string>>> = {
  CONNECTION_FAILED: 'start Unleash, or correct unleash.url: it ends with /api',
  TIMEOUT: 'look at Unleash: it takes too long to answer',
  UNAUTHORIZED: 'put a token of the Admin API into unleash.tokenFile',
  FORBIDDEN: 'give the token the right to read and change flags and strategies',
  PROJECT_NOT_FOUND: 'correct unleash.project',
  ENVIRONMENT_NOT_FOUND: 'correct unleash.environment',
};

/** What there is to say of the flags. */
export async function unleashItems(
  place: UnleashConfig,
  terminal: Pick<Terminal, 'clock'>,
): Promise<readonly CheckItem[]> {
  const { ok, problem } = itemsOf('Unleash');
  try {
    const readings = await readFlags(await openUnleash(place, terminal), place);
    return readings.flatMap(({ flagKey, flag, differences }) => {
      if (flag === null) return [problem(flagKey, 'it is not there', 'lighthouse-compat flags setup')];
      return differences.length === 0
        ? [ok(flagKey, flag.enabled ? 'on' : 'off')]
        : differences.map(({ path, found, wanted }) =>
            problem(flagKey, `${path}: found ${found}, wanted ${wanted}`, "mend it in Unleash's UI"),
          );
    });
  } catch (error) {
    const mend = error instanceof FlagProviderError ? mends[error.code] : undefined;
    return [problem('answers', messageOf(error), mend ?? "correct the configuration's part unleash")];
  }
}
