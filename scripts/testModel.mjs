// pnpm test:model [--runs N] [--seed S]: the reference model of the SDK's rules alone, for as many runs as are asked for.
import { parseArgs } from 'node:util';
import { checkNode, run } from './run.mjs';

checkNode();
const wholeNumber = (name, text) => {
  if (/^\d+$/.test(text)) return Number(text);
  console.error(`--${name}: a whole number is needed, not '${text}'`);
  process.exit(2);
};
const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  options: { runs: { type: 'string', default: '2000' }, seed: { type: 'string' } },
});
const runs = wholeNumber('runs', values.runs);
const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 2 ** 31));

const beganMs = performance.now();
const { code } = await run(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'test/model', '--no-file-parallelism'],
  { env: { LIGHTHOUSE_COMPAT_MODEL_RUNS: String(runs), LIGHTHOUSE_COMPAT_MODEL_SEED: String(seed) } },
);
const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
console.log(`model: ${runs} runs, seed ${seed}, ${seconds} s: ${code === 0 ? 'passed' : 'failed'}`);
process.exit(code);
