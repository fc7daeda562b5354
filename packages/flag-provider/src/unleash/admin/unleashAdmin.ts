import { FlagProviderError } from '../../errors.js';
import {
  type FlagState,
  type FlagSummary,
  type ProjectState,
  readFlagState,
  readFlagSummaries,
  readProjectState,
  readStrategyState,
  type StrategyState,
  type StrategyVariant,
} from './flagState.js';
import { type AdminSettings, nameIn, percentIn, readAdminSettings, type UnleashAdminOptions } from './options.js';
import { type RepeatableRequest, request } from './request.js';

/** A flag of a project, in one of its environments. */
export type FlagPlace = { readonly project: string; readonly environment: string; readonly flagKey: string };

/** A flag to be made; it is off in every environment. */
export type NewFlag = { readonly project: string; readonly flagKey: string; readonly description: string };

/** A gradual rollout to be added to a flag. */
export type NewRollout = {
  readonly percent: number;
  /** The context field that a key is drawn by, as in `userId`. */
  readonly stickiness: string;
  readonly groupId: string;
  readonly variants?: readonly StrategyVariant[];
};

type PatchOperation = { readonly op: 'test' | 'replace'; readonly path: string; readonly value: unknown };

/**
 * The calls of Unleash's Admin API that a migration needs.
 *
 * Every call throws a FlagProviderError: CONNECTION_FAILED, TIMEOUT, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, RATE_LIMITED,
 * SERVER_ERROR, REQUEST_REFUSED, RESPONSE_TOO_LARGE, MALFORMED_RESPONSE or ABORTED, after the retries; INVALID_OPTION and
 * INVALID_PERCENT before anything is sent. The token is in none of them.
 *
 * Source: https://docs.getunleash.io/api-overview.
 */
export class UnleashAdmin {
  readonly #settings: AdminSettings;

  /** Checks the options and connects to nothing; throws `INVALID_OPTION`. */
  constructor(options: UnleashAdminOptions) {
    this.#settings = readAdminSettings(options);
  }

