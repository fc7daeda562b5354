import { resolve } from 'node:path';
import { OperatorError } from '../../errors.js';
import { parseServerUrl } from '../../serverUrl.js';
import type { Config, ReadConfig, ServiceConfig, UnleashConfig } from './config.js';
import { readConfig } from './readConfig.js';

/** What a command may be told beside the file. */
export type SettingOptions = {
  readonly config?: string;
  readonly service?: string;
  readonly url?: string;
  readonly tokenFile?: string;
  readonly by?: string;
  readonly project?: string;
  readonly environment?: string;
};

/** The variables that stand for options. */
export const variables = {
  config: 'LIGHTHOUSE_COMPAT_CONFIG',
  url: 'LIGHTHOUSE_COMPAT_URL',
  tokenFile: 'LIGHTHOUSE_COMPAT_TOKEN_FILE',
  by: 'LIGHTHOUSE_COMPAT_BY',
  unleashUrl: 'LIGHTHOUSE_COMPAT_UNLEASH_URL',
  unleashTokenFile: 'LIGHTHOUSE_COMPAT_UNLEASH_TOKEN_FILE',
} as const;

/** Where options come from beside the command line. */
export type Around = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly userName: string;
};

/** Reads the file that a command goes by. */
export const readFor = ({ config }: SettingOptions, { env, folder }: Around): Promise<ReadConfig> =>
  readConfig(config ?? env[variables.config], folder);

const invalid = (path: string, what: string): OperatorError =>
  new OperatorError('INVALID_CONFIG', what, { path, problems: [{ code: 'MISSING_FIELD', path, message: what }] });

/** Gives a configuration; throws INVALID_CONFIG with everything that is wrong with it. */
export function requireValid({ file, config, problems }: ReadConfig): Config {
  if (problems.length === 0) return config;
  const message = `${file}: ${problems.map((problem) => problem.message).join('; ')}`;
  throw new OperatorError('INVALID_CONFIG', message, { path: problems[0]?.path ?? '', problems });
}

/** Who acts: as told, else the user of the machine. */
export const actorOf = (options: SettingOptions, config: Config, { env, userName }: Around): string =>
  options.by ?? env[variables.by] ?? config.by ?? userName;

/** The service that is meant. Where its address is told beside the file, so is its token: the file's is for the file's service alone. Throws INVALID_CONFIG where there is none. */
export function serviceOf(options: SettingOptions, config: Config, { env, folder }: Around): ServiceConfig {
  const tokenFile = options.tokenFile ?? env[variables.tokenFile];
  const told = tokenFile === undefined ? {} : { tokenFile: resolve(folder, tokenFile) };
  const url = options.url ?? (options.service === undefined ? env[variables.url] : undefined);
  if (url !== undefined) {
    parseServerUrl(url);
    return { url, ...told };
  }
  const all = [config.service, ...config.peers].filter((each) => each !== undefined);
  const meant = options.service === undefined ? config.service : all.find(({ name }) => name === options.service);
  if (meant !== undefined) return { ...meant, ...told };
  if (options.service === undefined)
    throw invalid(
      'service.url',
      `no service is named: service.url in the configuration, --url, or ${variables.url} says where its control API is`,
    );
  const names = all.flatMap(({ name }) => (name === undefined ? [] : [name]));
  throw invalid(
    'service',
    `no service is called ${options.service}; there ${names.length === 0 ? 'is none with a name' : `are ${names.join(', ')}`}`,
  );
}

/** Where the flags are; throws INVALID_CONFIG with what is not told. */
export function unleashOf(options: SettingOptions, config: Config, { env, folder }: Around): UnleashConfig {
  const told = options.url ?? env[variables.unleashUrl];
  const url = told ?? config.unleash?.url;
  const given = options.tokenFile ?? env[variables.unleashTokenFile];
  const tokenFile =
    given !== undefined ? resolve(folder, given) : told === undefined ? config.unleash?.tokenFile : undefined;
  if (url === undefined)
    throw invalid(
      'unleash.url',
      `no Unleash is named: unleash.url, --url, or ${variables.unleashUrl} says where its API is`,
    );
  if (tokenFile === undefined)
    throw invalid(
      'unleash.tokenFile',
      `no token is named: unleash.tokenFile, --token-file, or ${variables.unleashTokenFile} says in which file it is`,
    );
  return {
    ...(config.unleash?.timeoutMs === undefined ? {} : { timeoutMs: config.unleash.timeoutMs }),
    url,
    tokenFile,
    project: options.project ?? config.unleash?.project ?? 'default',
    environment: options.environment ?? config.unleash?.environment ?? 'development',
  };
}
