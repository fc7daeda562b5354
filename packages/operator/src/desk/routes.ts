import { actionNames } from '../control/actions.js';
import { drillDeadlineMs } from '../control/drillDeadline.js';
import { maximumBodyBytes } from '../control/jsonBody.js';

/** What is passed on to a service, by its path below the control API's prefix. */
export type Route = {
  readonly methods: readonly ('GET' | 'POST')[];
  /** Of a POST. */
  readonly maximumBytes: number;
  /** How long its answer may take where that is longer than for the rest. */
  readonly atLeastMs?: number;
  /** Whether it goes on for as long as somebody listens. */
  readonly isStream?: boolean;
};

const reading: Route = { methods: ['GET'], maximumBytes: 0 };
const action: Route = { methods: ['POST'], maximumBytes: maximumBodyBytes.action };

/** Everything that the page asks for, and how a call would be decided; nothing else is passed on. */
export const routes: ReadonlyMap<string, Route> = new Map([
  ['/status', reading],
  ['/journal', reading],
  ['/report', reading],
  ['/decision', { methods: ['GET', 'POST'], maximumBytes: maximumBodyBytes.question }],
  ['/events', { ...reading, isStream: true }],
  ...actionNames.map((name): [string, Route] => [
    `/actions/${name}`,
    name === 'drill' ? { ...action, atLeastMs: drillDeadlineMs } : action,
  ]),
]);
