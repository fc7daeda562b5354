import type { FlagDefinition } from './client.js';
import { type Explain, explainer } from './explain.js';

/** A flag as it is evaluated. */
export type Flag = { readonly name: string; readonly project: string | undefined; readonly explain: Explain };

/** The flags in force, by name. */
export type Flags = ReadonlyMap<string, Flag>;

/** Makes flags of their definitions; a definition is read when its flag is first asked for, since a malformed one fails that flag alone. */
export function flagsOf(definitions: ReadonlyMap<string, FlagDefinition>): Flags {
  return new Map(Array.from(definitions, ([name, definition]) => [name, flagOf(definition)]));
}

function flagOf(definition: FlagDefinition): Flag {
  let explain: Explain | undefined;
  return {
    name: definition.name,
    project: definition.project,
    explain(context, isOn) {
      explain ??= explainer(definition);
      return explain(context, isOn);
    },
  };
}
