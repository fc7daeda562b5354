// pnpm fuzz [--runs N | --minutes N] [--seed N]: reads spoilt JSON of every noun, 50,000 documents each unless told otherwise.
import { fileURLToPath } from 'node:url';
import { checkNode, run } from './run.mjs';

const variables = { '--runs': 'FUZZ_RUNS', '--minutes': 'FUZZ_MINUTES', '--seed': 'LIGHTHOUSE_COMPAT_SEED' };

checkNode();
const args = process.argv.slice(2);
const env = { FUZZ_RUNS: '50000' };
for (let i = 0; i < args.length; i += 2) {
  const [option, value] = [args[i], args[i + 1]];
  const isSeed = option === '--seed';
  if (
    !Object.hasOwn(variables, option) ||
    !(isSeed ? /^\d+$/ : /^\d+(\.\d+)?$/).test(value) ||
    (!isSeed && +value === 0)
  ) {
    console.error('pnpm fuzz [--runs N | --minutes N] [--seed N], where N is a number over 0 (a seed may be 0)');
    process.exit(1);
  }
  env[variables[option]] = value;
}
const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));
const { code } = await run(process.execPath, [vitest, 'run', 'test/conversions/fuzz.test.ts', '--reporter=verbose'], {
  env,
});
process.exit(code);
