import { createLighthouseCompat, type LighthouseCompatOptions } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { startFakeEngine } from '../support/fakeEngine.js';
import { type Fault, startFaultProxy } from '../support/faultProxy.js';
import { capellaPayload, forks, headAt } from '../support/samples.js';

type Version = 'v4' | 'v5';

/** The SDK between two fake engines, one of them behind a proxy that can fail. */
async function openBehind(failing: Version, options: Partial<LighthouseCompatOptions> = {}) {
  const engines = { v4: await startFakeEngine(), v5: await startFakeEngine() };
  const proxy = await startFaultProxy(new URL(engines[failing].url));
  const engine = (version: Version) => ({
    url: version === failing ? proxy.url : engines[version].url,
    jwtSecret: engines[version].secret,
  });
  const compat = await createLighthouseCompat({
    v4: engine('v4'),
    v5: engine('v5'),
    forks,
    // 8 s become 0.8 s.
    timeouts: { factor: 0.1 },
    ...options,
  });
  onTestFinished(async () => {
    await compat.close();
    await proxy.close();
    await Promise.all([engines.v4.stop(), engines.v5.stop()]);
    expect([...engines.v4.breaches, ...engines.v5.breaches]).toEqual([]);
  });
  return { compat, proxy, ...engines };
}

const faults: readonly (readonly [string, Fault, RegExp])[] = [
  ['refuses', { kind: 'refuse' }, /^CONNECTION_(FAILED|LOST)$/],
  ['resets', { kind: 'resetNow' }, /^CONNECTION_(FAILED|LOST)$/],
  ['resets in the middle of an answer', { kind: 'reset', direction: 'response', afterBytes: 40 }, /^CONNECTION_LOST$/],
  ['ends in the middle of an answer', { kind: 'truncate', afterBytes: 40 }, /^CONNECTION_LOST$/],
  ['swallows requests', { kind: 'drop', direction: 'request' }, /^TIMEOUT$/],
  ['swallows answers', { kind: 'drop', direction: 'response' }, /^TIMEOUT$/],
  ['is half open', { kind: 'halfOpen' }, /^TIMEOUT$/],
  ['delays beyond the deadline', { kind: 'delay', delayMs: 1_200 }, /^TIMEOUT$/],
  ['lets 20 bytes a second through', { kind: 'throttle', bytesPerSecond: 20 }, /^TIMEOUT$/],
];

test.each(faults)(
  'a network that %s is a typed error of the engine that answers, and the next call passes',
  async (_what, fault, code) => {
    const { compat, proxy, v4 } = await openBehind('v4', { standby: 'cold' });
    await compat.newPayload({ executionPayload: capellaPayload(1) });
    await proxy.set(fault);
    await expect(compat.newPayload({ executionPayload: capellaPayload(2) })).rejects.toMatchObject({
      code: expect.stringMatching(code),
      engine: 'v4',
    });
    await proxy.clear();
    expect(await compat.newPayload({ executionPayload: capellaPayload(3) })).toMatchObject({ status: 'VALID' });
    expect(v4.methods().at(-1)).toBe('engine_newPayloadV2');
  },
);

test.each(faults)(
  'a network that %s between the SDK and v5 never reaches the caller: v4 answers in its place',
  async (_what, fault, code) => {
    const { compat, proxy } = await openBehind('v5', { mode: { kind: 'v5_primary' }, fallbackAfterMs: 300 });
    await compat.newPayload({ executionPayload: capellaPayload(1) });
    await compat.drain();
    const causes: (string | undefined)[] = [];
    compat.on('observation', ({ fallback }) => causes.push(fallback?.cause));
    await proxy.set(fault);
    expect(await compat.newPayload({ executionPayload: capellaPayload(2) })).toMatchObject({ status: 'VALID' });
    await compat.drain();
    expect(causes).toEqual([expect.stringMatching(code)]);
  },
);

test.each(faults)(
  'a network that %s between the SDK and the engine that is fed is never seen by the caller',
  async (_what, fault) => {
    const { compat, proxy } = await openBehind('v5');
    await compat.newPayload({ executionPayload: capellaPayload(1) });
    await proxy.set(fault);
    for (let number = 2; number <= 4; number += 1) {
      expect(await compat.newPayload({ executionPayload: capellaPayload(number) })).toMatchObject({ status: 'VALID' });
      expect(await compat.forkchoiceUpdated(headAt(number))).toMatchObject({ payloadStatus: { status: 'VALID' } });
    }
    expect(compat.stats()).toMatchObject({ answered: { v4: expect.any(Number) }, failed: { v4: 0 }, fallbacks: 0 });
    await proxy.clear();
    await compat.drain();
  },
);

test('jitter changes nothing but the time: each engine gets every call in order', async () => {
  const { compat, proxy, v4, v5 } = await openBehind('v5', { timeouts: { factor: 1 } });
  await proxy.set({ kind: 'jitter', minMs: 0, maxMs: 20, random: Math.random });
  const calls = Array.from({ length: 20 }, (_none, n) =>
    compat.newPayload({ executionPayload: capellaPayload(n + 1) }),
  );
  expect((await Promise.all(calls)).every(({ status }) => status === 'VALID')).toBe(true);
  await compat.drain();
  const hashes = (engine: typeof v4) =>
    engine.calls
      .filter(({ method }) => method === 'engine_newPayloadV2')
      .map(({ params: [payload] }) => (payload as { readonly blockHash: string }).blockHash);
  expect(hashes(v5)).toEqual(hashes(v4));
  expect(hashes(v5)).toHaveLength(20);
});
