import type { ReadConfig } from '../config/config.js';
import { configNames } from '../config/readConfig.js';
import { type CheckItem, itemsOf } from './item.js';

const mends: Readonly<Record<string, string>> = {
  CONFIG_UNREADABLE: '--config names the file; look at its path and its rights',
  INVALID_YAML: 'mend its YAML there',
  UNKNOWN_FIELD: 'take it out, or look for its right name in lighthouse-compat.schema.json',
  MISSING_FIELD: 'add it',
  FLEET_NEEDS_NODE_STICKINESS: "set plan.stickiness to 'node'",
  LAST_STEP_NOT_100: 'let plan.steps end with 100',
  STEPS_NOT_RISING: 'let plan.steps rise',
};

/** What there is to say of the configuration itself. */
export function configItems({ file, config, problems }: ReadConfig): readonly CheckItem[] {
  const { ok, warning, problem } = itemsOf('configuration');
  if (file === null) return [warning('file', 'there is none', `write ${configNames[0]}: docs/command.md shows one`)];
  if (problems.length > 0)
    return problems.map(({ code, path, message }) =>
      problem(path === '' ? 'file' : path, message, mends[code] ?? `mend it in ${file}`),
    );
  return [
    ok('file', file),
    config.plan === null
      ? warning('plan', 'it has none: what the service was given cannot be held against it', 'write the plan down, too')
      : ok('plan', 'it can be used'),
  ];
}
