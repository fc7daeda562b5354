// One set-up of the SDK with and without something that listens, in this process alone: what pnpm bench observe starts once for each.
import { measureBytes, measureCpu, type Way, warmUp } from './harness.js';
import { isRecorderName, recorders } from './ways/recorders.js';
import { makeCalls, openSdk } from './ways/sdk.js';
import { isSetupName, sdkSetups } from './ways/setups.js';

const [setup = '', name = '', rounds, calls] = process.argv.slice(2);
if (!isSetupName(setup)) throw new Error(`${setup}: there is no such set-up`);
if (!isRecorderName(name)) throw new Error(`${name}: there is no such recorder`);
const effort = { rounds: Number(rounds), calls: Number(calls) };

// One SDK, and one recorder that comes and goes: two of them would make the code of both less easy to compile.
const sdk = await openSdk(sdkSetups[setup]);
const record = recorders[name]();
let recorded = 0;
let stop: (() => void) | undefined;

const way = (wayName: string, isRecorded: boolean): Way => ({
  name: wayName,
  async prepare() {
    stop?.();
    stop = undefined;
    await sdk.cacheDecision();
    if (!isRecorded) return;
    stop = sdk.listen((observation) => {
      recorded += 1;
      record(observation);
    });
  },
  async run(count) {
    const before = recorded;
    await makeCalls(sdk, wayName, count);
    if (recorded - before !== (isRecorded ? count : 0)) throw new Error(`${wayName}: ${recorded - before} recorded`);
  },
});

const ways = [way('without', false), way('with', true)];
await warmUp(ways, { rounds: 3, calls: effort.calls });
const cpu = await measureCpu(ways, effort);
const bytes = await measureBytes(ways);
process.stdout.write(JSON.stringify({ cpu: Object.fromEntries(cpu), bytes: Object.fromEntries(bytes) }));
