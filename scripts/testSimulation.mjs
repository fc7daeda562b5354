// pnpm test:simulation [--runs N] [--seed S]: simulated A/B tests and health checks alone, as many of each kind as are asked for.
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
if (runs === 0) {
  console.error('--runs: at least one is needed');
  process.exit(2);
}
const seed = wholeNumber('seed', values.seed ?? String(Date.now() % 2 ** 31));

const beganMs = performance.now();
// Threads end with the process: one of its own would reckon on after Ctrl-C.
const { code } = await run(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'test/simulation', 'health.simulation', '--pool=threads'],
  {
    env: { LIGHTHOUSE_COMPAT_SIMULATION_RUNS: String(runs), LIGHTHOUSE_COMPAT_SIMULATION_SEED: String(seed) },
  },
);
const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
console.log(`simulation: ${runs} runs, seed ${seed}, ${seconds} s: ${code === 0 ? 'passed' : 'failed'}`);
process.exit(code);
