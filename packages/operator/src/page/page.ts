import type { IncomingMessage, ServerResponse } from 'node:http';
import { commonHeaders } from '../control/answer.js';
import { type PageFile, pageFile, readPageFiles } from './files.js';
import { html } from './html.js';

/** The page on which a person watches a migration: the document and what it asks for. */
export type Page = {
  /** Answers a GET for a path below the prefix, as `/` and `/page/main.js`; false where there is no such file. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): boolean;
};

/** Nothing from anywhere else, nothing inline, and in nobody's frame: what a button does cannot be clicked for a person. */
const documentHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
} as const;

/** Reads the page's files and gives what serves them; `heartbeatMs`: how often it is told the status. */
export function createPage({ heartbeatMs }: { readonly heartbeatMs: number }): Page {
  const files = readPageFiles();
  const document = pageFile('text/html; charset=utf-8', html({ heartbeatMs }));

  function send(file: PageFile, request: IncomingMessage, response: ServerResponse): void {
    const headers = {
      ...commonHeaders,
      ...(file === document ? documentHeaders : {}),
      // Asked for anew each time, so that a service that was replaced is not watched with the page of the one before.
      'cache-control': 'no-cache',
      etag: file.etag,
    };
    if (request.headers['if-none-match'] === file.etag) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, { ...headers, 'content-type': file.type, 'content-length': file.bytes.byteLength });
    response.end(file.bytes);
  }

  return {
    serve(path, request, response) {
      const file = path === '/' ? document : files.get(/^\/page\/(.+)$/.exec(path)?.[1] ?? '');
      if (file === undefined) return false;
      send(file, request, response);
      return true;
    },
  };
}
