import { request as httpRequest } from 'node:http';
import { actionNames, actionSchemas, decisionSchemas } from '@lighthouse-compat/operator';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openControl, token } from './control.js';

type Schema = { readonly [key: string]: unknown };

/** Values that a schema describes, now and then with a field missing, of another type, or of no meaning. */
function bodyOf({ properties, required }: Schema): fc.Arbitrary<unknown> {
  const fields = properties as Readonly<Record<string, Schema>>;
  const right: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
    string: fc.oneof(fc.constantFrom('ada', 'x', ' ', '', '0x00'), fc.string({ maxLength: 1_200, unit: 'binary' })),
    boolean: fc.boolean(),
    object: fc.object({ maxDepth: 2 }),
  };
  const model = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [
      name,
      fc.oneof(
        {
          weight: 6,
          arbitrary:
            'const' in field ? fc.constant(field['const']) : (right[field['type'] as string] ?? fc.jsonValue()),
        },
        { weight: 1, arbitrary: fc.jsonValue() },
      ),
    ]),
  );
  return fc.oneof(
    { weight: 4, arbitrary: fc.record(model, { requiredKeys: required as string[] }) },
    { weight: 2, arbitrary: fc.record(model, { requiredKeys: [] }) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.record(model), fc.object({ maxDepth: 1 })).map(([one, two]) => ({ ...one, ...two })),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
  );
}

const paths = fc.oneof(
  fc.constantFrom('/status', '/journal', '/decision', '/report', '/', '', '//', '/actions/', '/../status', '/%2e%2e'),
  fc.constantFrom(...actionNames).map((name) => `/actions/${name}`),
  fc.webPath(),
);
const query = fc.oneof(
  fc.constant(''),
  fc.webQueryParameters().map((text) => `?${text}`),
  fc
    .array(
      fc.tuple(
        fc.constantFrom('after', 'before', 'limit', 'operation', 'payloadId', 'headBlockHash', 'lastEventId'),
        fc.oneof(
          fc.integer().map(String),
          fc.string(),
          fc.constantFrom('get_payload', 'new_payload', '0x0000000000000001'),
        ),
      ),
    )
    .map((pairs) => `?${new URLSearchParams(pairs)}`),
);
const headers = fc.record(
  {
    authorization: fc.constantFrom(`Bearer ${token}`, `Bearer ${token}`, 'Bearer x', 'Basic eDp4', ''),
    'content-type': fc.constantFrom(
      'application/json',
      'application/json',
      'application/json; charset=utf-8',
      'text/plain',
      '',
    ),
    host: fc.constantFrom('localhost', 'localhost', 'evil.test', '127.0.0.1:1', '['),
    origin: fc.constantFrom('null', 'http://evil.test'),
  },
  { requiredKeys: ['authorization', 'content-type'] },
);
/** The usual value, and in one case of eight another: so that in a thousand cases each refusal comes many times. */
const mostly = <T>(usual: T, ...others: readonly T[]) =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const schemas = [
  ...Object.entries(actionSchemas).map(([name, schema]) => ({ path: `/actions/${name}`, schema })),
  ...Object.values(decisionSchemas).map((schema) => ({ path: '/decision', schema })),
];
const sensible = fc.constantFrom(...schemas).chain(({ path, schema }) =>
  fc.record({
    method: fc.constant('POST'),
    path: fc.constant(path),
    query: fc.constant(''),
    headers: fc.record({
      authorization: mostly(`Bearer ${token}`, 'Bearer x', ''),
      'content-type': mostly('application/json', 'text/plain'),
      host: mostly('localhost', 'evil.test'),
    }),
    body: bodyOf(schema).map((value) => JSON.stringify(value)),
  }),
);
const wild = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'HEAD'),
  path: paths,
  query,
  headers,
  body: fc.oneof(fc.constant(''), fc.string({ unit: 'binary' }), fc.json()),
});

test('whatever is asked, the answer is 2xx or 4xx, is JSON with its version, and has no secret in it', async () => {
  const { port, blocks } = await openControl({}, { compat: { report: true } });
  await blocks(2);
  const seen = new Map<number, number>();
  const ask = (asked: { method: string; path: string; query: string; headers: object; body: string }) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const { method, path, query: search, headers: given, body } = asked;
      // Of some methods Node does not frame a body by itself.
      const sends = method !== 'GET' && method !== 'HEAD';
      const framed = sends ? { 'content-length': Buffer.byteLength(body) } : {};
      const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
      const sent = httpRequest(
        {
          port,
          host: '127.0.0.1',
          method,
          path: `${path === '' ? '/' : path}${search}`,
          headers: { connection: 'close', ...framed, ...filled },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text })).on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(sends ? body : undefined);
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(sensible, wild), async (asked) => {
      const { status, text } = await ask(asked);
      seen.set(status, (seen.get(status) ?? 0) + 1);
      expect(Math.floor(status / 100)).toSatisfy((kind: number) => kind === 2 || kind === 4);
      if (asked.method !== 'HEAD') expect(JSON.parse(text)).toMatchObject({ version: 1 });
      expect(text).not.toContain(token);
    }),
    { numRuns: 1_000 },
  );
  // It would prove little if nearly everything were turned away at the door.
  for (const status of [200, 400, 401, 403, 404, 405, 409, 415, 421])
    expect(seen.get(status) ?? 0, `status ${status}`).toBeGreaterThan(0);
}, 120_000);
