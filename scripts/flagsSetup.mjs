// pnpm flags:setup --url URL [--project P] [--environment E] [--token-file FILE]: makes the flags of the SDK in Unleash.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { checkNode, run } from './run.mjs';

const usage = `pnpm flags:setup --url URL [--project PROJECT] [--environment ENVIRONMENT] [--token-file FILE]

Makes all flags of the SDK in an Unleash project, off, each with one gradual rollout in the
environment. What is there is not touched, and it can be run again.

  --url           the API, as in https://unleash.example.org/api
  --project       default unless told
  --environment   development unless told
  --token-file    a file with a token of the Admin API; without it the variable UNLEASH_ADMIN_TOKEN

Exit code: 0 when all flags are there, 1 when one is there in another shape or the set-up failed,
2 for a wrong option.`;

const fail = (message, code) => {
  console.error(`flags: ${message}`);
  process.exit(code);
};

function readOptions() {
  try {
    const { values } = parseArgs({
      args: process.argv.slice(2).filter((argument) => argument !== '--'),
      options: {
        url: { type: 'string' },
        project: { type: 'string', default: 'default' },
        environment: { type: 'string', default: 'development' },
        'token-file': { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    return fail(`${error.message}\n\n${usage}`, 2);
  }
}

async function readToken(file) {
  if (file === undefined) return process.env.UNLEASH_ADMIN_TOKEN ?? fail(`a token is needed\n\n${usage}`, 2);
  const text = await readFile(file, 'utf8').catch((error) => fail(`--token-file: ${error.message}`, 2));
  return text.trim();
}

function describe(result) {
  const { flagKey, kind } = result;
  const lines = {
    created: 'created, off',
    completed: 'was there without a rollout in this environment, and has one now; off',
    present: `is there, ${result.enabled ? 'on' : 'off'}`,
    differs: 'is there in another shape, and was not touched:',
  };
  const differences = (result.differences ?? []).map(
    ({ path, found, wanted }) => `\n    ${path}: found ${found}, wanted ${wanted}`,
  );
  return `  ${flagKey.padEnd(28)}${lines[kind]}${differences.join('')}`;
}

checkNode();
const options = readOptions();
if (options.help) {
  console.log(usage);
  process.exit(0);
}
if (options.url === undefined) fail(`--url is needed\n\n${usage}`, 2);
const token = await readToken(options['token-file']);

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const compiler = at('../node_modules/typescript/bin/tsc');
const built = await run(process.execPath, [compiler, '-b', at('../packages/flag-provider')], { quiet: true });
if (built.code !== 0) fail(`the package could not be built:\n${built.output}`, 1);
const { setUpFlags, UnleashAdmin } = await import('../packages/flag-provider/dist/unleash/index.js');

const { url, project, environment } = options;
try {
  const results = await setUpFlags({ admin: new UnleashAdmin({ url, token }), project, environment });
  console.log(`flags of project ${project} in ${environment}:`);
  for (const result of results) console.log(describe(result));
  const differing = results.filter(({ kind }) => kind === 'differs').length;
  if (differing > 0) fail(`${differing} of ${results.length} would decide otherwise than their names say`, 1);
} catch (error) {
  fail(`${error.code ?? error.name}: ${error.message}`, 1);
}
