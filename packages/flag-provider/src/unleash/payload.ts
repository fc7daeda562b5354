import { ErrorCode, type FlagValue, type FlagValueType } from '@openfeature/server-sdk';
import type { Payload } from './client.js';

/** What a payload is as a value of the type that was asked for: the value, or why it is none. */
export type PayloadReading =
  | { readonly kind: 'value'; readonly value: FlagValue }
  | { readonly kind: 'error'; readonly errorCode: ErrorCode; readonly errorMessage: string };

// The grammar of a JSON number: no blanks, no sign of plus, no hexadecimal, and nothing behind it.
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

const typeOfPayload: { readonly [payloadType: string]: FlagValueType } = {
  string: 'string',
  csv: 'string',
  number: 'number',
  json: 'object',
};

/** Reads a variant's payload strictly: another type is TYPE_MISMATCH, a text that is no finite number or no JSON is PARSE_ERROR, and JSON that is neither an object nor an array is TYPE_MISMATCH. */
export function readPayload({ type, value }: Payload, wanted: FlagValueType): PayloadReading {
  if (typeOfPayload[type] !== wanted || typeof value !== 'string') {
    return failed(ErrorCode.TYPE_MISMATCH, `the payload is of type ${type}, which is no ${wanted}`);
  }
  switch (wanted) {
    case 'boolean':
      return failed(ErrorCode.TYPE_MISMATCH, 'a payload is no boolean');
    case 'string':
      return { kind: 'value', value };
    case 'number': {
      const read = number.test(value) ? Number(value) : Number.NaN;
      return Number.isFinite(read)
        ? { kind: 'value', value: read }
        : failed(ErrorCode.PARSE_ERROR, 'the payload is not a number');
    }
    case 'object':
      return readJson(value);
  }
}

function readJson(text: string): PayloadReading {
  let value: FlagValue | null;
  try {
    value = JSON.parse(text);
  } catch {
    return failed(ErrorCode.PARSE_ERROR, 'the payload is not JSON');
  }
  return typeof value === 'object' && value !== null
    ? { kind: 'value', value }
    : failed(ErrorCode.TYPE_MISMATCH, 'the payload is JSON, but neither an object nor an array');
}

function failed(errorCode: ErrorCode, errorMessage: string): PayloadReading {
  return { kind: 'error', errorCode, errorMessage };
}
