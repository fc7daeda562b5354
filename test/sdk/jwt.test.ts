import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { expect, onTestFinished, test } from 'vitest';
import { parseJwtSecret, readJwtSecretFile, signToken } from '../../packages/sdk/src/engine/jwt.js';

const zeroHex = '00'.repeat(32);

test('a token is the known one for a known secret and time', () => {
  const secret = parseJwtSecret(`${'00'.repeat(31)}2a`, 'v4.jwtSecret');
  expect(signToken(secret, 1_700_000_000_999)).toBe(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDAwMDAwMDB9.Zq8O94MNJv0_WVojfRg7E0_vvgoYGMW7TGpyNXQfWNM',
  );
});

test('a token verifies with an independent library and carries iat alone', async () => {
  const secret = randomBytes(32);
  const { payload, protectedHeader } = await jwtVerify(signToken(secret, Date.now()), secret);
  expect(Object.keys(payload)).toEqual(['iat']);
  expect(protectedHeader).toEqual({ alg: 'HS256', typ: 'JWT' });
});

test.each([
  ['32 bytes', new Uint8Array(32)],
  ['64 hex digits', zeroHex],
  ['0x and 64 hex digits', `0x${zeroHex}`],
  ['a trailing newline', `0x${zeroHex}\r\n`],
])('a secret given as %s is read', (_form, secret) => {
  expect(parseJwtSecret(secret, 'v4.jwtSecret')).toEqual(new Uint8Array(32));
});

test.each([
  ['31 bytes', new Uint8Array(31)],
  ['33 bytes', new Uint8Array(33)],
  ['31 bytes in hex', '00'.repeat(31)],
  ['33 bytes in hex', '00'.repeat(33)],
  ['an odd digit', `${zeroHex}0`],
  ['a letter that is no hex', `zz${zeroHex.slice(2)}`],
  ['nothing', ''],
  ['no text at all', 7 as unknown as string],
])('a secret of %s is refused without being told', (_form, secret) => {
  const attempt = () => parseJwtSecret(secret, 'v5.jwtSecret');
  expect(attempt).toThrow(expect.objectContaining({ code: 'INVALID_JWT_SECRET', path: 'v5.jwtSecret' }));
  if (typeof secret === 'string' && secret !== '') expect(attempt).not.toThrow(new RegExp(secret));
});

test('a secret is read from a file, and an unreadable file is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'jwt-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'jwt.hex');
  await writeFile(file, `0x${'ab'.repeat(32)}\n`);
  expect(await readJwtSecretFile(file, 'v4.jwtSecretFile')).toEqual(new Uint8Array(32).fill(0xab));
  await writeFile(file, 'ab');
  await expect(readJwtSecretFile(file, 'v4.jwtSecretFile')).rejects.toMatchObject({ code: 'INVALID_JWT_SECRET' });
  const missing = join(folder, 'none.hex');
  await expect(readJwtSecretFile(missing, 'v4.jwtSecretFile')).rejects.toMatchObject({
    code: 'UNREADABLE_JWT_SECRET_FILE',
    path: 'v4.jwtSecretFile',
    message: expect.stringContaining(missing),
  });
});
