// npm run demo, npm run demo:unleash: installs and builds only what the demo needs, then runs it.
import { fileURLToPath } from 'node:url';
import { checkNode, pnpm, run, step } from './run.mjs';

const [example, ...args] = process.argv.slice(2);
const demo = `@lighthouse-compat/example-${example}`;

checkNode();
await step(
  'demo: installing what it needs',
  (options) => pnpm(['install', '--frozen-lockfile', '--filter', `${demo}...`], options),
  { quiet: true },
);
await step('demo: building', (options) => pnpm(['--filter', demo, 'run', 'build'], options), { quiet: true });
const main = fileURLToPath(new URL(`../examples/${example}/dist/main.js`, import.meta.url));
const { code } = await run(process.execPath, [main, ...args]);
process.exit(code);
