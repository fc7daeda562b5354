import type { GaugeDefinition, ReadCounterDefinition } from './definition.js';
import { abTest, abTestStatus, abTestVerdict, leftOutReason, splitVerdict, version } from './labels.js';

// What an A/B controller tells of its tests, read when it is asked for. A registry takes one controller, since two may have tests of one name.

type OfArm = [typeof abTest, typeof version];

export const abTestState: GaugeDefinition<[typeof abTest, typeof abTestStatus]> = {
  name: 'lighthouse_compat_ab_test_status',
  type: 'gauge',
  unit: '1',
  help: '1 for where a test is in its life, 0 for the others.',
  labels: [abTest, abTestStatus],
  merge: 'sum',
  isOfOne: true,
};

export const requests: ReadCounterDefinition<OfArm> = {
  name: 'lighthouse_compat_ab_test_requests_total',
  type: 'counter',
  unit: 'requests',
  help: 'Requests of a test, by the version that they were assigned to, whichever answered in the end.',
  labels: [abTest, version],
  merge: 'sum',
  isOfOne: true,
};

export const successes: ReadCounterDefinition<OfArm> = {
  name: 'lighthouse_compat_ab_test_successes_total',
  type: 'counter',
  unit: 'requests',
  help: 'Those of them that got a well-formed Engine answer, INVALID and SYNCING included.',
  labels: [abTest, version],
  merge: 'sum',
  isOfOne: true,
};

export const timedRequests: ReadCounterDefinition<OfArm> = {
  name: 'lighthouse_compat_ab_test_timed_requests_total',
  type: 'counter',
  unit: 'requests',
  help: 'Those of the successes whose latency counts.',
  labels: [abTest, version],
  merge: 'sum',
  isOfOne: true,
};

export const p50: GaugeDefinition<OfArm> = {
  name: 'lighthouse_compat_ab_test_latency_p50_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'Median latency since the test began, right to 1 % of its value; not there without a timed request.',
  labels: [abTest, version],
  merge: 'max',
  isOfOne: true,
};

export const p99: GaugeDefinition<OfArm> = {
  name: 'lighthouse_compat_ab_test_latency_p99_seconds',
  type: 'gauge',
  unit: 'seconds',
  help: 'The 99th percentile of the latency since the test began, right to 1 % of its value; not there without a timed request.',
  labels: [abTest, version],
  merge: 'max',
  isOfOne: true,
};

export const successRateVerdict: GaugeDefinition<[typeof abTest, typeof abTestVerdict]> = {
  name: 'lighthouse_compat_ab_test_success_rate_verdict',
  type: 'gauge',
  unit: '1',
  help: "1 for what the success rates say of v5 beside v4, 0 for the others; it may be read at any time, but not while the split's verdict is mismatch.",
  labels: [abTest, abTestVerdict],
  merge: 'sum',
  isOfOne: true,
};

export const latencyVerdict: GaugeDefinition<[typeof abTest, typeof abTestVerdict]> = {
  name: 'lighthouse_compat_ab_test_latency_verdict',
  type: 'gauge',
  unit: '1',
  help: '1 for what the geometric mean latencies say of v5 beside v4, 0 for the others; as that of the success rates.',
  labels: [abTest, abTestVerdict],
  merge: 'sum',
  isOfOne: true,
};

export const splitState: GaugeDefinition<[typeof abTest, typeof splitVerdict]> = {
  name: 'lighthouse_compat_ab_test_split_verdict',
  type: 'gauge',
  unit: '1',
  help: '1 for whether the versions got the planned shares, 0 for the others.',
  labels: [abTest, splitVerdict],
  merge: 'sum',
  isOfOne: true,
};

export const units: ReadCounterDefinition<OfArm> = {
  name: 'lighthouse_compat_ab_test_units_total',
  type: 'counter',
  unit: 'units',
  help: 'What that verdict is about: sessions of a sticky test, each once, else requests, by the version that they were assigned to.',
  labels: [abTest, version],
  merge: 'sum',
  isOfOne: true,
};

export const plannedV5Share: GaugeDefinition<[typeof abTest]> = {
  name: 'lighthouse_compat_ab_test_planned_v5_ratio',
  type: 'gauge',
  unit: 'ratio',
  help: 'The share of units that is planned for v5, from 0 to 1.',
  labels: [abTest],
  merge: 'max',
  isOfOne: true,
};

export const leftOut: ReadCounterDefinition<[typeof leftOutReason]> = {
  name: 'lighthouse_compat_ab_test_left_out_total',
  type: 'counter',
  unit: 'requests',
  help: 'What did not become part of a test: asked or recorded under an unknown name, outside its time, or without a session; unattributed are calls that no split chose or that their caller ended.',
  labels: [leftOutReason],
  merge: 'sum',
  isOfOne: true,
};
