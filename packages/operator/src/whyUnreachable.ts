import { withoutSecrets } from './control/safeJson.js';

/** Says, without a secret, why a `fetch` has failed: the reason is what caused its own error, which says only that it has. */
export function whyUnreachable(failure: unknown): string {
  const reason = failure instanceof Error && failure.cause instanceof Error ? failure.cause : failure;
  return withoutSecrets(reason instanceof Error ? reason.message || reason.name : String(reason));
}
