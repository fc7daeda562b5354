/** Another process of the fleet, which is latched together with this one. Every act may be repeated. */
export interface PeerLatch {
  /** As a person knows it. */
  readonly name: string;
  /** Resolves when the process has been latched. */
  latch(reason: string): Promise<void>;
  /** Resolves when its latch has been lifted. */
  unlatch(cleared: { readonly by: string; readonly reason: string }): Promise<void>;
}
