import type { CounterDefinition, HistogramDefinition } from './definition.js';
import {
  answerOutcome,
  attemptOutcome,
  decisionReason,
  dropReason,
  engine,
  errorCode,
  fallbackCause,
  feedOutcome,
  flagProblem,
  mode,
  operation,
  role,
  verdict,
  version,
} from './labels.js';

// What is counted of each call, when its last part has ended.

export const calls: CounterDefinition<[typeof operation, typeof version, typeof answerOutcome]> = {
  name: 'lighthouse_compat_calls_total',
  type: 'counter',
  unit: 'calls',
  help: 'Calls by the version whose answer the caller got and what that was.',
  labels: [operation, version, answerOutcome],
  startsAtZero: true,
};

export const callDuration: HistogramDefinition<[typeof operation, typeof version]> = {
  name: 'lighthouse_compat_call_duration_seconds',
  type: 'histogram',
  unit: 'seconds',
  help: 'Time from the send to the answer that the caller got, errors included.',
  labels: [operation, version],
};

export const decisions: CounterDefinition<[typeof operation, typeof mode, typeof decisionReason]> = {
  name: 'lighthouse_compat_decisions_total',
  type: 'counter',
  unit: 'calls',
  help: 'Calls by the mode that they went by and the rule that decided.',
  labels: [operation, mode, decisionReason],
  startsAtZero: false,
};

export const fallbacks: CounterDefinition<[typeof operation, typeof fallbackCause]> = {
  name: 'lighthouse_compat_fallbacks_total',
  type: 'counter',
  unit: 'calls',
  help: "Calls that got v4's answer because v5's failed, by the error code of that failure.",
  labels: [operation, fallbackCause],
  startsAtZero: true,
};

export const feeds: CounterDefinition<[typeof operation, typeof engine, typeof feedOutcome]> = {
  name: 'lighthouse_compat_feeds_total',
  type: 'counter',
  unit: 'sends',
  help: 'The other part of each call: what became of it at the engine whose answer the caller did not get.',
  labels: [operation, engine, feedOutcome],
  startsAtZero: false,
};

export const feedDuration: HistogramDefinition<[typeof operation, typeof engine]> = {
  name: 'lighthouse_compat_feed_duration_seconds',
  type: 'histogram',
  unit: 'seconds',
  help: 'Time from the send to the answer of that other part, errors included.',
  labels: [operation, engine],
};

export const droppedSends: CounterDefinition<[typeof engine, typeof dropReason]> = {
  name: 'lighthouse_compat_dropped_sends_total',
  type: 'counter',
  unit: 'sends',
  help: 'Other parts that should have been sent and were not: the lane or the bounds were full, or the caller gave up.',
  labels: [engine, dropReason],
  startsAtZero: true,
};

export const attempts: CounterDefinition<[typeof operation, typeof version, typeof role, typeof attemptOutcome]> = {
  name: 'lighthouse_compat_attempts_total',
  type: 'counter',
  unit: 'sends',
  help: 'Everything that was sent, by version and by whether the decision named that version to answer: the sample in which v4 and v5 compare. Replay and the exchange of capabilities are no part of it.',
  labels: [operation, version, role, attemptOutcome],
  startsAtZero: true,
};

export const attemptDuration: HistogramDefinition<[typeof operation, typeof version, typeof role]> = {
  name: 'lighthouse_compat_attempt_duration_seconds',
  type: 'histogram',
  unit: 'seconds',
  help: 'Time from the send to the answer of those attempts whose speed compares: answered, and not from a cache, as a block that the engine built itself is, and whatever a shared engine is sent.',
  labels: [operation, version, role],
};

export const comparisons: CounterDefinition<[typeof operation, typeof verdict]> = {
  name: 'lighthouse_compat_comparisons_total',
  type: 'counter',
  unit: 'calls',
  help: 'Calls of which both engines had a part, by what holding the answers against each other told.',
  labels: [operation, verdict],
  startsAtZero: true,
};

export const divergences: CounterDefinition<[typeof operation]> = {
  name: 'lighthouse_compat_divergences_total',
  type: 'counter',
  unit: 'calls',
  help: 'Calls on which the engines contradict each other: VALID against INVALID, or VALID for another block.',
  labels: [operation],
  startsAtZero: true,
};

export const errors: CounterDefinition<[typeof operation, typeof engine, typeof errorCode]> = {
  name: 'lighthouse_compat_errors_total',
  type: 'counter',
  unit: 'sends',
  help: 'Parts of calls that failed, by error code; INTERNAL is what neither the SDK nor the conversions threw.',
  labels: [operation, engine, errorCode],
  startsAtZero: false,
};

export const unusableFlags: CounterDefinition<[typeof flagProblem]> = {
  name: 'lighthouse_compat_unusable_flags_total',
  type: 'counter',
  unit: 'flags',
  help: 'Flag values that could not be used and counted as off, each time that a call met one.',
  labels: [flagProblem],
  startsAtZero: true,
};
