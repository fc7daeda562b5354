import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { localFlags } from '../../support/localFlags.js';
import { capellaPayload, denebPayload, hash, headAt } from '../../support/samples.js';
import { openTwoEngines } from '../../support/twoEngines.js';

test('calls, decisions, feeds and durations are counted on the registry of the caller, and nowhere else', async () => {
  const registry = new Registry();
  const { compat, v4, v5 } = await openTwoEngines({ registry });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.forkchoiceUpdated(headAt(1));
  compat.setMigrationMode({ kind: 'v5_only' });
  v5.on('engine_newPayloadV2', () => ({ status: 'SYNCING' }));
  await v4.stop();
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await expect(compat.getPayload('0x0102030405060708')).rejects.toThrow();
  await compat.drain();

  const text = await registry.metrics();
  for (const line of [
    'lighthouse_compat_calls_total{operation="new_payload",version="v4",outcome="valid"} 1',
    'lighthouse_compat_calls_total{operation="forkchoice_updated",version="v4",outcome="valid"} 1',
    'lighthouse_compat_calls_total{operation="new_payload",version="v5",outcome="syncing"} 1',
    'lighthouse_compat_decisions_total{operation="new_payload",mode="v5_only",reason="CONFIGURED"} 1',
    'lighthouse_compat_feeds_total{operation="new_payload",engine="v5",outcome="valid"} 1',
    'lighthouse_compat_feeds_total{operation="new_payload",engine="v4",outcome="error"} 1',
    'lighthouse_compat_call_duration_seconds_count{operation="new_payload",version="v4"} 1',
    'lighthouse_compat_call_duration_seconds_count{operation="new_payload",version="v5"} 1',
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  expect(text).toMatch(
    /lighthouse_compat_errors_total\{operation="new_payload",engine="v4",code="CONNECTION_(FAILED|LOST)"\} 1/,
  );
  expect(text).not.toContain(hash(1));
});

test('two instances in one process count together on one registry', async () => {
  const registry = new Registry();
  const one = await openTwoEngines({ registry });
  const two = await openTwoEngines({ registry });
  for (const { compat } of [one, two]) {
    await compat.newPayload({ executionPayload: capellaPayload(1) });
    await compat.drain();
  }
  expect(await registry.metrics()).toContain(
    'lighthouse_compat_calls_total{operation="new_payload",version="v4",outcome="valid"} 2\n',
  );
});

test('a listener that throws harms neither the call nor the others, and is counted', async () => {
  const registry = new Registry();
  const { compat } = await openTwoEngines({ registry });
  const seen: string[] = [];
  compat.on('observation', () => {
    throw new Error('listener');
  });
  const off = compat.on('observation', ({ operation }) => seen.push(operation));
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  off();
  await compat.forkchoiceUpdated(headAt(1));
  await compat.drain();
  expect(seen).toEqual(['new_payload']);
  expect(await registry.metrics()).toContain('lighthouse_compat_listener_errors_total{event="observation"} 2\n');
});

test('an observation is frozen through and through', async () => {
  const { compat } = await openTwoEngines();
  const seen: object[] = [];
  compat.on('observation', (observation) =>
    seen.push(observation, observation.decision, observation.answering, observation.answering.outcome),
  );
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.drain();
  expect(seen).toHaveLength(4);
  expect(seen.every(Object.isFrozen)).toBe(true);
});

test('a flag value that cannot be used is counted each time, logged once, and fails no call', async () => {
  const registry = new Registry();
  const warnings: string[] = [];
  const { client } = await localFlags({ lighthouse_v5: true, lighthouse_migration_mode: 'v6_only' });
  const { compat } = await openTwoEngines({
    registry,
    flags: client,
    logger: { info: () => {}, warn: (message) => warnings.push(message), error: () => {} },
  });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await compat.drain();
  expect(await registry.metrics()).toContain('lighthouse_compat_unusable_flags_total{problem="UNKNOWN_MODE"} 2\n');
  expect(warnings).toEqual(['flag lighthouse_migration_mode cannot be used and counts as off: UNKNOWN_MODE (v6_only)']);
});

test('a field of an answer that the specification does not know is ignored, and counted and logged once', async () => {
  const registry = new Registry();
  const warnings: string[] = [];
  const { compat, v4 } = await openTwoEngines({
    registry,
    logger: { info: () => {}, warn: (message) => warnings.push(message), error: () => {} },
  });
  v4.on('engine_newPayloadV2', () => ({ status: 'VALID', latestValidHash: hash(1), witness: '0x' }));
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.newPayload({ executionPayload: capellaPayload(1) });
  expect(warnings).toEqual(['engine_newPayloadV2 at engine v4: unknown field payloadStatus.witness ignored']);
  expect(await registry.metrics()).toContain(
    'lighthouse_compat_unknown_answer_fields_total{method="engine_newPayloadV2"} 1\n',
  );
});

test('a logger that throws harms no call', async () => {
  const failing = () => {
    throw new Error('the disk is full');
  };
  const { client } = await localFlags({ lighthouse_v5: 'yes' });
  const { compat } = await openTwoEngines({ flags: client, logger: { info: failing, warn: failing, error: failing } });
  compat.on('observation', failing);
  compat.on('observation', async () => failing());
  expect(await compat.newPayload({ executionPayload: capellaPayload(1) })).toMatchObject({ status: 'VALID' });
  expect(await compat.drain()).toMatchObject({ drained: true });
  await compat.rollback('now');
});

test('an engine that falls out of step, or is no longer fed, is counted', async () => {
  const registry = new Registry();
  const { compat, v5 } = await openTwoEngines({ registry });
  await compat.forkchoiceUpdated(headAt(1));
  v5.on('engine_newPayloadV2', () => ({ status: 'SYNCING' }));
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  await compat.drain();
  await compat.newPayload({ executionPayload: denebPayload(3), parentBeaconBlockRoot: hash(7) });
  await compat.drain();
  const text = await registry.metrics();
  for (const [engine, state] of [
    ['v4', 'in_step'],
    ['v5', 'in_step'],
    ['v5', 'out_of_step'],
    ['v4', 'unfed'],
  ]) {
    expect(text).toContain(`lighthouse_compat_standby_changes_total{engine="${engine}",state="${state}"} 1\n`);
  }
});
