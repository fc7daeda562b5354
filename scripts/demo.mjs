// npm run demo, demo:unleash, demo:fleet, demo:migration: installs and builds only what the demo needs, then runs it.
import { fileURLToPath } from 'node:url';
import { checkNode, pnpm, run, step } from './run.mjs';

const [example, ...args] = process.argv.slice(2);
const demo = `@lighthouse-compat/example-${example}`;

// What is asked for as JSON is the only thing on standard output.
const say = args.includes('--json') ? console.error : console.log;

checkNode();
await step(
  'demo: installing what it needs',
  (options) => pnpm(['install', '--frozen-lockfile', '--filter', `${demo}...`], options),
  { quiet: true, say },
);
await step('demo: building', (options) => pnpm(['--filter', demo, 'run', 'build'], options), { quiet: true, say });
const main = fileURLToPath(new URL(`../examples/${example}/dist/main.js`, import.meta.url));
const { code } = await run(process.execPath, [main, ...args]);
process.exit(code);