  /** Reads a project; throws PROJECT_NOT_FOUND as well. */
  async readProject(project: string): Promise<ProjectState> {
    const path = `/admin/projects/${nameIn('project', project)}/overview`;
    try {
      return readProjectState(await this.#get(path), `GET ${path}`);
    } catch (cause) {
      if (!isNotFound(cause)) throw cause;
      throw new FlagProviderError('PROJECT_NOT_FOUND', 'project', `there is no ${project}`, { cause });
    }
  }

  /** Lists the flags of a project, save archived ones; a project that does not exist has none. */
  async listFlags(project: string): Promise<readonly FlagSummary[]> {
    const path = flagsPath(project);
    return readFlagSummaries(await this.#get(path), `GET ${path}`);
  }

  /** Reads a flag's switch and strategies in an environment, or gives undefined if the project has no such flag; throws ENVIRONMENT_NOT_FOUND as well. */
  async readFlag({ project, environment, flagKey }: FlagPlace): Promise<FlagState | undefined> {
    const path = flagPath(project, flagKey);
    nameIn('environment', environment);
    try {
      return readFlagState(await this.#get(path), environment, `GET ${path}`);
    } catch (cause) {
      if (isNotFound(cause)) return undefined;
      throw cause;
    }
  }

  /** Makes a flag; throws CONFLICT as well if its name is taken, also by an archived flag or one of another project. A failure may leave it made: reading tells. */
  async createFlag({ project, flagKey, description }: NewFlag): Promise<void> {
    const body = { name: nameIn('flagKey', flagKey), description, type: 'release' };
    await this.#request({ method: 'POST', path: flagsPath(project), body, repeatable: false });
  }

  /** Adds a gradual rollout to a flag in an environment, beside those that it has. A failure may leave it added: reading tells. */
  async addRollout(place: FlagPlace, rollout: NewRollout): Promise<StrategyState> {
    const path = `${environmentPath(place)}/strategies`;
    const made = await this.#request({ method: 'POST', path, body: rolloutBody(rollout), repeatable: false });
    return readStrategyState(made, `POST ${path}`);
  }

  /** Puts a gradual rollout in the place of a strategy, whatever it has become since it was read. */
  async replaceStrategy(place: FlagPlace, { id }: StrategyState, rollout: NewRollout): Promise<StrategyState> {
    const path = strategyPath(place, id);
    const body = { ...rolloutBody(rollout), disabled: false };
    const put = await this.#request({ method: 'PUT', path, body, repeatable: true });
    return readStrategyState(put, `PUT ${path}`);
  }

  /** Takes a strategy away, one that is gone already too; a flag that loses its last one is switched off by the server. */
  async removeStrategy(place: FlagPlace, { id }: StrategyState): Promise<void> {
    try {
      await this.#request({ method: 'DELETE', path: strategyPath(place, id), repeatable: true });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  /** Sets the percentage of a rollout that was read; throws FLAG_CHANGED as well, with nothing written, if the strategy is another one by now. After a failed attempt that had arrived all the same the next one is FLAG_CHANGED too: reading tells. */
  async setRollout(place: FlagPlace, strategy: StrategyState, percent: number): Promise<StrategyState> {
    const value = String(percentIn('percent', percent));
    if (strategy.name !== 'flexibleRollout') {
      throw new FlagProviderError('INVALID_OPTION', 'strategy.name', `${strategy.name} has no percentage to set here`);
    }
    return this.#patch(place, strategy, { op: 'replace', path: '/parameters/rollout', value });
  }

  /** Sets the variants of a strategy that was read; throws what {@link setRollout} throws. */
  async setVariants(
    place: FlagPlace,
    strategy: StrategyState,
    variants: readonly StrategyVariant[],
  ): Promise<StrategyState> {
    return this.#patch(place, strategy, { op: 'replace', path: '/variants', value: variants });
  }

  /** Switches a flag on or off in an environment; one that is so already stays so. A flag without a strategy gets one for everybody when it is switched on. */
  async switchFlag(place: FlagPlace, to: 'on' | 'off'): Promise<void> {
    await this.#request({ method: 'POST', path: `${environmentPath(place)}/${to}`, repeatable: true });
  }

  async #patch(place: FlagPlace, strategy: StrategyState, change: PatchOperation): Promise<StrategyState> {
    const { id, name, disabled, parameters, constraints, segments, variants } = strategy;
    const path = strategyPath(place, id);
    const asRead = Object.entries({ name, disabled, parameters, constraints, segments, variants });
    const tests = asRead.map(([key, value]): PatchOperation => ({ op: 'test', path: `/${key}`, value }));
    const changed = await this.#request({ method: 'PATCH', path, body: [...tests, change], repeatable: true });
    return readStrategyState(changed, `PATCH ${path}`);
  }

  #get(path: string): Promise<unknown> {
    return this.#request({ method: 'GET', path, repeatable: true });
  }

  #request(asked: RepeatableRequest): Promise<unknown> {
    return request(asked, this.#settings);
  }
}

const isNotFound = (error: unknown): boolean => error instanceof FlagProviderError && error.code === 'NOT_FOUND';

const flagsPath = (project: string): string => `/admin/projects/${nameIn('project', project)}/features`;

const flagPath = (project: string, flagKey: string): string => `${flagsPath(project)}/${nameIn('flagKey', flagKey)}`;

const environmentPath = ({ project, environment, flagKey }: FlagPlace): string =>
  `${flagPath(project, flagKey)}/environments/${nameIn('environment', environment)}`;

const strategyPath = (place: FlagPlace, id: string): string =>
  `${environmentPath(place)}/strategies/${nameIn('strategy.id', id)}`;

function rolloutBody({ percent, stickiness, groupId, variants = [] }: NewRollout): object {
  const parameters = { rollout: String(percentIn('percent', percent)), stickiness, groupId };
  return { name: 'flexibleRollout', parameters, constraints: [], segments: [], variants };
}
