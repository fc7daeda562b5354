import { ConversionError } from '@lighthouse-compat/conversions';
import { CompatError } from '../errors.js';

/** The stable code of a failed arm's error, `INTERNAL` for what neither the SDK nor the conversions threw; an engine's code that has no name stands behind `RPC_ERROR`, or two different ones would agree. */
export function errorCode(error: unknown): string {
  try {
    if (error instanceof ConversionError) return error.code;
    if (!(error instanceof CompatError)) return 'INTERNAL';
    return error.code === 'RPC_ERROR' && error.rpcCode !== undefined ? `RPC_ERROR ${error.rpcCode}` : error.code;
  } catch {
    // Anything can be thrown, also a proxy that throws when it is looked at.
    return 'INTERNAL';
  }
}
