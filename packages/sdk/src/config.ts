import { type ForkSchedule, parseForkSchedule } from '@lighthouse-compat/conversions';
import type { Client } from '@openfeature/server-sdk';
import type { Registry } from 'prom-client';
import { type Clock, systemClock } from './clock.js';
import { parseJwtSecret, readJwtSecretFile } from './engine/jwt.js';
import { CompatError } from './errors.js';
import { isolated, type Logger, silentLogger } from './logger.js';
import type { ReplayBounds } from './replay/replayBuffer.js';
import { servedForkAt } from './selection/chainView.js';
import { type MigrationMode, parseMigrationMode, requireAllowed } from './selection/migrationMode.js';
import type { Stickiness } from './selection/targetingKey.js';

/** Where an execution client's Engine API is, and its secret: 32 bytes, as bytes, as hex, or as a file of hex. */
export type EngineOptions = { readonly url: string | URL } & (
  | { readonly jwtSecret: Uint8Array | string; readonly jwtSecretFile?: never }
  | { readonly jwtSecretFile: string; readonly jwtSecret?: never }
);

/** What createLighthouseCompat takes. */
export type LighthouseCompatOptions = {
  /** v4's engine. The same URL for both is one shared engine. */
  readonly v4: EngineOptions;
  readonly v5: EngineOptions;
  /** Unix seconds. */
  readonly forks: {
    readonly shanghaiTime: bigint | number;
    readonly cancunTime?: bigint | number;
    readonly pragueTime?: bigint | number;
  };
  /** An OpenFeature client of any provider; without one the configured mode is all there is. */
  readonly flags?: Client;
  /** Default v4_only. */
  readonly mode?: MigrationMode;
  /** Default 'block'. */
  readonly stickiness?: Stickiness;
  /** Needed for the stickiness 'node'; the same at every start. */
  readonly nodeId?: string;
  /** Whether the engine that does not answer gets every call too ('warm', the default), or nothing ('cold'); cold allows v4_only and v5_only alone. */
  readonly standby?: 'warm' | 'cold';
  /** Keeps the rollback latch over a restart; a file that is there but cannot be read counts as a latch. */
  readonly latchFile?: string;
  /** Where the metrics are registered; none without it. */
  readonly registry?: Registry;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** The deadlines of the Engine API methods are multiplied by `factor`. */
  readonly timeouts?: { readonly factor?: number };
  /** How long v5 has, in milliseconds from its send, before v4's answer is given in its place where the mode falls back; default 2000. */
  readonly fallbackAfterMs?: number;
  /** What is kept to bring an engine back that has fallen behind; default 128 payloads and 128 MiB. With 0 payloads nothing is replayed. */
  readonly replay?: { readonly maxPayloads?: number; readonly maxBytes?: number };
  /** An answer over this many bytes is refused; default 64 MiB. */
  readonly maxResponseBytes?: number;
  /** Whether what `report()` needs is kept, in constant memory; default false. */
  readonly report?: boolean;
};

/** The options once checked, secrets read. */
export type Config = {
  readonly v4: { readonly url: URL; readonly secret: Uint8Array };
  readonly v5: { readonly url: URL; readonly secret: Uint8Array };
  readonly sharedEngine: boolean;
  readonly forks: ForkSchedule;
  readonly flags: Client | undefined;
  readonly mode: MigrationMode;
  readonly stickiness: Stickiness;
  readonly nodeId: string | null;
  readonly standby: 'warm' | 'cold';
  readonly latchFile: string | null;
  readonly registry: Registry | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly timeoutFactor: number;
  readonly fallbackAfterMs: number;
  readonly replay: ReplayBounds;
  readonly maxResponseBytes: number;
  readonly report: boolean;
};

const invalid = (path: string, what: string): never => {
  throw new CompatError('INVALID_OPTION', `${path}: ${what}`, { path });
};

