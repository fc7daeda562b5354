// keeper.mjs FOLDER PROGRAM [ARGUMENT...]: runs a program for as long as its own stdin is open, whose other end only the
// process that started it holds. So the program ends, and its folder goes, when that process does, however that came about.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [folder, program, ...args] = process.argv.slice(2);
const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
const end = () => child.kill('SIGKILL');
process.stdin.on('end', end).on('close', end).on('error', end);
process.stdin.resume();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, end);
child.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});
child.on('close', (code) => process.exit(code ?? 1));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
