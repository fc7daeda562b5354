/** `request` is what the client sends, `response` what the target answers. */
export type Direction = 'request' | 'response';

/** What befalls the bytes of one direction; their order is always kept. */
export type FlowFault =
  /** Each piece passes this much after it came. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Each piece passes `minMs` to `maxMs` after it came, or when the one before it has; `random` gives 0 to 1. */
  | { readonly kind: 'jitter'; readonly minMs: number; readonly maxMs: number; readonly random: () => number }
  /** Nothing passes but the end of the connection. */
  | { readonly kind: 'drop' }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** So many bytes of each connection pass; in place of the next one both of its sides are reset. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** So many bytes of each connection pass; in place of the next one the client sees a clean end. */
  | { readonly kind: 'truncate'; readonly afterBytes: number };

/** What the proxy does to the connections that are open and to those to come; bytes are counted from the moment of the fault. */
export type Fault =
  /** Without a direction it holds for both, each on its own. */
  | (Extract<FlowFault, { readonly kind: 'delay' | 'jitter' | 'drop' | 'throttle' }> & {
      readonly direction?: Direction;
    })
  | (Extract<FlowFault, { readonly kind: 'reset' }> & { readonly direction: Direction })
  /** Of the response. */
  | Extract<FlowFault, { readonly kind: 'truncate' }>
  /** Every connection is reset at once, a new one as soon as it is there. */
  | { readonly kind: 'resetNow' }
  /** Connections are taken and nothing passes, not even their end; a connection that met this stays so after it is cleared, until one side ends it. */
  | { readonly kind: 'halfOpen' }
  /** Nobody listens, and every connection is reset. */
  | { readonly kind: 'refuse' };

/** What befalls each direction. */
type FlowFaults = {
  readonly kind: 'flows';
  readonly request: FlowFault | null;
  readonly response: FlowFault | null;
};

/** What holds now. */
export type Faults = FlowFaults | Extract<Fault, { readonly kind: 'resetNow' | 'halfOpen' | 'refuse' }>;

/** No fault. */
export const calm: FlowFaults = { kind: 'flows', request: null, response: null };

/** What holds once a fault has been set: a fault of one direction leaves that of the other. */
export function withFault(before: Faults, fault: Fault): Faults {
  const flows = before.kind === 'flows' ? before : calm;
  switch (fault.kind) {
    case 'delay':
    case 'jitter':
    case 'drop':
    case 'throttle': {
      const { direction } = fault;
      if (direction === undefined) return { kind: 'flows', request: fault, response: fault };
      return { ...flows, [direction]: fault };
    }
    case 'reset':
      return { ...flows, [fault.direction]: fault };
    case 'truncate':
      return { ...flows, response: fault };
    case 'resetNow':
    case 'halfOpen':
    case 'refuse':
      return fault;
  }
}
