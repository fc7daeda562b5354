import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLighthouseCompat, type Latch } from '@lighthouse-compat/sdk';
import { expect, onTestFinished, test } from 'vitest';
import { gate } from '../support/gate.js';
import { localFlags } from '../support/localFlags.js';
import { capellaAttributes, capellaPayload, denebPayload, forks, hash, headAt } from '../support/samples.js';
import { openTwoEngines } from '../support/twoEngines.js';
import { hashAsked } from '../support/wire.js';

async function latchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latch-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const closed = { url: 'http://127.0.0.1:9', jwtSecret: new Uint8Array(32) };

async function openWith(latchFile: string) {
  const compat = await createLighthouseCompat({
    v4: closed,
    v5: { ...closed, url: 'http://127.0.0.1:10' },
    forks,
    latchFile,
  });
  onTestFinished(() => compat.close());
  return compat;
}

test('from the rollback on v4 answers what it can serve, whatever flags and mode say, until a person clears the latch', async () => {
  const { client } = await localFlags({ lighthouse_v5: true, lighthouse_v5_primary: true });
  const { compat } = await openTwoEngines({ flags: client });
  const reasons: string[] = [];
  compat.on('observation', ({ decision }) => reasons.push(`${decision.reason} ${decision.adapter}`));
  const heard: unknown[] = [];
  compat.on('latched', (latch) => heard.push(latch.reason));
  compat.on('latchCleared', (cleared) => heard.push(cleared));

  await compat.newPayload({ executionPayload: capellaPayload(1) });
  await compat.rollback('v5 is slow');
  expect(compat.latch).toMatchObject({ reason: 'v5 is slow' });
  await compat.newPayload({ executionPayload: capellaPayload(2) });
  expect(await compat.decide('get_payload', { payloadId: '0x0102030405060708' })).toMatchObject({
    reason: 'ROLLBACK_LATCH',
    adapter: 'v4',
  });
  await compat.clearLatch({ by: 'ada', reason: 'v5 was mended' });
  expect(compat.latch).toBeNull();
  await compat.newPayload({ executionPayload: capellaPayload(3) });
  await compat.drain();
  expect(reasons).toEqual(['FLAG v5', 'ROLLBACK_LATCH v4', 'FLAG v5']);
  expect(heard).toEqual(['v5 is slow', { by: 'ada', reason: 'v5 was mended' }]);
});

test('a rollback answers at once what waits behind a v5 that hangs, by what v4 has said already', async () => {
  const { compat, v5 } = await openTwoEngines({ mode: { kind: 'v5_only' } });
  const hung = gate();
  v5.on('engine_newPayloadV2', async (params) => {
    await hung.opened;
    return { status: 'VALID', latestValidHash: hashAsked(params), validationError: null };
  });
  const answered: number[] = [];
  const calls = [1, 2, 3].map((number) =>
    compat.newPayload({ executionPayload: capellaPayload(number) }).then(({ status }) => {
      answered.push(number);
      return status;
    }),
  );
  await v5.received('engine_newPayloadV2');
  await compat.rollback('v5 hangs');
  expect(await Promise.all(calls.slice(1))).toEqual(['VALID', 'VALID']);
  // The first had been dispatched to v5 before.
  expect(answered).toEqual([2, 3]);
  hung.open();
  expect(await calls[0]).toBe('VALID');
  await compat.drain();
});

test('what v4 cannot serve goes to v5 under the latch too', async () => {
  const { compat } = await openTwoEngines();
  await compat.rollback('drill');
  const reasons: string[] = [];
  compat.on('observation', ({ decision }) => reasons.push(decision.reason));
  await compat.newPayload({ executionPayload: denebPayload(1), parentBeaconBlockRoot: hash(7) });
  await compat.drain();
  expect(reasons).toEqual(['FORK']);
});

test('calls that wait when the latch is set are decided again, and none of them is answered by v5', async () => {
  const { compat, v4, v5 } = await openTwoEngines({ mode: { kind: 'v5_only' } });
  const { opened, open } = gate();
  v5.on('engine_newPayloadV2', async ([payload]) => {
    await opened;
    return { status: 'VALID', latestValidHash: (payload as { blockHash: string }).blockHash };
  });
  v4.on('engine_forkchoiceUpdatedV2', ([state, attributes]) => ({
    payloadStatus: { status: 'VALID', latestValidHash: (state as { headBlockHash: string }).headBlockHash },
    payloadId: attributes === null ? null : '0x0102030405060708',
  }));
  const answered: string[] = [];
  compat.on('observation', ({ decision, answering }) => answered.push(`${decision.reason} ${answering.adapter}`));

  const dispatched = compat.newPayload({ executionPayload: capellaPayload(1) });
  const waiting = compat.newPayload({ executionPayload: capellaPayload(2) });
  // Its copy without attributes has reached v4 by the time of the rollback; the attributes must follow.
  const building = compat.forkchoiceUpdated(headAt(2), capellaAttributes);
  await v5.received('engine_newPayloadV2');
  await v4.received('engine_forkchoiceUpdatedV2');
  const latched = compat.rollback('now');
  open();
  await Promise.all([dispatched, waiting, latched]);
  expect(await building).toMatchObject({ payloadId: '0x0102030405060708' });
  await compat.drain();
  expect(answered).toEqual(['CONFIGURED v5', 'ROLLBACK_LATCH v4', 'ROLLBACK_LATCH v4']);
  expect(v4.methods()).toEqual([
    'engine_newPayloadV2',
    'engine_newPayloadV2',
    'engine_forkchoiceUpdatedV2',
    'engine_forkchoiceUpdatedV2',
  ]);
  // v5 is still fed, in order, but not asked to build.
  expect(v5.calls.at(-1)?.params).toEqual([headAt(2), null]);
});

