// npm test: installs, builds and type-checks, lints, looks for what is unused, and runs every test.
import { checkNode, pnpm, run, step } from './run.mjs';

checkNode();
await step('test: installing', (options) => pnpm(['install', '--frozen-lockfile'], options), { quiet: true });
await step('test: building and type-checking', (options) => pnpm(['run', 'build'], options));
await step('test: linting', (options) => pnpm(['run', 'lint'], options));
await step('test: looking for unused code and dependencies', (options) => pnpm(['run', 'unused'], options));
// By itself: what stands between would end at a signal without handing it on, and leave the tests running.
await step('test: running the tests', (options) =>
  run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--coverage'], options),
);
