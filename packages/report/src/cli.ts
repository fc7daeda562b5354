import { runReport } from './command.js';

process.exitCode = await runReport(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
