import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { healthSeries, type Observation } from '@lighthouse-compat/sdk';
import { Registry } from 'prom-client';
import { onTestFinished } from 'vitest';
import { createMetrics } from '../../../packages/sdk/src/metrics/metrics.js';

type Labels = Readonly<Record<string, string>>;
type Stored = { readonly labels: Labels; readonly points: [seconds: number, value: string][] };

/** A small server that answers a range selector and `time()` as Prometheus does, from what has been scraped into it. */
export type FakePrometheus = {
  readonly url: string;
  /** What it was asked, in order, with the Authorization header. */
  readonly asked: { readonly query: string; readonly authorization: string | undefined }[];
  /** Keeps what a process tells at this moment; `rename` changes or, with null, leaves out a series. */
  scrape(
    process: FakeProcess,
    rename?: (labels: Labels, value: number) => readonly [Labels, string] | null,
  ): Promise<void>;
  /** Takes the place of its answers; null for its own again. */
  answer(instead: ((request: IncomingMessage, response: ServerResponse, query: string) => void) | null): void;
  /** Forgets everything. */
  clear(): void;
  stop(): Promise<void>;
};

/** A process of a fleet, as far as it is scraped. */
export type FakeProcess = {
  readonly labels: Labels;
  observe(observation: Observation): void;
  registry: Registry;
  /** Begins again with nothing counted. */
  restart(): void;
};

export function fakeProcess(instance: string, labels: Labels = { job: 'lighthouse-compat' }): FakeProcess {
  let registry = new Registry();
  let metrics = createMetrics(registry);
  return {
    labels: { instance, ...labels },
    observe: (observation) => metrics.observe(observation),
    get registry() {
      return registry;
    },
    restart() {
      registry = new Registry();
      metrics = createMetrics(registry);
    },
  };
}

const names = new Set(['lighthouse_compat_lane_calls', ...healthSeries.map(({ name }) => name)]);

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Starts one whose time is `nowMs()`. */
export async function startFakePrometheus(nowMs: () => number): Promise<FakePrometheus> {
  const stored = new Map<string, Stored>();
  const asked: FakePrometheus['asked'] = [];
  let instead: Parameters<FakePrometheus['answer']>[0] = null;

  const matching = (query: string, atSeconds: number): readonly object[] => {
    const rangeMs = Number(/\[(\d+)ms\]$/.exec(query)?.[1]);
    const instance = /instance=~"((?:[^"\\]|\\.)*)"/.exec(query)?.[1];
    const isOne = instance === undefined ? null : new RegExp(`^(?:${JSON.parse(`"${instance}"`)})$`);
    const job = /,job="([^"]*)"/.exec(query)?.[1];
    return [...stored.values()].flatMap(({ labels, points }) => {
      if (isOne !== null && !isOne.test(labels['instance'] ?? '')) return [];
      if (job !== undefined && labels['job'] !== job) return [];
      const values = points.filter(([seconds]) => seconds > atSeconds - rangeMs / 1_000 && seconds <= atSeconds);
      return values.length === 0 ? [] : [{ metric: labels, values }];
    });
  };

  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const form = new URLSearchParams(body);
      const query = form.get('query') ?? '';
      asked.push({ query, authorization: request.headers.authorization });
      if (instead !== null) return instead(request, response, query);
      const now = nowMs() / 1_000;
      const data =
        query === 'time()'
          ? { resultType: 'scalar', result: [now, String(now)] }
          : { resultType: 'matrix', result: matching(query, Number(form.get('time') ?? now)) };
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ status: 'success', data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(stop);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async scrape({ labels, registry }, rename = (own, value) => [own, String(value)]) {
      const seconds = nowMs() / 1_000;
      for (const { name, values } of await registry.getMetricsAsJSON()) {
        if (!names.has(name)) continue;
        for (const { labels: own, value } of values) {
          const texts = Object.fromEntries(Object.entries(own).map(([label, text]) => [label, String(text)]));
          const kept = rename({ __name__: name, ...texts, ...labels }, value);
          if (kept === null) continue;
          const key = JSON.stringify(Object.entries(kept[0]).sort());
          const series = stored.get(key) ?? { labels: kept[0], points: [] };
          stored.set(key, series);
          series.points.push([seconds, kept[1]]);
        }
      }
    },
    answer(own) {
      instead = own;
    },
    clear: () => stored.clear(),
    stop,
  };
}
