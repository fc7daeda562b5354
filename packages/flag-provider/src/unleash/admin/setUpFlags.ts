import { FlagProviderError } from '../../errors.js';
import { type FlagKey, flagKeys, flagVocabulary } from '../../flagKeys.js';
import { type FlagDifference, flagDifferences, initialRollout } from './flagShape.js';
import { environmentNotFound, type FlagState } from './flagState.js';
import { isPassing } from './request.js';
import type { FlagPlace, UnleashAdmin } from './unleashAdmin.js';

/** What became of one flag. */
export type FlagSetUp = { readonly flagKey: FlagKey } & (
  | {
      /** Made now; `completed`: was there without a strategy in the environment, as a set-up that broke off leaves it, or one of another environment; `present`: was there as it should be. */
      readonly kind: 'created' | 'completed' | 'present';
      readonly enabled: boolean;
    }
  /** Was there in another shape, and was not touched. */
  | { readonly kind: 'differs'; readonly differences: readonly FlagDifference[] }
);

// A flag takes three; more are needed only while others change it or the server fails.
const mostPasses = 8;

/**
 * Makes all flags of the vocabulary in a project and gives each a rollout in one environment, off, without touching
 * what is there; it can be run again, also after it broke off.
 *
 * Throws what {@link UnleashAdmin} throws; PROJECT_NOT_FOUND, ENVIRONMENT_NOT_FOUND and a token that is wrong or without
 * the right before anything is written.
 */
export async function setUpFlags(options: {
  readonly admin: UnleashAdmin;
  readonly project: string;
  readonly environment: string;
}): Promise<readonly FlagSetUp[]> {
  const { admin, project, environment } = options;
  const { environments } = await admin.readProject(project);
  if (!environments.includes(environment)) throw environmentNotFound(environment);
  const results: FlagSetUp[] = [];
  for (const flagKey of Object.values(flagKeys)) {
    results.push(await setUpFlag(admin, { project, environment, flagKey }));
  }
  return results;
}

/** Does what is missing, one step at a time, each after reading what is there: a step that failed may have been done. */
async function setUpFlag(admin: UnleashAdmin, place: FlagPlace & { readonly flagKey: FlagKey }): Promise<FlagSetUp> {
  const { project, flagKey } = place;
  let made: 'created' | 'completed' | undefined;
  let trouble: FlagProviderError | undefined;
  for (let pass = 0; pass < mostPasses; pass += 1) {
    const flag = await admin.readFlag(place);
    try {
      if (flag === undefined) {
        if (trouble?.code === 'CONFLICT') return { flagKey, kind: 'differs', differences: [nameTaken(trouble)] };
        made = 'created';
        await admin.createFlag({ project, flagKey, description: flagVocabulary[flagKey].description });
      } else if (isUnfinished(flag)) {
        made ??= 'completed';
        await admin.addRollout(place, initialRollout(flagKey));
      } else {
        const differences = flagDifferences(flagKey, flag);
        if (differences.length > 0) return { flagKey, kind: 'differs', differences };
        return { flagKey, kind: made ?? 'present', enabled: flag.enabled };
      }
      trouble = undefined;
    } catch (error) {
      if (!(error instanceof FlagProviderError) || (!isPassing(error) && error.code !== 'CONFLICT')) throw error;
      if (error.code === 'CONFLICT') made = undefined;
      trouble = error;
    }
  }
  throw trouble ?? new FlagProviderError('CONFLICT', flagKey, 'it is being changed by somebody else');
}

const isUnfinished = ({ strategies, enabled }: FlagState): boolean => strategies.length === 0 && !enabled;

function nameTaken({ message }: FlagProviderError): FlagDifference {
  return { path: 'name', found: message, wanted: 'a flag of this project that is not archived' };
}
