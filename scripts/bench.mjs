// pnpm bench <name> [--json] [--rounds N] [--calls N (dispatch, observe)]: builds the benchmark and runs it.
import { fileURLToPath } from 'node:url';
import { checkNode, run } from './run.mjs';

const benchmarks = ['conversions', 'dispatch', 'flags', 'observe', 'rollback', 'toggle'];

checkNode();
const [name, ...args] = process.argv.slice(2);
if (!benchmarks.includes(name)) {
  console.error(`pnpm bench <name>, where <name> is one of: ${benchmarks.join(', ')}`);
  process.exit(1);
}
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const built = await run(process.execPath, [at('../node_modules/typescript/bin/tsc'), '-b', at('../bench')], {
  quiet: true,
});
if (built.code !== 0) {
  console.error(built.output);
  process.exit(built.code);
}
const { code } = await run(process.execPath, [at(`../bench/dist/${name}.js`), ...args]);
process.exit(code);
