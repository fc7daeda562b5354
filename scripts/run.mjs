// What the two commands of the README share: they run on a machine that has Node and npm only.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { packageManager, engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Ends the process with a clear word when Node is older than the project needs. */
export function checkNode() {
  const [wantedMajor, wantedMinor] = engines.node.match(/\d+/g).map(Number);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  console.error(`Node ${engines.node} is needed; this is ${process.versions.node}.`);
  process.exit(1);
}

const seconds = (sinceMs) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/** Runs a command to its end, passing on Ctrl-C; `quiet` keeps its output for the case that it fails. */
export function run(command, args, { quiet = false, env = {}, cwd = root } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    const kept = [];
    child.stdout?.on('data', (chunk) => kept.push(chunk));
    child.stderr?.on('data', (chunk) => kept.push(chunk));
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    // A terminal sends Ctrl-C to the child as well, which would take a second one for impatience.
    const forward = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of signals) process.on(signal, forward);
    const end = (code) => {
      for (const signal of signals) process.off(signal, forward);
      resolve({ code, output: Buffer.concat(kept).toString() });
    };
    child.on('error', (error) => {
      kept.push(Buffer.from(`${error.message}\n`));
      end(1);
    });
    child.on('close', (code, signal) => end(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/** Runs the pinned pnpm, fetched by npx where it is not at hand. */
export const pnpm = (args, options) =>
  run(
    process.platform === 'win32' ? 'npx.cmd' : 'npx',
    ['--yes', '--loglevel=error', packageManager, ...args],
    options,
  );

/** Runs one step of a command, tells how it goes by `say`, and ends the process when it fails. */
export async function step(title, action, { quiet = false, say = console.log } = {}) {
  const beganMs = performance.now();
  say(`${title} ...`);
  const { code, output } = await action({ quiet });
  if (code === 0) {
    say(`${title}: done in ${seconds(beganMs)}`);
    return;
  }
  if (output !== '') console.error(output);
  console.error(`${title}: failed after ${seconds(beganMs)} (exit code ${code})`);
  process.exit(code);
}
