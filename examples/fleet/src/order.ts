import type { Peer, PrometheusHealthOptions } from '@lighthouse-compat/operator';
import type { LighthouseCompat, MigrationPlanOptions } from '@lighthouse-compat/sdk';

/** Where an engine of the service is. */
type EngineOrder = { readonly url: string; readonly jwtSecretFile: string };

/** The migration of the whole fleet, which one of its services steers. */
export type MigrationOrder = {
  readonly journalFile: string;
  readonly plan: MigrationPlanOptions;
  readonly unleash: { readonly token: string; readonly project: string; readonly environment: string };
  /** The other services, which a rollback latches. */
  readonly peers: readonly Peer[];
  /** How long Unleash and each of them have to be told of a rollback, in milliseconds. */
  readonly tellWithinMs: number;
  /** Where the figures of all services are; null: the controller judges by the calls of its own. */
  readonly evidence: Pick<PrometheusHealthOptions, 'url' | 'instances' | 'labels' | 'staleAfterMs'> | null;
};

/** What a service is told when it is started. */
export type ServiceOrder = {
  /** Its nodeId too, by which Unleash chooses. */
  readonly name: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly v4: EngineOrder;
  readonly v5: EngineOrder;
  readonly forks: { readonly shanghaiTime: bigint };
  readonly flags: { readonly url: string; readonly token: string; readonly refreshIntervalMs: number };
  readonly tokenFile: string;
  readonly latchFile: string;
  /** Null for a service that only goes by the flags. */
  readonly migration: MigrationOrder | null;
};

/** A call of the service's beacon node, which stands in the parent process. */
type CallName = 'newPayload' | 'forkchoiceUpdated' | 'getPayload' | 'drain';

/** What the parent says after the order. */
export type Asked = {
  readonly [Name in CallName]: {
    readonly id: number;
    readonly call: Name;
    readonly args: Parameters<LighthouseCompat[Name]>;
  };
}[CallName];

/** What the service says. */
export type Said =
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'log'; readonly level: 'info' | 'warn' | 'error'; readonly message: string };
