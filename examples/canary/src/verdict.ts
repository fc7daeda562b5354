import type { UnleashOracle } from './expectation.js';
import { type BlockSeen, type DemoRecord, lastHeads } from './record.js';

function blockFailures(block: BlockSeen, { plan }: DemoRecord, oracle: UnleashOracle): string[] {
  const phase = plan[block.phase];
  if (phase === undefined) return [`block ${block.number} is of no phase`];
  const imported = block.answers.find(({ operation }) => operation === 'new_payload');
  const madeHead = block.answers.find(({ operation }) => operation === 'forkchoice_updated');
  if (imported === undefined || madeHead === undefined) return [`block ${block.number}: its import was not observed`];

  const byFork = phase.fork === 'cancun';
  // While a client is away the other answers for all keys, and may do so for a part of a block when it comes back.
  const isStandIn = [imported, madeHead].some(({ reason }) => reason === 'OUT_OF_STEP');
  if (isStandIn && phase.outage !== undefined) return [];
  const expected = byFork || oracle.isOn(phase.percent, block.hash) ? 'v5' : 'v4';
  const failures: string[] = [];
  if (imported.adapter !== expected) {
    failures.push(
      `block ${block.number} (${block.hash}) was answered by ${imported.adapter}; Unleash's own rollout says ${expected}`,
    );
  }
  if (madeHead.adapter !== imported.adapter) {
    failures.push(
      `block ${block.number}: its import was split, new_payload at ${imported.adapter} and forkchoice_updated at ${madeHead.adapter}`,
    );
  }
  if (byFork && imported.reason !== 'FORK') {
    failures.push(`block ${block.number} is of Cancun, and the reason for v5 was ${imported.reason} in place of FORK`);
  }
  return failures;
}

/** Holds a finished record against everything that the demo promises; each entry says what did not hold. */
export function findFailures(record: DemoRecord, oracle: UnleashOracle): readonly string[] {
  const { plan, blocks } = record;
  const { beforeFork, atEnd } = lastHeads(record);
  const failures = blocks.flatMap((block) => blockFailures(block, record, oracle));
  const planned = plan.reduce((sum, phase) => sum + phase.blocks, 0);
  if (blocks.length !== planned) failures.push(`${blocks.length} blocks were made of ${planned}`);
  if (record.errors > 0) failures.push(`${record.errors} calls failed`);
  if (record.feedErrors > 0) failures.push(`${record.feedErrors} sends to the engine that did not answer failed`);
  const isKilled = plan.some(({ outage }) => outage !== undefined);
  const { killed, restarted, back, payloadsReplayed } = record.outage;
  if (isKilled && (killed === null || !restarted)) failures.push('no client was killed and started again');
  else if (isKilled && !back) failures.push(`${killed}'s client did not come back in step`);
  else if (isKilled && payloadsReplayed === 0) failures.push(`${killed}'s client came back without a replay`);
  const { match = 0, unsupported = 0, ...others } = record.verdicts;
  if (match === 0) failures.push('no answers of both clients were compared');
  for (const [verdict, count] of Object.entries(others)) failures.push(`${count} comparisons ended with ${verdict}`);
  if (unsupported === 0) failures.push('the end of the feed of v4 left no trace in the comparisons');
  if (record.feedEnded !== 1) failures.push(`the end of the feed of v4's engine was said ${record.feedEnded} times`);

  for (const [index, { heads, driverHead }] of record.phaseEnds.entries()) {
    const title = plan[index]?.title ?? '?';
    if (heads.v5.hash !== driverHead)
      failures.push(`after "${title}" v5's client has head ${heads.v5.hash}, the driver ${driverHead}`);
    const v4Head = plan[index]?.fork === 'cancun' ? beforeFork?.v4.hash : driverHead;
    if (heads.v4.hash !== v4Head)
      failures.push(`after "${title}" v4's client has head ${heads.v4.hash} and not ${v4Head}`);
  }
  if (atEnd === undefined) failures.push('the heads of the clients were not read');
  return failures;
}