test('attributes that would follow a newer forkchoice are FORKCHOICE_SUPERSEDED', async () => {
  const { compat, v4, v5 } = await openTwoEngines({ mode: { kind: 'v5_only' } });
  const { opened, open } = gate();
  v5.on('engine_newPayloadV2', async ([payload]) => {
    await opened;
    return { status: 'VALID', latestValidHash: (payload as { blockHash: string }).blockHash };
  });
  const dispatched = compat.newPayload({ executionPayload: capellaPayload(1) });
  const building = compat.forkchoiceUpdated(headAt(1), capellaAttributes);
  const newer = compat.forkchoiceUpdated(headAt(2));
  await v5.received('engine_newPayloadV2');
  await v4.received('engine_forkchoiceUpdatedV2', 2);
  const refused = expect(building).rejects.toMatchObject({ code: 'FORKCHOICE_SUPERSEDED', engine: 'v4' });
  void compat.rollback('now');
  open();
  await Promise.all([dispatched, newer, refused]);
  await compat.drain();
  expect(v4.calls.filter(({ params: [, attributes] }) => attributes !== undefined && attributes !== null)).toEqual([]);
});

test('the latch outlives a restart in its file, and clearing it removes the file', async () => {
  const latchFile = join(await latchFolder(), 'latch.json');
  const first = await openWith(latchFile);
  expect(first.latch).toBeNull();
  await first.rollback('v5 disagreed');
  expect(JSON.parse(await readFile(latchFile, 'utf8'))).toEqual(first.latch);
  const second = await openWith(latchFile);
  expect(second.latch).toEqual(first.latch);
  await second.clearLatch({ by: 'ada', reason: 'mended' });
  expect(await readdir(join(latchFile, '..'))).toEqual([]);
  expect((await openWith(latchFile)).latch).toBeNull();
});

test.each([
  ['damaged', 'rollba'],
  ['of another shape', '{"reason":7}'],
  ['null', 'null'],
  ['empty', ''],
])('a latch file that is %s counts as a latch', async (_what, text) => {
  const latchFile = join(await latchFolder(), 'latch.json');
  await writeFile(latchFile, text);
  expect((await openWith(latchFile)).latch).toMatchObject({ reason: 'the latch file is damaged' });
});

test('a latch file that cannot be read counts as a latch', async () => {
  // A folder in its place can be read by nobody, root included.
  expect((await openWith(await latchFolder())).latch).toMatchObject({ reason: 'the latch file cannot be read' });
});

test('a latch that cannot be written is in force all the same, and its promise says so', async () => {
  const compat = await openWith(join(await latchFolder(), 'missing', 'latch.json'));
  await expect(compat.rollback('now')).rejects.toMatchObject({ code: 'LATCH_FILE_FAILED', path: 'latchFile' });
  expect(compat.latch).toMatchObject({ reason: 'now' });
});

test('a rollback that comes while an older latch is being cleared stays', async () => {
  const latchFile = join(await latchFolder(), 'latch.json');
  const compat = await openWith(latchFile);
  await compat.rollback('first');
  const clearing = compat.clearLatch({ by: 'ada', reason: 'mended' });
  await compat.rollback('second');
  await clearing;
  expect(compat.latch).toMatchObject({ reason: 'second' });
  expect(JSON.parse(await readFile(latchFile, 'utf8')) as Latch).toMatchObject({ reason: 'second' });
});

test.each([
  [(compat: Awaited<ReturnType<typeof openWith>>) => compat.rollback(''), 'reason'],
  [(compat: Awaited<ReturnType<typeof openWith>>) => compat.rollback(7 as never), 'reason'],
  [(compat: Awaited<ReturnType<typeof openWith>>) => compat.clearLatch({ by: ' ', reason: 'x' }), 'by'],
  [(compat: Awaited<ReturnType<typeof openWith>>) => compat.clearLatch({ by: 'x' } as never), 'reason'],
])('a rollback or a clearing without a word of who or why is refused (%#)', async (attempt, path) => {
  const compat = await openWith(join(await latchFolder(), 'latch.json'));
  await expect(attempt(compat)).rejects.toMatchObject({ code: 'INVALID_OPTION', path });
});

test('a call that the fork turns to the engine that has it already is observed, though the other gets it no more', async () => {
  const { compat, v4, v5 } = await openTwoEngines();
  const { opened, open } = gate();
  v4.on('engine_newPayloadV2', async (params) => {
    await opened;
    return { status: 'VALID', latestValidHash: hashAsked(params) };
  });
  await compat.rollback('drill');
  const seen: string[] = [];
  compat.on('observation', ({ decision, other }) =>
    seen.push(`${decision.reason} ${decision.adapter} ${other?.outcome.kind}`),
  );
  const held = compat.newPayload({ executionPayload: capellaPayload(1) });
  const turned = compat.newPayload({ executionPayload: capellaPayload(2) });
  await compat.newPayload({ executionPayload: denebPayload(3), parentBeaconBlockRoot: hash(7) });
  await compat.forkchoiceUpdated(headAt(3));
  open();
  await Promise.all([held, turned]);
  await compat.drain();
  expect(v5.methods()).toHaveLength(4);
  expect(seen.sort()).toEqual([
    'FORK v5 unsupported',
    'FORK v5 unsupported',
    'FORK v5 unsupported',
    'ROLLBACK_LATCH v4 answered',
  ]);
});
