import { CompatError } from '../errors.js';

/** Which answer counts; `canary` is v5_primary for the keys in its bucket and v4_only for the rest, `percent` a whole number from 0 to 100. */
export type MigrationMode =
  | { readonly kind: 'v4_only' }
  | { readonly kind: 'v5_only' }
  | { readonly kind: 'parallel' }
  | { readonly kind: 'v4_primary' }
  | { readonly kind: 'v5_primary' }
  | { readonly kind: 'canary'; readonly percent: number };

/** The mode that one call goes by: a canary has been resolved for its key. */
export type CallMode = Exclude<MigrationMode['kind'], 'canary'>;

const callModes: Readonly<Record<CallMode, true>> = {
  v4_only: true,
  v5_only: true,
  parallel: true,
  v4_primary: true,
  v5_primary: true,
};

/** Tells whether a text is the name of a mode that a call can go by. */
export const isCallMode = (text: string): text is CallMode => Object.hasOwn(callModes, text);

/** Checks a mode that a caller gives; throws INVALID_MODE or INVALID_PERCENT with the field's path. */
export function parseMigrationMode(value: unknown, path = 'mode'): MigrationMode {
  const allowed =
    typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'canary'
      ? ['kind', 'percent']
      : ['kind'];
  const foreign =
    typeof value === 'object' && value !== null ? Object.keys(value).find((key) => !allowed.includes(key)) : undefined;
  if (foreign !== undefined) {
    throw new CompatError('INVALID_MODE', `${path}.${foreign}: there is no such field in this mode`, {
      path: `${path}.${foreign}`,
    });
  }
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  if (kind === 'canary') {
    const percent = typeof value === 'object' && value !== null && 'percent' in value ? value.percent : undefined;
    if (typeof percent === 'number' && Number.isInteger(percent) && percent >= 0 && percent <= 100)
      return { kind, percent };
    throw new CompatError('INVALID_PERCENT', `${path}.percent: a whole number from 0 to 100 is needed`, {
      path: `${path}.percent`,
    });
  }
  if (typeof kind === 'string' && isCallMode(kind)) return { kind };
  throw new CompatError('INVALID_MODE', `${path}.kind: one of ${Object.keys(callModes).join(', ')}, canary is needed`, {
    path: `${path}.kind`,
  });
}

/** Throws INVALID_MODE for a mode that needs an engine kept in step when the standby is cold. */
export function requireAllowed({ kind }: MigrationMode, standby: 'warm' | 'cold', path: string): void {
  if (standby === 'warm' || kind === 'v4_only' || kind === 'v5_only') return;
  throw new CompatError('INVALID_MODE', `${path}.kind: a cold standby allows v4_only and v5_only alone`, {
    path: `${path}.kind`,
  });
}
