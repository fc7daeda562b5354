import { spawnSync } from 'node:child_process';

/** Tells whether a program of the system is there; where every test must run, that it is not there is an error. */
export function hasProgram(name: string, debianPackage: string): boolean {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore' });
  if (error === undefined) return true;
  const message = `${name} is not installed: apt-get install ${debianPackage}`;
  if (process.env['LIGHTHOUSE_COMPAT_REQUIRE_ALL'] === '1') throw new Error(message);
  process.stderr.write(`skipping what needs it: ${message}\n`);
  return false;
}
