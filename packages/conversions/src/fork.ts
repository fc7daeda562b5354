import { ConversionError } from './errors.js';
import { UINT64_MAX } from './hex.js';
import { describeType, type FieldSource, readField, visitUnknownFields } from './read.js';

/** The execution forks that a payload's timestamp can fall in. */
export type Fork = 'paris' | 'shanghai' | 'cancun' | 'prague';

/** The forks whose structures are served; Prague is known only to be refused. */
export type ServedFork = Exclude<Fork, 'prague'>;

/** When each fork begins, in Unix seconds; a time left out is a fork that is not scheduled. */
export type ForkSchedule = {
  readonly shanghaiTime: bigint;
  readonly cancunTime?: bigint;
  readonly pragueTime?: bigint;
};

/** A {@link ForkSchedule} as a caller may write it: bigints, or numbers that are safe integers. */
export type ForkScheduleInput = {
  readonly shanghaiTime: bigint | number;
  readonly cancunTime?: bigint | number | undefined;
  readonly pragueTime?: bigint | number | undefined;
};

/** Gives the fork of a timestamp in Unix seconds: the newest fork of the schedule that has begun by then. */
export function forkAt(schedule: ForkScheduleInput, timestamp: bigint): Fork {
  if (schedule.pragueTime !== undefined && timestamp >= schedule.pragueTime) return 'prague';
  if (schedule.cancunTime !== undefined && timestamp >= schedule.cancunTime) return 'cancun';
  return timestamp >= schedule.shanghaiTime ? 'shanghai' : 'paris';
}

const FIELDS: ReadonlySet<string> = new Set([
  'shanghaiTime',
  'cancunTime',
  'pragueTime',
] satisfies (keyof ForkSchedule)[]);

/**
 * Reads a {@link ForkScheduleInput} from a configuration; forks may begin together but not out of order.
 *
 * @throws ConversionError `INVALID_FORK_SCHEDULE` at the field that is missing, unknown, no uint64, or before an earlier fork
 */
export function parseForkSchedule(value: unknown, path: string = 'forks'): ForkSchedule {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(path, `expected an object, got ${describeType(value)}`);
  }
  const source = value as FieldSource;
  visitUnknownFields(source, FIELDS, path, undefined, (fieldPath) => {
    throw invalid(fieldPath, 'is not a fork of the schedule');
  });
  const shanghaiTime = readTime(source, 'shanghaiTime', path);
  const cancunTime = readTime(source, 'cancunTime', path);
  const pragueTime = readTime(source, 'pragueTime', path);
  if (shanghaiTime === undefined) throw invalid(`${path}.shanghaiTime`, 'is missing');
  if (cancunTime === undefined) {
    if (pragueTime !== undefined) throw invalid(`${path}.pragueTime`, 'needs a cancunTime');
    return { shanghaiTime };
  }
  if (cancunTime < shanghaiTime) throw invalid(`${path}.cancunTime`, 'is before shanghaiTime');
  if (pragueTime === undefined) return { shanghaiTime, cancunTime };
  if (pragueTime < cancunTime) throw invalid(`${path}.pragueTime`, 'is before cancunTime');
  return { shanghaiTime, cancunTime, pragueTime };
}

function readTime(source: FieldSource, name: keyof ForkSchedule, path: string): bigint | undefined {
  const fieldPath = `${path}.${name}`;
  const time = readField(source, name, fieldPath);
  if (time === undefined) return undefined;
  if (typeof time !== 'bigint' && !Number.isSafeInteger(time)) {
    throw invalid(fieldPath, 'expected Unix seconds as a bigint or a safe integer');
  }
  const seconds = BigInt(time as bigint | number);
  if (seconds < 0n || seconds > UINT64_MAX) throw invalid(fieldPath, 'expected a uint64');
  return seconds;
}

function invalid(path: string, detail: string): ConversionError {
  return new ConversionError('INVALID_FORK_SCHEDULE', path, detail);
}
