import { type Clock, defaultPlan } from '@lighthouse-compat/sdk';
import type { OperatorErrorCode } from '../../errors.js';
import { number } from '../../page/browser/view/format.js';
import { prometheusHealth } from '../../prometheus/prometheusHealth.js';
import type { Config, PrometheusConfig } from '../config/config.js';
import { type CheckItem, itemsOf, messageOf } from './item.js';

const mends: Partial<Readonly<Record<OperatorErrorCode, string>>> = {
  PROMETHEUS_UNREACHABLE: 'start Prometheus, or correct prometheus.url',
  PROMETHEUS_TIMEOUT: 'look at Prometheus: it takes too long to answer',
  PROMETHEUS_UNAUTHORIZED: 'correct its token or its password file',
  PROMETHEUS_INCOMPLETE:
    'look at its targets (/targets), and at prometheus.instances and .labels: each names what is scraped',
};

/** What there is to say of the fleet's figures: whether one whole sample can be made of them. */
export async function prometheusItems(
  prometheus: PrometheusConfig,
  { plan }: Pick<Config, 'plan'>,
  clock: Clock,
): Promise<readonly CheckItem[]> {
  const { ok, problem } = itemsOf('Prometheus');
  try {
    const { windowMs } = (plan ?? defaultPlan).health;
    const health = prometheusHealth({ ...prometheus, windowMs, clock });
    const sample = await health.sample();
    health.close();
    if (sample !== null) {
      const { instances } = prometheus;
      const count = typeof instances === 'number' ? instances : instances.length;
      return [ok('instances', `${number(count)} of ${number(count)} tell of themselves`)];
    }
    const found = health.problem;
    return [
      problem(
        'instances',
        found === null ? 'no sample can be made' : `${found.code}: ${found.message}`,
        (found === null ? undefined : mends[found.code]) ?? 'look at what answers there',
      ),
    ];
  } catch (error) {
    return [problem('options', messageOf(error), "correct the configuration's part prometheus")];
  }
}
