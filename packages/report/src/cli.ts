#!/usr/bin/env node
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { reportText } from '@lighthouse-compat/sdk';
import { reportHtml } from './html.js';
import { readReport } from './readReport.js';

const usage = 'report FILE [--json] [--html PAGE], where FILE holds recorded observations, a line each';

function options(): { readonly file: string; readonly json: boolean; readonly html: string | undefined } | null {
  try {
    const { values, positionals } = parseArgs({
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

const given = options();
if (given === null) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  try {
    const { report, lines, isCutOff } = await readReport(given.file);
    if (isCutOff) process.stderr.write(`line ${lines} is cut off and left out\n`);
    if (given.html !== undefined) await writeFile(given.html, reportHtml(report));
    process.stdout.write(given.json ? `${JSON.stringify(report, null, 2)}\n` : reportText(report));
  } catch (error) {
    process.stderr.write(`${given.file}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
