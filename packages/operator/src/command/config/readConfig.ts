import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Problem } from '../../schemaProblems.js';
import type { ReadConfig } from './config.js';
import { emptyConfig, parseConfig } from './parseConfig.js';

/** Looked for in this order where no file is named. */
export const configNames = ['lighthouse-compat.yaml', 'lighthouse-compat.yml', 'lighthouse-compat.json'] as const;

/** No configuration is larger, so that no other file is read for one. */
const maximumBytes = 1_048_576;

const problem = (code: string, path: string, what: string): Problem => ({ code, path, message: `${path}: ${what}` });

async function found(folder: string): Promise<string | null> {
  for (const name of configNames) {
    const file = resolve(folder, name);
    if ((await stat(file).catch(() => null))?.isFile()) return file;
  }
  return null;
}

/** Reads the configuration that is named, else the one in `folder`; what is wrong with it is told and not thrown. */
export async function readConfig(named: string | undefined, folder: string): Promise<ReadConfig> {
  const file = named === undefined ? await found(folder) : resolve(folder, named);
  if (file === null) return { file, config: emptyConfig, problems: [] };
  try {
    const { size } = await stat(file);
    if (size > maximumBytes)
      return { file, config: emptyConfig, problems: [problem('CONFIG_UNREADABLE', file, 'it is larger than 1 MiB')] };
    return { file, ...parseConfig(await readFile(file, 'utf8'), dirname(file)) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const what = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code})`;
    return { file, config: emptyConfig, problems: [problem('CONFIG_UNREADABLE', file, what)] };
  }
}
