import { AbTestController, type AbTestResults, type LighthouseCompat } from '@lighthouse-compat/sdk';

const weekMs = 7 * 24 * 3_600_000;

/** Lets v5 answer a tenth of the blocks for a week; the function returned says at any time how that goes. */
export function compareOnTheFly(compat: LighthouseCompat): () => AbTestResults {
  const tests = new AbTestController();
  tests.createTest({ name: 'deneb', v5Percent: 10, durationMs: weekMs, operations: ['new_payload'] });
  compat.on('observation', (observation) => tests.recordObservation('deneb', observation));
  compat.setMigrationMode({ kind: 'canary', percent: 10 });
  return () => tests.getTestResults('deneb');
}

/** Makes one request by the version that a test assigns, and records how it went. */
export async function compareByHand(
  tests: AbTestController,
  sessionId: string,
  send: (version: 'v4' | 'v5') => Promise<unknown>,
): Promise<void> {
  const version = tests.shouldUseV5('by-hand', sessionId) ? 'v5' : 'v4';
  const beganMs = performance.now();
  const success = await send(version).then(
    () => true,
    () => false,
  );
  const latencyMs = performance.now() - beganMs;
  tests.recordResult('by-hand', { version, operation: 'new_payload', success, latencyMs, sessionId });
}
