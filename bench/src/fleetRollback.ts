import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startUnleashServer } from '@lighthouse-compat/example-unleash-server';
import { flagKeys } from '@lighthouse-compat/flag-provider';
import { setUpFlags, UnleashAdmin } from '@lighthouse-compat/flag-provider/unleash';
import { OperatorError, type Peer, peerLatches, unleashActuator } from '@lighthouse-compat/operator';
import { createLighthouseCompat } from '@lighthouse-compat/sdk';
import { type InstanceSeen, monotonicMs, type WorkerOrder, type WorkerSaid } from './fleetOrder.js';
import type { Series } from './series.js';

const workers = 5;
const instancesPerWorker = 10;
const refreshIntervalMs = 1_000;
const callEveryMs = 200;
const patienceMs = 60_000;
const program = new URL('fleetWorker.js', import.meta.url);

/** How long after the decision to roll back an instance of the fleet has last sent something to v5 for its answer, in milliseconds. */
type FleetSeries = {
  /** Every process learns of it from Unleash alone. */
  readonly byFlags: Series;
  /** Every process is latched by its address, too. */
  readonly byAddress: Series;
};

type Worker = { readonly child: ChildProcess; readonly port: number; readonly names: readonly string[] };

async function startWorker(order: WorkerOrder): Promise<Worker> {
  const child = fork(program, [], { serialization: 'advanced' });
  child.send(order);
  const [said] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`a worker has ended with exit code ${code}`);
    }),
  ])) as [WorkerSaid];
  if (said.kind !== 'ready') throw new Error('a worker says something else than that it is ready');
  return { child, port: said.port, names: order.names };
}

async function seenOf({ child }: Worker): Promise<readonly InstanceSeen[]> {
  const answered = once(child, 'message') as Promise<[WorkerSaid]>;
  child.send('seen');
  const [said] = await answered;
  if (said.kind !== 'seen') throw new Error('a worker says something else than what it has seen');
  return said.instances;
}

/** Measures how soon fifty instances in five processes, on one real Unleash, send nothing to v5 for its answer any more. */
export async function measureFleetRollback({ rounds }: { readonly rounds: number }): Promise<FleetSeries> {
  const unleash = await startUnleashServer();
  const folder = await mkdtemp(join(tmpdir(), 'lighthouse-compat-bench-'));
  const fleet: Worker[] = [];
  try {
    const { project, environment, apiUrl, adminToken, clientToken } = unleash;
    const admin = new UnleashAdmin({ url: apiUrl, token: adminToken });
    await setUpFlags({ admin, project, environment });
    const place = { project, environment, flagKey: flagKeys.lighthouseV5 };
    const canary = { ...place, flagKey: flagKeys.lighthouseV5Primary };
    const [strategy] = (await admin.readFlag(canary))?.strategies ?? [];
    if (strategy === undefined) throw new Error('the canary has no strategy');
    await admin.setRollout(canary, strategy, 100);
    await admin.switchFlag(canary, 'on');
    await admin.switchFlag(place, 'on');

    const tokenFile = join(folder, 'token');
    await writeFile(tokenFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    const flags = { url: apiUrl, token: clientToken, refreshIntervalMs };
    const starts = Array.from({ length: workers }, async (_, at) => {
      const names = Array.from({ length: instancesPerWorker }, (_each, n) => `node-${at * instancesPerWorker + n}`);
      fleet.push(await startWorker({ names, flags, tokenFile, callEveryMs }));
    });
    await Promise.all(starts);
    const seen = async (): Promise<readonly InstanceSeen[]> => (await Promise.all(fleet.map(seenOf))).flat();
    const allAnsweredBy = async (version: 'v4' | 'v5'): Promise<readonly InstanceSeen[]> => {
      const untilMs = performance.now() + patienceMs;
      for (;;) {
        const instances = await seen();
        if (instances.every(({ newest }) => newest === version)) return instances;
        if (performance.now() > untilMs) throw new Error(`not every instance is on ${version} after ${patienceMs} ms`);
        await delay(50);
      }
    };

    // The decision is made in this process, whose own instance makes no calls.
    const nowhere = { url: 'http://127.0.0.1:9', jwtSecret: `0x${'5a'.repeat(32)}` } as const;
    const compat = await createLighthouseCompat({ v4: nowhere, v5: nowhere, forks: { shanghaiTime: 0n } });
    const peers: readonly Peer[] = fleet.flatMap(({ names, port }) =>
      names.map((name) => ({ name, url: `http://127.0.0.1:${port}/${name}`, tokenFile })),
    );
    const where = { admin, project, environment, compat };
    const byFlags = unleashActuator(where);
    const byAddress = unleashActuator({ ...where, peers: peerLatches(peers) });

    async function rollBack(actuator: typeof byFlags, round: number): Promise<number> {
      await allAnsweredBy('v5');
      // At another point of the providers' intervals each time.
      await delay((round * 377) % refreshIntervalMs);
      const decidedMs = monotonicMs();
      // Who was not told in time, on a machine that is too busy, learns of it from Unleash: the figure says how late.
      await actuator.latch('bench').catch((error: unknown) => {
        if (!(error instanceof OperatorError) || error.code !== 'NOT_TOLD') throw error;
      });
      const instances = await allAnsweredBy('v4');
      const sends = instances.map(({ lastV5SendMs }) => {
        if (lastV5SendMs === null) throw new Error('an instance was never on v5');
        return lastV5SendMs;
      });
      await actuator.unlatch({ by: 'bench', reason: 'measured' });
      await admin.switchFlag(place, 'on');
      return Math.max(0, Math.max(...sends) - decidedMs);
    }
    const series: { byFlags: number[]; byAddress: number[] } = { byFlags: [], byAddress: [] };
    try {
      for (let round = 0; round < rounds; round += 1) {
        series.byFlags.push(await rollBack(byFlags, round));
        series.byAddress.push(await rollBack(byAddress, round));
      }
    } finally {
      await compat.close();
    }
    return series;
  } finally {
    for (const { child } of fleet) {
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    }
    await rm(folder, { recursive: true });
    await unleash.stop();
  }
}
