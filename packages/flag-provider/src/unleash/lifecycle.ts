import { ErrorCode } from '@openfeature/server-sdk';

/**
 * Where a client's life stands.
 *
 * starting: initialize waits. unavailable: initialize has failed for want of flags, the client goes on asking. fresh and
 * stale: there are flags, and the server was heard lately or was not. refused: the server turned the client away before
 * there were flags.
 */
export type Phase = 'starting' | 'unavailable' | 'fresh' | 'stale' | 'refused';

/** What happens to a client. */
export type Happening =
  /** Flags can be evaluated; `fromServer` tells those of the server from a bootstrap's and a backup's. */
  | { readonly kind: 'loaded'; readonly fromServer: boolean }
  /** The server answered with flags, or said that they are unchanged. */
  | { readonly kind: 'heard' }
  /** The server was not heard for too long. */
  | { readonly kind: 'silent'; readonly message: string }
  /** The first attempt ended without flags, or took too long. */
  | { readonly kind: 'failed'; readonly message: string }
  /** The server turned the client away (401, 403), after which the client asks no more. */
  | { readonly kind: 'turnedAway'; readonly message: string };

/** What the outside is told: how initialize ends, and events. */
export type Notice =
  | { readonly kind: 'initialized' }
  | { readonly kind: 'rejected'; readonly errorCode: ErrorCode; readonly message: string }
  | { readonly kind: 'ready' }
  | { readonly kind: 'stale'; readonly message: string }
  | { readonly kind: 'error'; readonly errorCode: ErrorCode; readonly message: string };

/** The next phase, and what is told of it in order. */
export type Step = { readonly phase: Phase; readonly notices: readonly Notice[] };

const notFromServer = 'the flags are those of a bootstrap or a backup: the server was not reached yet';

/** Decides what a happening makes of a phase. */
export function transition(phase: Phase, happening: Happening): Step {
  const stay: Step = { phase, notices: [] };
  switch (happening.kind) {
    case 'loaded': {
      if (phase !== 'starting' && phase !== 'unavailable') return stay;
      const told: Notice = { kind: phase === 'starting' ? 'initialized' : 'ready' };
      return happening.fromServer
        ? { phase: 'fresh', notices: [told] }
        : { phase: 'stale', notices: [told, { kind: 'stale', message: notFromServer }] };
    }
    case 'heard':
      return phase === 'stale' ? { phase: 'fresh', notices: [{ kind: 'ready' }] } : stay;
    case 'silent':
      return phase === 'fresh' ? { phase: 'stale', notices: [{ kind: 'stale', message: happening.message }] } : stay;
    case 'failed': {
      const { message } = happening;
      if (phase !== 'starting') return stay;
      return { phase: 'unavailable', notices: [{ kind: 'rejected', errorCode: ErrorCode.GENERAL, message }] };
    }
    case 'turnedAway': {
      const { message } = happening;
      const errorCode = ErrorCode.PROVIDER_FATAL;
      if (phase === 'starting') return { phase: 'refused', notices: [{ kind: 'rejected', errorCode, message }] };
      if (phase === 'unavailable') return { phase: 'refused', notices: [{ kind: 'error', errorCode, message }] };
      // Flags that are there stay in force: a fatal error would make the SDK give defaults.
      return phase === 'fresh' ? { phase: 'stale', notices: [{ kind: 'stale', message }] } : stay;
    }
  }
}
