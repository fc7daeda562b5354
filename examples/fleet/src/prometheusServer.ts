import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';

const program = 'prometheus';
const readyWithinMs = 30_000;

/** What every service is scraped as. */
export const job = 'lighthouse-compat';

// Beside src and beside dist, so that it is found from the sources and from the build.
const keeper = fileURLToPath(new URL('../keeper.mjs', import.meta.url));

/** A Prometheus of its own. */
export type PrometheusServer = {
  readonly url: string;
  /** Has it scrape a service, whose name is its `instance` from then on; it takes a few seconds to begin. */
  scrape(name: string, port: number): Promise<void>;
  /** The value of every series that a query gives, by one of its labels; rejects when it does not answer. */
  valuesBy(label: string, promql: string): Promise<ReadonlyMap<string, number>>;
  /** Ends it at once; harmless when it has ended. */
  stop(): Promise<void>;
  /** Starts it again on the same port, after it has ended: it scrapes the same services, with nothing in its memory. */
  restart(): Promise<void>;
};

/** Whether Prometheus is there, as from Debian's package `prometheus`. */
export const hasPrometheus = (): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Starts it on a free loopback port, with nothing to scrape yet; it ends when this process does, however that comes about. */
export async function startPrometheusServer({
  intervalMs,
}: {
  readonly intervalMs: number;
}): Promise<PrometheusServer> {
  const port = await getPort({ host: '127.0.0.1' });
  const url = `http://127.0.0.1:${port}`;
  const ports = new Map<string, number>();
  let folder: string | null = null;
  let stop = async (): Promise<void> => {};

  // A file of its own, so that it need not know who is there before they are: the one that asks it is scraped as well.
  async function tellTargets(): Promise<void> {
    if (folder === null) return;
    const targets = [...ports].map(([name, each]) => ({
      targets: [`127.0.0.1:${each}`],
      labels: { instance: name },
    }));
    // It may look at any time, and sees the one or the other.
    await writeFile(join(folder, 'targets.next'), JSON.stringify(targets));
    await rename(join(folder, 'targets.next'), join(folder, 'targets.json'));
  }

  async function start(): Promise<void> {
    folder = await mkdtemp(join(tmpdir(), 'lighthouse-compat-prometheus-'));
    await writeFile(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: ${intervalMs}ms, scrape_timeout: ${intervalMs}ms }
scrape_configs:
  - job_name: ${job}
    file_sd_configs: [{ files: [targets.json], refresh_interval: 1s }]
`,
    );
    await tellTargets();
    const args = [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ];
    const child = spawn(process.execPath, [keeper, folder, program, ...args], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.stdin.on('error', () => {});
    let ended = false;
    const exited = once(child, 'close').then(() => {
      ended = true;
    });
    stop = async () => {
      folder = null;
      child.stdin.end();
      await exited;
    };
    const untilMs = performance.now() + readyWithinMs;
    while ((await fetch(`${url}/-/ready`).catch(() => null))?.status !== 200) {
      if (!ended && performance.now() < untilMs) {
        await delay(100);
        continue;
      }
      await stop();
      throw new Error('Prometheus has not started');
    }
  }

  await start();
  return {
    url,
    async scrape(name, at) {
      ports.set(name, at);
      await tellTargets();
    },
    async valuesBy(label, promql) {
      const response = await fetch(`${url}/api/v1/query`, {
        method: 'POST',
        body: new URLSearchParams({ query: promql }),
      });
      type Answer = {
        readonly data: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] };
      };
      if (!response.ok) throw new Error(`Prometheus answers with status ${response.status}`);
      const { data } = (await response.json()) as Answer;
      return new Map(data.result.map(({ metric, value: [, value] }) => [metric[label] ?? '', Number(value)]));
    },
    stop: () => stop(),
    restart: start,
  };
}
