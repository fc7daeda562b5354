import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { reportText } from '@lighthouse-compat/sdk';
import { reportHtml } from './html.js';
import { readReport } from './readReport.js';

const usage = 'report FILE [--json] [--html PAGE], where FILE holds recorded observations, a line each\n';

type Options = { readonly file: string; readonly json: boolean; readonly html: string | undefined };

function optionsOf(args: readonly string[]): Options | null {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false }, html: { type: 'string' } },
    });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1) return null;
    return { file, json: values.json, html: values.html };
  } catch {
    return null;
  }
}

/** Where a command writes. */
export type Terminal = { out(text: string): void; err(text: string): void };

/** `report FILE`: writes the report of a file of recorded observations, and gives the exit code: 0, 1 for a file that cannot be read, 2 for options that are none. */
export async function runReport(args: readonly string[], { out, err }: Terminal): Promise<number> {
  const options = optionsOf(args);
  if (options === null) {
    err(usage);
    return 2;
  }
  const { file, json, html } = options;
  try {
    const { report, lines, isCutOff } = await readReport(file);
    if (isCutOff) err(`line ${lines} is cut off and left out\n`);
    if (html !== undefined) await writeFile(html, reportHtml(report));
    out(json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
    return 0;
  } catch (error) {
    err(`${file}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
