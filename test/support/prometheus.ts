import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import getPort from 'get-port';
import { onTestFinished, vi } from 'vitest';
import { hasProgram } from './systemProgram.js';

const program = 'prometheus';
const keeper = fileURLToPath(new URL('../../examples/fleet/keeper.mjs', import.meta.url));

/** Whether Prometheus is there; where every test must run, that it is not is an error. */
export const hasPrometheus: boolean = hasProgram(program, 'prometheus');

/** One series of an answer, and its newest value. */
type Series = { readonly metric: Readonly<Record<string, string>>; readonly value: number };

/** One series of an answer over time. */
type RangeSeries = {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly { readonly at: Date; readonly value: number }[];
};

/** One alert that is pending or firing. */
type ActiveAlert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
};

/** A Prometheus of the test's own, by its HTTP API. */
export type Prometheus = {
  readonly url: string;
  readonly pid: number;
  /** Where it keeps everything; gone with it. */
  readonly folder: string;
  query(promql: string): Promise<readonly Series[]>;
  /** The same at every step from `startMs` to `endMs`, in Unix milliseconds. */
  queryRange(
    promql: string,
    range: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
  ): Promise<readonly RangeSeries[]>;
  alerts(): Promise<readonly ActiveAlert[]>;
  /** Kills what holds it, as the end of the test does. */
  stop(): Promise<void>;
};

type Options = {
  /** Loopback ports whose /metrics is scraped, as the job `lighthouse-compat`. */
  readonly targets: readonly number[];
  readonly rules: string;
  readonly intervalMs?: number;
};

const configuration = ({ targets, intervalMs = 250 }: Options): string => `
global: { scrape_interval: ${intervalMs}ms, scrape_timeout: ${intervalMs}ms, evaluation_interval: ${intervalMs}ms }
rule_files: [rules.yml]
scrape_configs:
  - job_name: lighthouse-compat
    static_configs: [{ targets: [${targets.map((port) => `'127.0.0.1:${port}'`).join(', ')}] }]
`;

/** Starts Prometheus on a free loopback port in a temporary folder; it ends with the test, and also when the test is killed. */
export async function startPrometheus(options: Options): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'prometheus-test-'));
  await writeFile(join(folder, 'prometheus.yml'), configuration(options));
  await writeFile(join(folder, 'rules.yml'), options.rules);
  const port = await getPort({ host: '127.0.0.1' });
  const url = `http://127.0.0.1:${port}`;
  const args = [
    '--config.file=prometheus.yml',
    '--storage.tsdb.path=data',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=warn',
  ];
  const child = spawn(process.execPath, [keeper, folder, program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  child.stdin.on('error', () => {});
  let ended = false;
  const exited = once(child, 'close').then(() => {
    ended = true;
  });
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await exited;
  };
  onTestFinished(stop);

  async function ask<T>(path: string, form?: Readonly<Record<string, string>>): Promise<T> {
    const response = await fetch(`${url}${path}`, form && { method: 'POST', body: new URLSearchParams(form) });
    const answer = (await response.json()) as { status: string; data: T; error?: string };
    if (answer.status !== 'success') throw new Error(`${JSON.stringify(form)}: ${answer.error}`);
    return answer.data;
  }

  await vi.waitFor(
    async () => {
      if (ended) return;
      const { status } = await fetch(`${url}/-/ready`);
      if (status !== 200) throw new Error(`not ready: ${status}`);
    },
    { timeout: 30_000, interval: 100 },
  );
  if (ended) throw new Error(`Prometheus ended before it was ready:\n${output}`);

  return {
    url,
    pid: child.pid as number,
    folder,
    async query(promql) {
      type Vector = readonly { metric: Record<string, string>; value: [number, string] }[];
      const { result } = await ask<{ result: Vector }>('/api/v1/query', { query: promql });
      return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
    },
    async queryRange(promql, { startMs, endMs, stepMs }) {
      type Matrix = readonly { metric: Record<string, string>; values: [number, string][] }[];
      const { result } = await ask<{ result: Matrix }>('/api/v1/query_range', {
        query: promql,
        start: String(startMs / 1_000),
        end: String(endMs / 1_000),
        step: String(stepMs / 1_000),
      });
      return result.map(({ metric, values }) => ({
        metric,
        values: values.map(([seconds, value]) => ({ at: new Date(seconds * 1_000), value: Number(value) })),
      }));
    },
    alerts: async () => (await ask<{ alerts: readonly ActiveAlert[] }>('/api/v1/alerts')).alerts,
    stop,
  };
}
