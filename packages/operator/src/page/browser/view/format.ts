const figures = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const moment = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'UTC' });

/** What is shown where nothing is known. */
export const unknown = '-';

export const number = (value: number): string => figures.format(value);

export const percent = (value: number | null): string => (value === null ? unknown : `${number(value)} %`);

/** A part of a whole in percent. */
export const share = (part: number, whole: number): string => percent(whole === 0 ? null : (part / whole) * 100);

export const milliseconds = (value: number | null | undefined): string =>
  value === null || value === undefined ? unknown : `${number(value)} ms`;

export const bytes = (value: number): string =>
  value < 1024 ? `${value} B` : value < 1024 ** 2 ? `${number(value / 1024)} KiB` : `${number(value / 1024 ** 2)} MiB`;

/** Unix milliseconds as a time of UTC. */
export const time = (atMs: number): string => `${moment.format(atMs)} UTC`;

/** A length of time in the two units that say it best. */
export function duration(lengthMs: number): string {
  const seconds = Math.max(0, Math.round(lengthMs / 1_000));
  const [minutes, hours, days] = [Math.floor(seconds / 60), Math.floor(seconds / 3_600), Math.floor(seconds / 86_400)];
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** A name of the API as words. */
export const words = (name: string): string => name.replaceAll('_', ' ');

/** The counts that are not zero, by name. */
export const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${number(count)}`)
    .join(', ') || 'none';
