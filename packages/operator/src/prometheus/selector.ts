import { healthSeries } from '@lighthouse-compat/sdk';

/** Only a process with one shared engine tells a lane of that name. */
export const laneMetric = 'lighthouse_compat_lane_calls';

const names = [...new Set([...healthSeries.map(({ name }) => name), laneMetric])];

const quoted = (text: string): string => JSON.stringify(text);

/** The text as a regular expression of Prometheus's that matches nothing else. */
const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Every scraped value of everything that a sample is made of, so many milliseconds back: as they are, since what PromQL makes of them (`increase`) is extrapolated and counts in fractions. */
export function rangeSelector(options: {
  readonly labels: Readonly<Record<string, string>>;
  readonly instances: readonly string[] | number;
  readonly rangeMs: number;
}): string {
  const { labels, instances, rangeMs } = options;
  const matchers = [
    `__name__=~${quoted(names.join('|'))}`,
    ...Object.entries(labels).map(([name, value]) => `${name}=${quoted(value)}`),
    ...(typeof instances === 'number' ? [] : [`instance=~${quoted(instances.map(literally).join('|'))}`]),
  ];
  return `{${matchers.join(',')}}[${Math.ceil(rangeMs)}ms]`;
}
