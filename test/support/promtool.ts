import { spawnSync } from 'node:child_process';
import { hasProgram } from './systemProgram.js';

const program = 'promtool';

/** Whether Prometheus's own checker is there; where every test must run, that it is not is an error. */
export const hasPromtool: boolean = hasProgram(program, 'prometheus');

/** Runs it to its end. */
export function promtool(
  args: readonly string[],
  input = '',
): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}
