import type { UnleashOracle } from './expectation.js';
import type { BlockSeen, DemoRecord } from './record.js';

function blockFailures(block: BlockSeen, { plan }: DemoRecord, oracle: UnleashOracle): string[] {
  const phase = plan[block.phase];
  if (phase === undefined) return [`block ${block.number} is of no phase`];
  const imported = block.answers.find(({ operation }) => operation === 'new_payload');
  const madeHead = block.answers.find(({ operation }) => operation === 'forkchoice_updated');
  if (imported === undefined || madeHead === undefined) return [`block ${block.number}: its import was not observed`];

  const byFork = phase.fork === 'cancun';
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
  const { plan, blocks, headsBeforeFork, headsAtEnd } = record;
  const failures = blocks.flatMap((block) => blockFailures(block, record, oracle));
  const planned = plan.reduce((sum, phase) => sum + phase.blocks, 0);
  if (blocks.length !== planned) failures.push(`${blocks.length} blocks were made of ${planned}`);
  if (record.errors > 0) failures.push(`${record.errors} calls failed`);
  if (record.feedErrors > 0) failures.push(`${record.feedErrors} sends to the engine that did not answer failed`);
  const { match = 0, unsupported = 0, ...others } = record.verdicts;
  if (match === 0) failures.push('no answers of both clients were compared');
  for (const [verdict, count] of Object.entries(others)) failures.push(`${count} comparisons ended with ${verdict}`);
  if (unsupported === 0) failures.push('the end of the feed of v4 left no trace in the comparisons');
  if (record.feedEnded !== 1) failures.push(`the end of the feed of v4's engine was said ${record.feedEnded} times`);

  if (headsBeforeFork === null || headsAtEnd === null) return [...failures, 'the heads of the clients were not read'];
  if (headsBeforeFork.v4.hash !== headsBeforeFork.v5.hash || headsBeforeFork.v4.hash !== record.driverHeadBeforeFork) {
    failures.push(
      `before the fork the heads differ: v4 ${headsBeforeFork.v4.hash}, v5 ${headsBeforeFork.v5.hash}, driver ${record.driverHeadBeforeFork}`,
    );
  }
  if (headsAtEnd.v5.hash !== record.driverHeadAtEnd) {
    failures.push(`at the end v5's client has head ${headsAtEnd.v5.hash}, the driver ${record.driverHeadAtEnd}`);
  }
  if (headsAtEnd.v4.hash !== headsBeforeFork.v4.hash) {
    failures.push(`v4's client moved past the fork, to ${headsAtEnd.v4.hash}`);
  }
  return failures;
}
