import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Effort, measureBytes, measureCpu, warmUp } from '../harness.js';
import type { Series } from '../series.js';
import { floorWay } from './floor.js';
import { openLaunchDarkly } from './launchDarkly.js';
import { sdkWay } from './sdk.js';
import { type SetupName, sdkSetups } from './setups.js';
import { tzientistWay } from './tzientist.js';

/** CPU time and allocation of one set-up of the SDK, of its peers and of the floor, by name, measured in one process. */
export type Beside = {
  readonly cpu: Readonly<Record<string, Series>>;
  readonly bytes: Readonly<Record<string, Series>>;
};

/** Measures one set-up beside its peers and the floor, in interleaved rounds. A process has one SDK, as a service does: each further one makes the code of all of them less easy to compile. */
export async function measureBeside(setup: SetupName, effort: Effort): Promise<Beside> {
  const launchDarkly = await openLaunchDarkly();
  const ways = [
    await sdkWay(setup, sdkSetups[setup]),
    launchDarkly.way('launchdarkly_off', 'off'),
    launchDarkly.way('launchdarkly_shadow', 'shadow'),
    launchDarkly.way('launchdarkly_complete', 'complete'),
    launchDarkly.way('launchdarkly_off_tracked', 'off', { tracked: true }),
    launchDarkly.way('launchdarkly_shadow_tracked', 'shadow', { tracked: true }),
    tzientistWay('tzientist_sync', 'sync'),
    tzientistWay('tzientist_async', 'async'),
    floorWay('bare_await'),
  ];
  await warmUp(ways, { rounds: 3, calls: effort.calls });
  const cpu = await measureCpu(ways, effort);
  const bytes = await measureBytes(ways);
  launchDarkly.close();
  return { cpu: Object.fromEntries(cpu), bytes: Object.fromEntries(bytes) };
}

/** The same in a process of its own. */
export async function measureBesideApart(setup: SetupName, { rounds, calls }: Effort): Promise<Beside> {
  const script = fileURLToPath(new URL('../dispatchWay.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, setup, String(rounds), String(calls)]);
  return JSON.parse(stdout) as Beside;
}
