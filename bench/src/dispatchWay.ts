// One set-up of the SDK beside its peers, in this process alone: what pnpm bench dispatch starts once for each.
import { measureBeside } from './ways/beside.js';
import { isSetupName } from './ways/setups.js';

const [setup = '', rounds, calls] = process.argv.slice(2);
if (!isSetupName(setup)) throw new Error(`${setup}: there is no such set-up`);
process.stdout.write(JSON.stringify(await measureBeside(setup, { rounds: Number(rounds), calls: Number(calls) })));
