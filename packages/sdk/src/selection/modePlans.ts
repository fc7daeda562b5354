import type { AdapterVersion } from '../adapters/lighthouseApi.js';
import type { CallMode } from './migrationMode.js';

/** What a mode does beside giving one engine's answer. */
export type ModePlan = {
  /** Whose answer the caller gets. */
  readonly answering: AdapterVersion;
  /** Whether v4's answer is given where v5's fails without a word about the block. */
  readonly fallsBack: boolean;
  /** Whether the other engine is asked to build too: attributes to both, twin pins. Split topology only. */
  readonly twinBuilds: boolean;
  /** The share of new_payload calls that a shared engine gets a second time by the other adapter, in percent. */
  readonly sharedSecondSendPercent: number;
};

/** What each mode does. With an engine for each adapter, both always get the call. */
export const modePlans: Readonly<Record<CallMode, ModePlan>> = {
  v4_only: { answering: 'v4', fallsBack: false, twinBuilds: false, sharedSecondSendPercent: 0 },
  v5_only: { answering: 'v5', fallsBack: false, twinBuilds: false, sharedSecondSendPercent: 0 },
  parallel: { answering: 'v4', fallsBack: false, twinBuilds: true, sharedSecondSendPercent: 100 },
  v4_primary: { answering: 'v4', fallsBack: false, twinBuilds: false, sharedSecondSendPercent: 10 },
  v5_primary: { answering: 'v5', fallsBack: true, twinBuilds: false, sharedSecondSendPercent: 0 },
};
