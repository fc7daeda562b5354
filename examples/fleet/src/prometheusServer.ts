import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';

const program = 'prometheus';
const readyWithinMs = 30_000;

// Beside src and beside dist, so that it is found from the sources and from the build.
const keeper = fileURLToPath(new URL('../keeper.mjs', import.meta.url));

/** A Prometheus of its own. */
export type PrometheusServer = {
  readonly url: string;
  /** The value of every series that a query gives, by one of its labels; rejects when it does not answer. */
  valuesBy(label: string, promql: string): Promise<ReadonlyMap<string, number>>;
  /** Ends it at once; harmless when it has ended. */
  stop(): Promise<void>;
  /** Starts it again on the same port, with nothing in its memory. */
  restart(): Promise<void>;
};

/** Whether Prometheus is there, as from Debian's package `prometheus`. */
export const hasPrometheus = (): boolean => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

/** Starts it on a free loopback port, to scrape services by their name and port; it ends when this process does, however that comes about. */
export async function startPrometheusServer(options: {
  readonly targets: readonly { readonly name: string; readonly port: number }[];
  readonly intervalMs: number;
}): Promise<PrometheusServer> {
  const { targets, intervalMs } = options;
  const port = await getPort({ host: '127.0.0.1' });
  const url = `http://127.0.0.1:${port}`;
  let stop = async (): Promise<void> => {};

  async function start(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'lighthouse-compat-prometheus-'));
    const scraped = targets.map(
      (target) => `{ targets: ['127.0.0.1:${target.port}'], labels: { node: ${target.name} } }`,
    );
    await writeFile(
      join(folder, 'prometheus.yml'),
      `global: { scrape_interval: ${intervalMs}ms, scrape_timeout: ${intervalMs}ms }
scrape_configs:
  - job_name: lighthouse-compat
    static_configs: [${scraped.join(', ')}]
`,
    );
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
