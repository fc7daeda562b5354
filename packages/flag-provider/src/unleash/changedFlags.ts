import { isDeepStrictEqual } from 'node:util';
import type { FlagDefinition } from './client.js';

type Flags = ReadonlyMap<string, FlagDefinition>;

/** Names the flags that evaluate differently after a change: those whose own definition or segments changed, came or went, and those that depend on one of them. */
export function changedFlags(before: Flags, after: Flags): readonly string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  const changed = new Set(names.filter((name) => !isDeepStrictEqual(rules(before.get(name)), rules(after.get(name)))));
  // Unleash follows dependencies for one generation: a parent with parents of its own is never satisfied.
  return names.filter(
    (name) => changed.has(name) || after.get(name)?.dependencies?.some(({ feature }) => changed.has(feature)),
  );
}

/** What a flag is evaluated by, and nothing of what the server only remembers with it. */
function rules(flag: FlagDefinition | undefined): unknown {
  if (flag === undefined) return undefined;
  const { enabled, project, strategies, variants, dependencies } = flag;
  return { enabled, project, strategies, variants, dependencies };
}
