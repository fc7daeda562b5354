import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBlockDriver, DevnetError, type ExecutionClient, startDevnet } from '@lighthouse-compat/example-devnet';
import type { UnleashServer } from '@lighthouse-compat/example-unleash-server';
import { type ControlClient, controlClient, type StatusAnswer } from '@lighthouse-compat/operator';
import type { AdapterVersion, Decision, MigrationPlanOptions } from '@lighthouse-compat/sdk';
import { createBeacon } from './beacon.js';
import type { ServiceOrder } from './order.js';
import { hasPrometheus, job, type PrometheusServer, startPrometheusServer } from './prometheusServer.js';
import { type Logged, type ServiceProcess, startService } from './serviceProcess.js';

/** The nodes, whose names are their nodeIds: their buckets are 8, 41 and 72, so that v5 answers on one from 8 % on, on two from 41 % and on all from 72 %. */
export const nodeNames = ['fra', 'tyo', 'lon'] as const;
export type NodeName = (typeof nodeNames)[number];

/** The node whose service has the controller. */
export const steering: NodeName = 'fra';

/** How often every service asks Unleash. */
const refreshIntervalMs = 1_000;
const scrapeIntervalMs = 500;
/** So many scrapes may fail on a machine that has twelve processes besides. */
const staleAfterMs = 10 * scrapeIntervalMs;

/** One node of the fleet: a service with two execution clients of its own. */
export type FleetNode = {
  readonly name: NodeName;
  /** Of its newest run. */
  readonly service: ServiceProcess;
  readonly clients: Readonly<Record<AdapterVersion, ExecutionClient>>;
  /** Starts the service again at the same address, after it has ended. */
  restart(): Promise<void>;
  /** What the controller has in place of this service's token, in a file. */
  readonly peerTokenFile: string;
  /** What the service takes, in a file. */
  readonly tokenFile: string;
};

/** What a node would do with its next call, and has done. */
export type NodeView = {
  readonly name: NodeName;
  /** How it would decide about the newest head; null where its service does not run. */
  readonly decision: Decision | null;
  readonly isLatched: boolean;
  /** Calls of its beacon node, by whose answer they got. */
  readonly answered: Readonly<Record<AdapterVersion, number>>;
  /** Of those that v4 has answered, the ones in place of v5, which did not in time. */
  readonly fallbacks: number;
};

/** Three services of one chain, and what steers and watches them. */
export type Fleet = {
  readonly nodes: Readonly<Record<NodeName, FleetNode>>;
  /** The control API of the service that has the controller, with its token. */
  readonly control: ControlClient;
  /** By which the controller judges; null where it is not installed. */
  readonly prometheus: PrometheusServer | null;
  /** What the services have logged, oldest first. */
  readonly logged: readonly (Logged & { readonly name: NodeName })[];
  /** How many blocks there are. */
  readonly height: number;
  /** Makes one block, which every node that runs imports. */
  nextBlock(): Promise<void>;
  /** Has every node asked about the newest block once more. */
  askAgain(): Promise<void>;
  look(): Promise<readonly NodeView[]>;
  stop(): Promise<void>;
};

/** Where the flags are. */
type FleetUnleash = Pick<UnleashServer, 'apiUrl' | 'adminToken' | 'clientToken' | 'project' | 'environment'>;

type Options = {
  readonly unleash: FleetUnleash;
  readonly plan: MigrationPlanOptions;
  /** How long Unleash and each peer have to be told of a rollback, in milliseconds. */
  readonly tellWithinMs?: number;
  /** 0: empty blocks. */
  readonly transactionsPerBlock?: number;
  readonly log?: (line: Logged & { readonly name: NodeName }) => void;
  readonly signal?: AbortSignal;
};

/**
 * Starts six execution clients, three services and Prometheus where it is installed, and leaves nothing behind if one of
 * them does not start. Each service has a pair of clients to itself: an instance is its engines' only writer, and what
 * one service sends while it catches up would take another's head back.
 */
