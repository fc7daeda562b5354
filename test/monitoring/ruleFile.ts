import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { root } from '../support/process.js';

/** Where the rules are, and their unit tests. */
export const ruleFile = `${root}/monitoring/rules/lighthouse-compat.rules.yml`;
export const ruleTestFile = `${root}/monitoring/rules/lighthouse-compat.test.yml`;

/** One rule that raises an alert. */
export type AlertRule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

/** One rule that records a series under a name of its own. */
export type RecordingRule = { readonly record: string; readonly expr: string };

/** Every rule of the file. */
export async function readRules(): Promise<{ alerts: readonly AlertRule[]; recordings: readonly RecordingRule[] }> {
  const { groups } = parse(await readFile(ruleFile, 'utf8')) as {
    groups: readonly { readonly rules: readonly (AlertRule | RecordingRule)[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  return {
    alerts: rules.filter((rule): rule is AlertRule => 'alert' in rule),
    recordings: rules.filter((rule): rule is RecordingRule => 'record' in rule),
  };
}

const divisor = 60;
const secondsIn: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** The rules with every duration divided by 60, so that what takes an hour takes a minute: windows in brackets, offsets, and `for`. What else holds digits, as the names of recorded series do, stays as it is. */
export const hastened = (rules: string): string =>
  rules.replace(
    /(\[|\bfor: |\boffset )(\d+)([smh])\b/g,
    (_, before: string, count: string, unit: string) =>
      `${before}${(Number(count) * (secondsIn[unit] as number) * 1000) / divisor}ms`,
  );
