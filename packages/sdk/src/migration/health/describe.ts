import type { Criterion, HealthCheck } from './healthCheck.js';

const percent = (value: number | null): string => (value === null ? '?' : `${Number(value.toPrecision(3))} %`);

function figures({ name, valuePercent, limitPercent, controlPercent, lowerPercent, samples }: Criterion): string {
  const control = controlPercent === null ? '' : `, v4 ${percent(controlPercent)}`;
  const atLeast = lowerPercent === null ? '' : `, at least ${percent(lowerPercent)}`;
  const counts = `v4 ${samples.v4 ?? '-'}, v5 ${samples.v5 ?? '-'} samples`;
  return `${name} ${percent(valuePercent)} (limit ${percent(limitPercent)}${control}${atLeast}; ${counts})`;
}

/** Says in one line how a check ended and by which figures. */
export function describeCheck({ verdict, decidedBy, criteria, why }: HealthCheck): string {
  const deciding = criteria.filter((criterion) => decidedBy === null || criterion.name === decidedBy);
  return `${verdict}: ${deciding.map(figures).join(', ') || (why ?? 'no figures')}`;
}
