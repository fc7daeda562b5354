import { CompatError } from '../errors.js';
import type { Label } from '../metrics/label.js';
import { answerOutcome, engine, mode, operation, verdict, version } from '../metrics/labels.js';
import type { RecordedCall } from './recordedCall.js';

type Json = Readonly<Record<string, unknown>>;

const invalid = (path: string, what: string): never => {
  throw new CompatError('INVALID_RECORD', `${path}: ${what}`, { path });
};

function objectAt(value: unknown, path: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  return invalid(path, 'an object is needed');
}

function oneOf({ values }: Label, value: unknown, path: string): void {
  if (typeof value !== 'string' || !values.includes(value)) invalid(path, `one of ${values.join(', ')} is needed`);
}

function textAt(value: unknown, path: string): void {
  if (typeof value !== 'string' || value.length > 256) invalid(path, 'a text of at most 256 characters is needed');
}

function outcomeAt(value: unknown, path: string): void {
  const outcome = objectAt(value, path);
  switch (outcome['kind']) {
    case 'answered':
      if (outcome['status'] !== null) {
        textAt(outcome['status'], `${path}.status`);
        oneOf(answerOutcome, String(outcome['status']).toLowerCase(), `${path}.status`);
      }
      if (typeof outcome['builtHere'] !== 'boolean') invalid(`${path}.builtHere`, 'true or false is needed');
      return;
    case 'failed':
      textAt(outcome['code'], `${path}.code`);
      return;
    case 'dropped':
      textAt(outcome['reason'], `${path}.reason`);
      return;
    case 'unneeded':
    case 'unsupported':
      return;
    default:
      invalid(`${path}.kind`, 'answered, failed, dropped, unneeded or unsupported is needed');
  }
}

function armAt(value: unknown, path: string): void {
  const arm = objectAt(value, path);
  oneOf(version, arm['adapter'], `${path}.adapter`);
  oneOf(engine, arm['engine'], `${path}.engine`);
  const { durationMs } = arm;
  if (durationMs !== null && !(typeof durationMs === 'number' && durationMs >= 0))
    invalid(`${path}.durationMs`, 'milliseconds or null are needed');
  outcomeAt(arm['outcome'], `${path}.outcome`);
}

/** Reads one line that an observation log has written; throws INVALID_RECORD with the path of the field, which begins with `path`. */
export function readRecordedCall(line: string, path: string): { readonly call: RecordedCall; readonly atMs: number } {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return invalid(path, 'no JSON');
  }
  const record = objectAt(json, path);
  const { atMs, fallback, other, comparison } = record;
  if (typeof atMs !== 'number' || !Number.isFinite(atMs))
    return invalid(`${path}.atMs`, 'Unix milliseconds are needed');
  oneOf(operation, record['operation'], `${path}.operation`);
  textAt(record['fork'], `${path}.fork`);
  const decision = objectAt(record['decision'], `${path}.decision`);
  oneOf(version, decision['adapter'], `${path}.decision.adapter`);
  oneOf(mode, decision['mode'], `${path}.decision.mode`);
  if (fallback !== null) textAt(objectAt(fallback, `${path}.fallback`)['cause'], `${path}.fallback.cause`);
  armAt(record['answering'], `${path}.answering`);
  if (other !== null) armAt(other, `${path}.other`);
  if (comparison !== null)
    oneOf(verdict, objectAt(comparison, `${path}.comparison`)['verdict'], `${path}.comparison.verdict`);
  if (typeof record['sharedEngine'] !== 'boolean') return invalid(`${path}.sharedEngine`, 'true or false is needed');
  return { call: json as RecordedCall, atMs };
}
