import type { CrashPlace } from './order.js';

/** What a service of the crash tests that acts through Unleash is told besides its place. */
export type UnleashCrashCommand = {
  readonly apiUrl: string;
  readonly adminToken: string;
  readonly project: string;
  readonly environment: string;
  /** `before write 3` or `after write 3` to Unleash, or never. */
  readonly dieAt: string | null;
  /** What a person does when the state is reached, at once. */
  readonly person: { readonly inState: string; readonly does: 'rollback' | 'finalize' | 'adopt' | 'reset' } | null;
  /** Ends when the journal has been taken up, and the flags are as it says. */
  readonly onlyOpen: boolean;
};

/** All of it. */
export type UnleashCrashOrder = CrashPlace & UnleashCrashCommand;
