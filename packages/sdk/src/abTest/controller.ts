import { normalizedValue } from '@lighthouse-compat/flag-provider';
import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import { comparableMs } from '../attempt.js';
import { type Clock, systemClock, systemRandom } from '../clock.js';
import { CompatError } from '../errors.js';
import type { Observation } from '../observation.js';
import type { Operation } from '../operation.js';
import { type AbTest, type AbTestOptions, type AbTestStatus, maxTests, parseAbTest } from './abTest.js';
import { type ArmRecorder, createArmRecorder } from './armRecorder.js';
import { chosenPart, isUnit, successOf } from './attribute.js';
import { type AbTestResults, resultsOf } from './results.js';
import { type AbTestSample, requireSample } from './sample.js';
import { createSplitRecorder, type SplitRecorder } from './splitRecorder.js';

/** What did not become part of a test, by why. */
export type AbTestCounts = {
  /** Asked or recorded under a name that no test has. */
  readonly unknownName: number;
  /** Asked or recorded before the start, after the end, or once stopped. */
  readonly outsideTime: number;
  /** Asked of a sticky test without a session. */
  readonly withoutSession: number;
  /** Observations of calls that no split chose, or that their caller ended. */
  readonly unattributed: number;
};

type Entry = {
  readonly test: AbTest;
  readonly isAbout: Readonly<Record<Operation, boolean>>;
  readonly v4: ArmRecorder;
  readonly v5: ArmRecorder;
  readonly split: SplitRecorder;
  isStopped: boolean;
};

/** Assigns calls to v4 or v5 under named tests, takes in how they went, and says at any time what that shows. It routes nothing by itself. */
export class AbTestController {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #counts = { unknownName: 0, outsideTime: 0, withoutSession: 0, unattributed: 0 };

  /** `random` gives numbers from 0 up to but not 1, by which tests without sticky sessions assign. */
  constructor({ clock = systemClock, random = systemRandom }: { clock?: Clock; random?: () => number } = {}) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Adds a test. Up to 32 are kept; beyond them a new one takes the place of the oldest that is over or stopped. Throws a CompatError with the option's path: INVALID_OPTION, INVALID_TEST_NAME, INVALID_PERCENT, INVALID_TEST_TIME, UNKNOWN_OPERATION, DUPLICATE_TEST, or TOO_MANY_TESTS. */
  createTest(options: AbTestOptions): AbTest {
    const test = parseAbTest(options, this.#clock.nowMs());
    if (this.#entries.has(test.name)) {
      throw new CompatError('DUPLICATE_TEST', 'name: there is a test of this name, over and stopped ones included', {
        path: 'name',
      });
    }
    if (this.#entries.size >= maxTests) this.#forgetOldest();
    this.#entries.set(test.name, {
      test,
      isAbout: {
        new_payload: test.operations.includes('new_payload'),
        forkchoice_updated: test.operations.includes('forkchoice_updated'),
        get_payload: test.operations.includes('get_payload'),
      },
      v4: createArmRecorder(test),
      v5: createArmRecorder(test),
      split: createSplitRecorder(test),
      isStopped: false,
    });
    return test;
  }

  /** Every test that is kept, in the order of creation. */
  list(): readonly { readonly test: AbTest; readonly status: AbTestStatus }[] {
    return [...this.#entries.values()].map((entry) => ({ test: entry.test, status: this.#statusOf(entry) }));
  }

  /** Ends a test early; its results stay. Of one that is over, and again, it does nothing. Throws UNKNOWN_TEST. */
  stop(testName: string): void {
    const entry = this.#find(testName);
    if (this.#statusOf(entry) !== 'over') entry.isStopped = true;
  }

  /** Tells whether a call is to go to v5: by the session's bucket under the test's name, or by chance. False, and counted, for an unknown name, outside the test's time, and for a sticky test without a session. */
  shouldUseV5(testName: string, sessionId?: string | null): boolean {
    const entry = this.#running(testName);
    if (entry === null) return false;
    const { v5Percent, stickySessions } = entry.test;
    if (!stickySessions) return this.#random() * 100 < v5Percent;
    if (typeof sessionId !== 'string' || sessionId === '') {
      this.#counts.withoutSession += 1;
      return false;
    }
    return normalizedValue(sessionId, testName) <= v5Percent;
  }

  /** Records how a request went, and says whether it counts: under an unknown name or outside the test's time it does not, which is counted, nor for an operation that the test is not about. Throws INVALID_SAMPLE or UNKNOWN_OPERATION, with the field's path. */
  recordResult(testName: string, sample: AbTestSample): boolean {
    requireSample(sample);
    const entry = this.#running(testName);
    if (entry === null || !entry.isAbout[sample.operation]) return false;
    record(entry, sample.version, sample.success, sample.latencyMs, sample.sessionId ?? null, true);
    return true;
  }

  /** Records what the SDK observed of a call, as {@link recordResult} does: `compat.on('observation', (seen) => tests.recordObservation(name, seen))`. What no split chose, such as a call of a fork that v4 cannot serve, is counted and left out. */
  recordObservation(testName: string, observation: Observation): boolean {
    const entry = this.#running(testName);
    if (entry === null || !entry.isAbout[observation.operation]) return false;
    const { decision, sharedEngine } = observation;
    const part = chosenPart(observation);
    const success = part === null ? null : successOf(part);
    if (part === null || success === null) {
      this.#counts.unattributed += 1;
      return false;
    }
    const latencyMs = comparableMs(part, sharedEngine);
    record(entry, decision.adapter, success, latencyMs, decision.targetingKey, isUnit(observation));
    return true;
  }

  /** Says what a test has shown so far; to be read at any time and as often as one likes. Throws UNKNOWN_TEST. */
  getTestResults(testName: string): AbTestResults {
    const entry = this.#find(testName);
    const { test, v4, v5, split } = entry;
    return resultsOf(test, this.#statusOf(entry), { v4, v5, split: split.counts() });
  }

  /** How often something did not become part of a test. */
  get counts(): AbTestCounts {
    return { ...this.#counts };
  }

  #find(testName: string): Entry {
    const entry = this.#entries.get(testName);
    if (entry !== undefined) return entry;
    throw new CompatError('UNKNOWN_TEST', 'testName: there is no test of this name', { path: 'testName' });
  }

  #running(testName: string): Entry | null {
    const entry = this.#entries.get(testName);
    if (entry === undefined) {
      this.#counts.unknownName += 1;
      return null;
    }
    if (this.#statusOf(entry) === 'running') return entry;
    this.#counts.outsideTime += 1;
    return null;
  }

  #statusOf({ test, isStopped }: Entry): AbTestStatus {
    if (isStopped) return 'stopped';
    const nowMs = this.#clock.nowMs();
    if (nowMs < test.startMs) return 'planned';
    return nowMs < test.endMs ? 'running' : 'over';
  }

  #forgetOldest(): void {
    for (const [name, entry] of this.#entries) {
      const status = this.#statusOf(entry);
      if (status !== 'over' && status !== 'stopped') continue;
      this.#entries.delete(name);
      return;
    }
    throw new CompatError('TOO_MANY_TESTS', `${maxTests} tests are running or planned: stop one first`, {
      path: 'name',
    });
  }
}

/** By position: an object would be made for each call. */
function record(
  entry: Entry,
  version: AdapterVersion,
  success: boolean,
  latencyMs: number | null,
  sessionId: string | null,
  isUnitOfSplit: boolean,
): void {
  const cluster = entry.split.record(version === 'v5', sessionId, isUnitOfSplit);
  entry[version].record(success, latencyMs, cluster);
}