export async function startFleet(options: Options): Promise<Fleet> {
  const { unleash, plan, tellWithinMs = 2_000, transactionsPerBlock = 1, log = () => {}, signal } = options;
  const ends: (() => Promise<unknown>)[] = [];
  let ended: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ended ??= (async () => {
      for (const end of ends.reverse()) await end();
    })();
    return ended;
  };
  try {
    // Before the service that asks it.
    const prometheus = hasPrometheus() ? await startPrometheusServer({ intervalMs: scrapeIntervalMs }) : null;
    if (prometheus !== null) ends.push(() => prometheus.stop());
    const devnet = await startDevnet({
      names: nodeNames.flatMap((name) => [`${name}-v4`, `${name}-v5`] as const),
      // Six at once on a machine that does other things as well.
      startTimeoutMs: 180_000,
      ...(signal === undefined ? {} : { signal }),
    });
    ends.push(() => devnet.stop());
    const folder = await mkdtemp(join(tmpdir(), 'lighthouse-compat-fleet-'));
    await chmod(folder, 0o700);
    ends.push(() => rm(folder, { recursive: true }));

    const logged: (Logged & { readonly name: NodeName })[] = [];
    const orderFor = (name: NodeName): ServiceOrder => {
      const { engineUrl: v4Url, jwtSecretFile: v4Secret } = devnet.clients[`${name}-v4`];
      const { engineUrl: v5Url, jwtSecretFile: v5Secret } = devnet.clients[`${name}-v5`];
      return {
        name,
        port: 0,
        v4: { url: v4Url, jwtSecretFile: v4Secret },
        v5: { url: v5Url, jwtSecretFile: v5Secret },
        forks: { shanghaiTime: devnet.forks.shanghaiTime },
        flags: { url: unleash.apiUrl, token: unleash.clientToken, refreshIntervalMs },
        tokenFile: join(folder, `${name}.token`),
        latchFile: join(folder, `${name}.latch`),
        migration: null,
      };
    };
    const startNode = async (order: ServiceOrder): Promise<FleetNode> => {
      const name = order.name as NodeName;
      const peerTokenFile = join(folder, `${name}.peer-token`);
      await writeFile(order.tokenFile, randomBytes(24).toString('hex'), { mode: 0o600 });
      await copyFile(order.tokenFile, peerTokenFile);
      const start = (port: number): Promise<ServiceProcess> =>
        startService(
          { ...order, port },
          {
            signal,
            log: (line) => {
              logged.push({ name, ...line });
              log({ name, ...line });
            },
          },
        );
      let service = await start(0);
      ends.push(() => service.stop());
      await prometheus?.scrape(name, service.port);
      return {
        name,
        clients: { v4: devnet.clients[`${name}-v4`], v5: devnet.clients[`${name}-v5`] },
        get service() {
          return service;
        },
        async restart() {
          service = await start(service.port);
        },
        peerTokenFile,
        tokenFile: order.tokenFile,
      };
    };

    const [tyo, lon] = [await startNode(orderFor('tyo')), await startNode(orderFor('lon'))];
    const { project, environment, adminToken: token } = unleash;
    const urlOf = ({ service }: FleetNode): string => `http://127.0.0.1:${service.port}/control`;
    const fra = await startNode({
      ...orderFor('fra'),
      migration: {
        journalFile: join(folder, 'migration.journal'),
        plan,
        unleash: { token, project, environment },
        peers: [tyo, lon].map((node) => ({ name: node.name, url: urlOf(node), tokenFile: node.peerTokenFile })),
        tellWithinMs,
        evidence:
          prometheus === null ? null : { url: prometheus.url, instances: nodeNames, labels: { job }, staleAfterMs },
      },
    });
    const nodes = { fra, tyo, lon };
    const each = nodeNames.map((name) => nodes[name]);

    const beacon = createBeacon(each);
    const driver = createBlockDriver({ engine: beacon, devnet, transactionsPerBlock });
    return {
      nodes,
      control: controlClient({ url: urlOf(fra), tokenFile: fra.tokenFile }),
      prometheus,
      logged,
      get height() {
        return Number(driver.head.number);
      },
      async nextBlock() {
        try {
          await driver.nextBlock();
        } catch (error) {
          // What v5 was building when its node was latched away is the one thing that can be lost; it is built again.
          if (!(error instanceof DevnetError) || error.facts.step !== 'get_payload') throw error;
          await driver.nextBlock();
        }
      },
      askAgain: () => beacon.askAgain(),
      look: () => Promise.all(each.map((node) => view(node, driver.head.hash))),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const nothing = { decision: null, isLatched: false, answered: { v4: 0, v5: 0 }, fallbacks: 0 } as const;

async function view({ name, service }: FleetNode, headBlockHash: string): Promise<NodeView> {
  if (!service.running) return { name, ...nothing };
  const [{ decision }, status] = await Promise.all([
    service.control.decision({ operation: 'forkchoice_updated', headBlockHash }),
    service.control.status() as Promise<StatusAnswer>,
  ]);
  const { answered, fallbacks } = status.stats;
  return { name, decision, isLatched: status.latch !== null, answered, fallbacks };
}
