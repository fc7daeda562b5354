import { expect, test } from 'vitest';
import { openControl, token } from '../control/control.js';

test('the page is served below the prefix, whole, with nothing inline and nothing from elsewhere', async () => {
  const { url, raw } = await openControl({ page: true, prefix: '/control', heartbeatMs: 700, readsNeedToken: true });
  const response = await fetch(`${url}/`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  const text = await response.text();
  expect(text).toContain('data-heartbeat-ms="700"');
  expect(text).not.toContain(token);
  expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|https?:/);

  // Every module that is asked for is there, from the first on.
  const seen = new Set<string>();
  const follow = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    const asked = await fetch(new URL(path, `${url}/`));
    expect([asked.status, path]).toEqual([200, path]);
    expect(asked.headers.get('x-content-type-options')).toBe('nosniff');
    const source = await asked.text();
    for (const [, imported = ''] of source.matchAll(/^(?:import|export) [^'"]*['"](\.[^'"]+)['"]/gm))
      await follow(new URL(imported, new URL(path, 'http://page/')).pathname.slice(1));
  };
  for (const [, path = ''] of text.matchAll(/(?:src|href)="(page\/[^"]+)"/g)) await follow(path);
  expect(seen).toContain('page/vendor/uplot.js');
  expect(seen.size).toBeGreaterThan(20);

  const etag = response.headers.get('etag') ?? '';
  const again = await raw(
    `GET /control/ HTTP/1.1\r\nhost: localhost\r\nif-none-match: ${etag}\r\nconnection: close\r\n\r\n`,
  );
  expect(again).toMatch(/^HTTP\/1\.1 304 /);
  expect(again.split('\r\n\r\n')[1]).toBe('');
});

test('beside its files the page gives nothing, and none of it to another host or where it was not wanted', async () => {
  const { get, post, raw } = await openControl({ page: true });
  for (const path of [
    '/page',
    '/page/',
    '/page/main.ts',
    '/page/..%2fpackage.json',
    '/page/../page.js',
    '/page/__proto__',
  ])
    expect((await get(path)).status, path).toBe(404);
  expect(await raw('GET /page/../../../package.json HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 404 /,
  );
  expect((await post('/', {})).status).toBe(404);
  expect(await raw('GET / HTTP/1.1\r\nhost: evil.test\r\nconnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 421 /);
  const without = await openControl();
  expect((await without.get('/')).status).toBe(404);
  expect((await without.get('/page/main.js')).status).toBe(404);
});
