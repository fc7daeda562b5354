import { existsSync, readFileSync } from 'node:fs';

/** The version of an installed package, read from its own package.json, which its exports may hide. */
export function versionOf(name: string): string {
  for (let at = new URL('.', import.meta.resolve(name)); at.pathname !== '/'; at = new URL('..', at)) {
    const file = new URL('package.json', at);
    if (!existsSync(file)) continue;
    const found = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version?: string };
    if (found.name === name && found.version !== undefined) return found.version;
  }
  throw new Error(`${name}: its package.json is not found`);
}
