import { withoutSecrets } from './control/safeJson.js';

/** Says, without a secret, why a request has failed: with `fetch` the reason is what caused its own error, which says only that it has. */
export function whyUnreachable(failure: unknown): string {
  const reason = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure;
  if (!(reason instanceof Error)) return withoutSecrets(String(reason));
  // Where a name has several addresses, each with an error of its own, their common one has a code and no words.
  const { message, code, name } = reason as NodeJS.ErrnoException;
  return withoutSecrets(message || code || name);
}