function recordAt(value: unknown, path: string, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid(path, 'an object is needed');
  for (const key of Object.keys(value)) {
    if (!keys.includes(key)) return invalid(path === 'options' ? key : `${path}.${key}`, 'there is no such option');
  }
  return value as Readonly<Record<string, unknown>>;
}

function parseUrl(value: unknown, path: string): URL {
  const text = value instanceof URL ? value.href : value;
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined;
  // The URL itself is not told: one with a password in it must not reach a log.
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new CompatError('INVALID_URL', `${path}: an http or https URL is needed`, { path });
  }
  if (url.username !== '' || url.password !== '') {
    throw new CompatError(
      'INVALID_URL',
      `${path}: a URL with a user or password in it; the Engine API takes a JWT secret`,
      { path },
    );
  }
  return url;
}

async function parseEngine(value: unknown, path: string): Promise<{ url: URL; secret: Uint8Array }> {
  const engine = recordAt(value, path, ['url', 'jwtSecret', 'jwtSecretFile']);
  const url = parseUrl(engine['url'], `${path}.url`);
  const { jwtSecret, jwtSecretFile } = engine as { jwtSecret?: Uint8Array | string; jwtSecretFile?: unknown };
  if ((jwtSecret === undefined) === (jwtSecretFile === undefined)) {
    return invalid(`${path}.jwtSecret`, 'either jwtSecret or jwtSecretFile is needed, and not both');
  }
  if (jwtSecret !== undefined) return { url, secret: parseJwtSecret(jwtSecret, `${path}.jwtSecret`) };
  if (typeof jwtSecretFile !== 'string') return invalid(`${path}.jwtSecretFile`, 'the path of a file is needed');
  return { url, secret: await readJwtSecretFile(jwtSecretFile, `${path}.jwtSecretFile`) };
}

function parseStickiness(value: unknown, nodeId: unknown): { stickiness: Stickiness; nodeId: string | null } {
  if (nodeId !== undefined && (typeof nodeId !== 'string' || nodeId === ''))
    return invalid('nodeId', 'a text that is not empty is needed');
  if (value !== 'block' && value !== 'node' && typeof value !== 'function') {
    return invalid('stickiness', "'block', 'node' or a function is needed");
  }
  if (value === 'node' && nodeId === undefined)
    return invalid('nodeId', "the stickiness 'node' needs it, the same at every start");
  return { stickiness: value as Stickiness, nodeId: nodeId ?? null };
}

const isFunctionAt = (value: unknown, key: string): boolean =>
  typeof value === 'object' &&
  value !== null &&
  key in value &&
  typeof (value as Record<string, unknown>)[key] === 'function';

/** Longer than a quarter of an hour nothing is waited for. */
const maxTimeoutFactor = 100;

const optionKeys = [
  'v4',
  'v5',
  'forks',
  'flags',
  'mode',
  'stickiness',
  'nodeId',
  'standby',
  'latchFile',
  'registry',
  'logger',
  'clock',
  'timeouts',
  'fallbackAfterMs',
  'replay',
  'maxResponseBytes',
  'report',
] as const satisfies readonly (keyof LighthouseCompatOptions)[];

const defaultReplay: ReplayBounds = { maxPayloads: 128, maxBytes: 128 * 1024 * 1024 };

function parseReplay(options: unknown): ReplayBounds {
  const { maxPayloads = defaultReplay.maxPayloads, maxBytes = defaultReplay.maxBytes } = recordAt(options, 'replay', [
    'maxPayloads',
    'maxBytes',
  ]);
  if (typeof maxPayloads !== 'number' || !Number.isSafeInteger(maxPayloads) || maxPayloads < 0) {
    return invalid('replay.maxPayloads', 'a whole number, 0 or above, is needed');
  }
  if (typeof maxBytes !== 'number' || !Number.isSafeInteger(maxBytes) || maxBytes <= 0) {
    return invalid('replay.maxBytes', 'a whole number of bytes above 0 is needed');
  }
  return { maxPayloads, maxBytes };
}

