import type { Registry } from 'prom-client';

/** What a registry tells when it is scraped, by series: `name{label="value"}` and its value. */
export async function scrape(registry: Registry): Promise<ReadonlyMap<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at).replace(/^lighthouse_compat_/, ''), Number(line.slice(at + 1))];
    }),
  );
}
