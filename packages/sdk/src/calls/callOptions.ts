import { ConversionError } from '@lighthouse-compat/conversions';
import { checkKeys } from './checkKeys.js';

/** What goes with any call. */
export type CallOptions = {
  /** The call's targetingKey in place of its block or node; a stickiness function gets to see it and chooses itself. */
  readonly sessionId?: string;
  /** Before the send it takes the call out of the order; after it only the caller's wait ends. */
  readonly signal?: AbortSignal;
};

/** The options of a call, checked. */
export type CheckedCallOptions = { readonly sessionId: string | null; readonly signal: AbortSignal | undefined };

const noOptions: CheckedCallOptions = Object.freeze({ sessionId: null, signal: undefined });

/** Checks the options of a call, if it has any; throws a ConversionError with the option's path. */
export function checkCallOptions(options: CallOptions | undefined): CheckedCallOptions {
  if (options === undefined) return noOptions;
  checkKeys(options, ['sessionId', 'signal'], 'options');
  const { sessionId, signal } = options;
  if (sessionId !== undefined && (typeof sessionId !== 'string' || sessionId === '')) {
    throw new ConversionError('INVALID_TYPE', 'options.sessionId', 'a text that is not empty is needed');
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ConversionError('INVALID_TYPE', 'options.signal', 'an AbortSignal is needed');
  }
  return { sessionId: sessionId ?? null, signal };
}
