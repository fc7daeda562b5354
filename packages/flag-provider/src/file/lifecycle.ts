import type { ErrorCode } from '@openfeature/server-sdk';

/** What the file turned out to be; a broken one is PARSE_ERROR if it could be read at all, and else GENERAL. */
export type Finding =
  | { readonly kind: 'good' }
  | {
      readonly kind: 'broken';
      readonly errorCode: ErrorCode.PARSE_ERROR | ErrorCode.GENERAL;
      readonly message: string;
    };

/** Where the flags of a file stand: not read yet, broken from the start, as the file says, or as it said before it broke. */
export type Phase = 'starting' | 'unavailable' | 'fresh' | 'stale';

/** What the outside is told: how initialize ends, and events. */
export type Notice =
  | { readonly kind: 'initialized' }
  | { readonly kind: 'rejected'; readonly errorCode: ErrorCode; readonly message: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'stale'; readonly message: string }
  | { readonly kind: 'error'; readonly errorCode: ErrorCode; readonly message: string };

/** The next phase, and what is told of it, if anything. */
export type Step = { readonly phase: Phase; readonly notice?: Notice };

/** Decides what a finding makes of a phase; flags that were good once stay in force, so that only a file broken from the start is an error. */
export function transition(phase: Phase, finding: Finding): Step {
  switch (finding.kind) {
    case 'good': {
      const notices = {
        starting: { kind: 'initialized' },
        unavailable: { kind: 'ready' },
        stale: { kind: 'ready' },
        fresh: undefined,
      } as const satisfies Record<Phase, Notice | undefined>;
      const notice = notices[phase];
      return notice === undefined ? { phase: 'fresh' } : { phase: 'fresh', notice };
    }
    case 'broken': {
      const { errorCode, message } = finding;
      const steps: Record<Phase, Step> = {
        starting: { phase: 'unavailable', notice: { kind: 'rejected', errorCode, message } },
        unavailable: { phase: 'unavailable', notice: { kind: 'error', errorCode, message } },
        fresh: { phase: 'stale', notice: { kind: 'stale', message } },
        stale: { phase: 'stale', notice: { kind: 'stale', message } },
      };
      return steps[phase];
    }
  }
}
