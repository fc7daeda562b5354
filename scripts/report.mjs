// pnpm report FILE [--json] [--html PAGE]: v4 against v5 from recorded observations; builds what it needs first.
import { fileURLToPath } from 'node:url';
import { checkNode, run } from './run.mjs';

checkNode();
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const built = await run(process.execPath, [at('../node_modules/typescript/bin/tsc'), '-b', at('../packages/report')], {
  quiet: true,
});
if (built.code !== 0) {
  console.error(built.output);
  process.exit(built.code);
}
const { code } = await run(process.execPath, [
  at('../packages/report/bin/lighthouse-compat-report.mjs'),
  ...process.argv.slice(2),
]);
process.exit(code);
