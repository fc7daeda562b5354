// pnpm lighthouse-compat COMMAND ...: the operator's command, built first; `pnpm flags:setup` is one of its commands.
import { fileURLToPath } from 'node:url';
import { checkNode, run } from './run.mjs';

checkNode();
const at = (path) => fileURLToPath(new URL(path, import.meta.url));
// The page that `serve` shows is a project of its own.
const projects = ['../packages/operator', '../packages/operator/src/page/browser'].map(at);
const compiler = at('../node_modules/typescript/bin/tsc');
const built = await run(process.execPath, [compiler, '-b', ...projects], { quiet: true });
if (built.code !== 0) {
  console.error(built.output);
  process.exit(built.code);
}
// The runner of scripts hands its own `--` on.
const args = process.argv.slice(2).filter((argument) => argument !== '--');
const { code } = await run(process.execPath, [at('../packages/operator/bin/lighthouse-compat.mjs'), ...args], {
  cwd: process.env.INIT_CWD ?? process.cwd(),
});
process.exit(code);
