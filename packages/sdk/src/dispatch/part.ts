import type { LaneEntry } from '../engine/lane.js';
import type { Arm, ArmResult } from './arm.js';

/** One engine's part in a call: `waiting` in its lane, `reached` and being decided, `sent`, or `ended` with a result, sent or not. */
export class Part<T> implements LaneEntry {
  readonly arm: Arm;
  readonly bytes: number;
  enteredAtMs: number = Number.NaN;
  state: 'waiting' | 'reached' | 'sent' | 'ended' = 'waiting';
  result: ArmResult<T> | undefined;
  /** Whether it was sent with everything that the call carries. */
  isWhole = false;
  readonly #onReach: (part: Part<T>) => void;

  /** Takes the place at once; without room the part has ended before it began. */
  constructor(arm: Arm, bytes: number, onReach: (part: Part<T>) => void) {
    this.arm = arm;
    this.bytes = bytes;
    this.#onReach = onReach;
    if (!arm.lane.enter(this)) this.end({ kind: 'dropped', reason: 'LANE_FULL' });
  }

  reach(): void {
    this.state = 'reached';
    this.#onReach(this);
  }

  end(result: ArmResult<T>): void {
    this.state = 'ended';
    this.result = result;
  }

  /** Ends a part that is still waiting and gives its place up; nothing once it has been reached. */
  giveUp(result: ArmResult<T>): void {
    if (this.state === 'waiting' && this.arm.lane.remove(this)) this.end(result);
  }
}