/** Checks every option and reads the secrets; throws a CompatError, or a ConversionError INVALID_FORK_SCHEDULE, with the option's path, before anything is opened; UNSUPPORTED_FORK for a chain that begins with Prague. */
export async function parseConfig(options: LighthouseCompatOptions): Promise<Config> {
  recordAt(options, 'options', optionKeys);
  const forks = parseForkSchedule(options.forks, 'forks');
  servedForkAt(forks, 0n, 'forks.pragueTime');
  const mode = options.mode === undefined ? ({ kind: 'v4_only' } as const) : parseMigrationMode(options.mode);
  const sticky = parseStickiness(options.stickiness ?? 'block', options.nodeId);
  if (options.flags !== undefined && !isFunctionAt(options.flags, 'getBooleanDetails'))
    invalid('flags', 'an OpenFeature client is needed');
  const standby = options.standby ?? 'warm';
  if (standby !== 'warm' && standby !== 'cold') return invalid('standby', "'warm' or 'cold' is needed");
  requireAllowed(mode, standby, 'mode');
  if (options.latchFile !== undefined && (typeof options.latchFile !== 'string' || options.latchFile === '')) {
    return invalid('latchFile', 'the path of a file is needed');
  }
  if (options.registry !== undefined && !isFunctionAt(options.registry, 'registerMetric'))
    invalid('registry', 'a prom-client Registry is needed');
  const logger: unknown = options.logger;
  if (logger !== undefined && !['info', 'warn', 'error'].every((level) => isFunctionAt(logger, level)))
    invalid('logger', 'info, warn and error are needed');
  if (options.clock !== undefined && !isFunctionAt(options.clock, 'setTimer')) invalid('clock', 'a Clock is needed');
  const timeoutFactor = recordAt(options.timeouts ?? {}, 'timeouts', ['factor'])['factor'] ?? 1;
  if (
    typeof timeoutFactor !== 'number' ||
    !Number.isFinite(timeoutFactor) ||
    timeoutFactor <= 0 ||
    timeoutFactor > maxTimeoutFactor
  ) {
    return invalid('timeouts.factor', `a number above 0 and up to ${maxTimeoutFactor} is needed`);
  }
  const fallbackAfterMs = options.fallbackAfterMs ?? 2_000;
  if (!Number.isSafeInteger(fallbackAfterMs) || fallbackAfterMs <= 0 || fallbackAfterMs > 60_000) {
    return invalid('fallbackAfterMs', 'a whole number of milliseconds from 1 to 60000 is needed');
  }
  const replay = parseReplay(options.replay ?? {});
  const maxResponseBytes = options.maxResponseBytes ?? 64 * 1024 * 1024;
  if (!Number.isSafeInteger(maxResponseBytes) || maxResponseBytes <= 0)
    invalid('maxResponseBytes', 'a whole number above 0 is needed');

  const report = options.report ?? false;
  if (typeof report !== 'boolean') invalid('report', 'true or false is needed');

  const [v4, v5] = [await parseEngine(options.v4, 'v4'), await parseEngine(options.v5, 'v5')];
  const sharedEngine = v4.url.href === v5.url.href;
  if (sharedEngine && Buffer.compare(v4.secret, v5.secret) !== 0) {
    throw new CompatError('INVALID_JWT_SECRET', 'v5: one shared engine has one JWT secret, these are two', {
      path: 'v5',
    });
  }
  return {
    v4,
    v5,
    sharedEngine,
    forks,
    flags: options.flags,
    mode,
    ...sticky,
    standby,
    latchFile: options.latchFile ?? null,
    registry: options.registry,
    logger: options.logger === undefined ? silentLogger : isolated(options.logger),
    clock: options.clock ?? systemClock,
    timeoutFactor,
    fallbackAfterMs,
    replay,
    maxResponseBytes,
    report,
  };
}
