import { readFile } from 'node:fs/promises';
import { startDevnet } from '@lighthouse-compat/example-devnet';
import { expect, onTestFinished, test } from 'vitest';
import { root, runProgram } from '../support/process.js';

test('the embed example of the README runs on real execution clients', async () => {
  const devnet = await startDevnet({ names: ['v4', 'v5'] });
  onTestFinished(() => devnet.stop());
  const { v4, v5 } = devnet.clients;
  const program = runProgram('examples/embed/dist/main.js', [], {
    V4_URL: v4.engineUrl,
    V4_JWT: v4.jwtSecretFile,
    V5_URL: v5.engineUrl,
    V5_JWT: v5.jwtSecretFile,
    HEAD: devnet.genesisHash,
  });
  expect(await program.exited).toEqual({ code: 0, signal: null });
  expect(program.output()).toMatch(/^the head is VALID$/m);
  expect(program.output()).toMatch(/^forkchoice_updated v[45] (FLAG|CONFIGURED)$/m);
});

test('the README shows the embed example as it is, in at most 20 lines of code', async () => {
  const [readme, source] = await Promise.all([
    readFile(`${root}/README.md`, 'utf8'),
    readFile(`${root}/examples/embed/src/main.ts`, 'utf8'),
  ]);
  expect(readme).toContain(`\`\`\`ts\n${source}\`\`\``);
  const code = source.split('\n').filter((line) => line.trim() !== '');
  expect(code.length).toBeLessThanOrEqual(20);
});
