import { resolve } from 'node:path';
import { CompatError, type MigrationPlan, type MigrationPlanOptions, parsePlan } from '@lighthouse-compat/sdk';
import { Ajv } from 'ajv';
import { LineCounter, parseDocument } from 'yaml';
import { type Problem, schemaProblems } from '../../schemaProblems.js';
import { parseServerUrl } from '../../serverUrl.js';
import type { Config, PrometheusConfig, ServiceConfig, UnleashConfig } from './config.js';
import { configSchema } from './configSchema.js';

type Raw = {
  readonly by?: string;
  readonly service?: ServiceConfig;
  readonly peers?: Config['peers'];
  readonly unleash?: UnleashConfig;
  readonly prometheus?: PrometheusConfig;
  readonly plan?: MigrationPlanOptions;
};

type Parsed = { readonly config: Config; readonly problems: readonly Problem[] };

/** What holds where a file says nothing. */
export const emptyConfig: Config = { peers: [], plan: null };

const failed = (problems: readonly Problem[]): Parsed => ({ config: emptyConfig, problems });

function planOf(options: MigrationPlanOptions | undefined, report: (problem: Problem) => void): MigrationPlan | null {
  if (options === undefined) return null;
  try {
    return parsePlan(options);
  } catch (error) {
    if (!(error instanceof CompatError) || error.problems === undefined) throw error;
    for (const { code, path, message } of error.problems)
      report(path === 'plan' ? { code, path, message } : { code, path: `plan.${path}`, message: `plan.${message}` });
    return null;
  }
}

/** The steps of a path that are members of the configuration: `peers.1.url`. */
const topOf = (path: string): string => path.split('.')[0] ?? '';

/** Reads a configuration from YAML, of which JSON is a part: what is wrong is told, all of it, and its part left out. `folder`: where the paths in it begin. */
export function parseConfig(text: string, folder: string): Parsed {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return failed(
      document.errors.slice(0, 20).map(({ message, pos: [at] }) => {
        const { line, col } = lines.linePos(at);
        return { code: 'INVALID_YAML', path: `line ${line}`, message: `line ${line}, column ${col}: ${message}` };
      }),
    );
  }
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return failed([{ code: 'INVALID_YAML', path: '', message }]);
  }
  const validate = new Ajv({ allErrors: true, strict: true, strictTypes: false, allowUnionTypes: true }).compile(
    configSchema,
  );
  validate(value);
  const problems: Problem[] = [];
  const report = (problem: Problem): void => {
    problems.push(problem);
  };
  // The plan's own check says the same of a plan, and more.
  for (const problem of schemaProblems(validate.errors, '')) if (!/^plan(\.|$)/.test(problem.path)) report(problem);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return failed(
      problems.length > 0 ? problems : [{ code: 'INVALID_FIELD', path: '', message: 'an object is needed' }],
    );

  const wrong = new Set(problems.map(({ path }) => topOf(path)));
  const raw = Object.fromEntries(Object.entries(value).filter(([name]) => !wrong.has(name))) as Raw;
  const isAddress = (url: string, path: string): boolean => {
    try {
      parseServerUrl(url);
      return true;
    } catch (error) {
      report({ code: 'INVALID_FIELD', path, message: `${path}: ${error instanceof Error ? error.message : error}` });
      return false;
    }
  };
  const at = (file: string): string => resolve(folder, file);
  const service = (each: ServiceConfig): ServiceConfig => ({
    ...each,
    ...(each.tokenFile === undefined ? {} : { tokenFile: at(each.tokenFile) }),
  });
  const { by, plan: planOptions } = raw;
  const peers = (raw.peers ?? []).filter(({ url }, index) => isAddress(url, `peers.${index}.url`));
  const names = [raw.service?.name, ...peers.map(({ name }) => name)].filter((name) => name !== undefined);
  if (new Set(names).size < names.length)
    report({ code: 'INVALID_FIELD', path: 'peers', message: 'peers: two services have one name' });
  const { unleash, prometheus } = raw;
  const plan = planOf(planOptions, report);
  return {
    problems,
    config: {
      ...(by === undefined ? {} : { by }),
      ...(raw.service === undefined || !isAddress(raw.service.url, 'service.url')
        ? {}
        : { service: service(raw.service) }),
      peers: peers.map((peer) => ({ ...service(peer), name: peer.name })),
      ...(unleash === undefined || !isAddress(unleash.url, 'unleash.url')
        ? {}
        : { unleash: { ...unleash, tokenFile: at(unleash.tokenFile) } }),
      ...(prometheus === undefined || !isAddress(prometheus.url, 'prometheus.url')
        ? {}
        : { prometheus: withFiles(prometheus, at) }),
      plan,
    },
  };
}

const withFiles = (prometheus: PrometheusConfig, at: (file: string) => string): PrometheusConfig => ({
  ...prometheus,
  ...(prometheus.tokenFile === undefined ? {} : { tokenFile: at(prometheus.tokenFile) }),
  ...(prometheus.basicAuth === undefined
    ? {}
    : { basicAuth: { ...prometheus.basicAuth, passwordFile: at(prometheus.basicAuth.passwordFile) } }),
});
