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

/** A variable that is set; one that is empty is not. */
const read = ({ env }: Around, name: keyof typeof variables): string | undefined => env[variables[name]] || undefined;

/** Whether a variable is set. */
export const isSet = (around: Around, name: keyof typeof variables): boolean => read(around, name) !== undefined;

/** Reads the file that a command goes by. */
export const readFor = ({ config }: SettingOptions, around: Around): Promise<ReadConfig> =>
  readConfig(config ?? read(around, 'config'), around.folder);

const missing = (path: string, what: string): OperatorError =>
  new OperatorError('INVALID_CONFIG', what, { path, problems: [{ code: 'MISSING_FIELD', path, message: what }] });

/** Gives a configuration; throws INVALID_CONFIG with everything that is wrong with it. */
export function requireValid({ file, config, problems }: ReadConfig): Config {
  if (problems.length === 0) return config;
  const message = `${file}: ${problems.map((problem) => problem.message).join('; ')}`;
  throw new OperatorError('INVALID_CONFIG', message, { path: problems[0]?.path ?? '', problems });
}

/** Who acts: as told, else the user of the machine. */
export const actorOf = (options: SettingOptions, config: Config, around: Around): string =>
  options.by ?? read(around, 'by') ?? config.by ?? around.userName;

/** A service as it is meant, and whether it is one of the configuration's peers. */
export type MeantService = ServiceConfig & { readonly isPeer: boolean };

/**
 * The service that the options mean. A token goes where its address comes from: the option's with any address, the
 * variable's with the variable's address or that of the file's own service, and the file's with the service that it
 * stands at. Throws INVALID_CONFIG where there is none.
 */
export function serviceOf(options: SettingOptions, config: Config, around: Around): MeantService {
  const at = (file: string): string => resolve(around.folder, file);
  const given = options.tokenFile === undefined ? undefined : at(options.tokenFile);
  const ofVariable = read(around, 'tokenFile');
  const withToken = (service: ServiceConfig, tokenFile: string | undefined, isPeer = false): MeantService => ({
    ...service,
    isPeer,
    ...(tokenFile === undefined ? {} : { tokenFile }),
  });
  if (options.url !== undefined) {
    parseServerUrl(options.url);
    return withToken({ url: options.url }, given);
  }
  const own = given ?? (ofVariable === undefined ? undefined : at(ofVariable));
  if (options.service !== undefined) {
    if (config.service?.name === options.service) return withToken(config.service, own);
    const peer = config.peers.find(({ name }) => name === options.service);
    if (peer !== undefined) return withToken(peer, given, true);
    const names = [config.service?.name, ...config.peers.map(({ name }) => name)].filter((name) => name !== undefined);
    const there = names.length === 0 ? 'is none with a name' : `are ${names.join(', ')}`;
    throw missing('service', `no service is called ${options.service}; there ${there}`);
  }
  const url = read(around, 'url');
  if (url !== undefined) {
    parseServerUrl(url);
    return withToken({ url }, own);
  }
  if (config.service !== undefined) return withToken(config.service, own);
  throw missing(
    'service.url',
    `no service is named: service.url in the configuration, --url, or ${variables.url} says where its control API is`,
  );
}

/** Where the flags are; tokens go where their addresses come from, as with a service. Throws INVALID_CONFIG with what is not told. */
export function unleashOf(options: SettingOptions, config: Config, around: Around): UnleashConfig {
  const { unleash } = config;
  const ofVariable = { url: read(around, 'unleashUrl'), tokenFile: read(around, 'unleashTokenFile') };
  const url = options.url ?? ofVariable.url ?? unleash?.url;
  const tokenFile =
    options.tokenFile ??
    (options.url !== undefined
      ? undefined
      : (ofVariable.tokenFile ?? (ofVariable.url === undefined ? unleash?.tokenFile : undefined)));
  if (url === undefined)
    throw missing(
      'unleash.url',
      `no Unleash is named: unleash.url, --url, or ${variables.unleashUrl} says where its API is`,
    );
  if (tokenFile === undefined)
    throw missing(
      'unleash.tokenFile',
      `no token is named: unleash.tokenFile, --token-file, or ${variables.unleashTokenFile} says in which file it is`,
    );
  return {
    ...(unleash?.timeoutMs === undefined ? {} : { timeoutMs: unleash.timeoutMs }),
    url,
    tokenFile: resolve(around.folder, tokenFile),
    project: options.project ?? unleash?.project ?? 'default',
    environment: options.environment ?? unleash?.environment ?? 'development',
  };
}
