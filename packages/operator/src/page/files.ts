import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { style } from './style.js';

/** One file of the page, as it goes over the wire. */
export type PageFile = { readonly type: string; readonly bytes: Buffer; readonly etag: string };

/** Where the browser's modules are once they have been built; the same folder from the sources as from `dist`. */
const builtFolder = fileURLToPath(new URL('../../dist/page/browser/', import.meta.url));

const require = createRequire(import.meta.url);

const script = 'text/javascript; charset=utf-8';
const stylesheet = 'text/css; charset=utf-8';

/** Makes a file of its content. */
export function pageFile(type: string, content: string | Buffer): PageFile {
  const bytes = Buffer.from(content);
  return { type, bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
}

/** Reads everything that the page is made of, by its path below `page/`: the modules, the style, and the plotting library out of its package. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const files = new Map([
    ['style.css', pageFile(stylesheet, style)],
    ['vendor/uplot.js', pageFile(script, readFileSync(require.resolve('uplot/dist/uPlot.esm.js')))],
    ['vendor/uplot.css', pageFile(stylesheet, readFileSync(require.resolve('uplot/dist/uPlot.min.css')))],
  ]);
  for (const name of readdirSync(builtFolder, { recursive: true, encoding: 'utf8' })) {
    if (extname(name) !== '.js') continue;
    files.set(name.replaceAll('\\', '/'), pageFile(script, readFileSync(join(builtFolder, name))));
  }
  return files;
}
