import { createBlockDriver, type Devnet, type ExecutionClient, startDevnet } from '@lighthouse-compat/example-devnet';
import { startUnleashServer, type UnleashServer } from '@lighthouse-compat/example-unleash-server';
import { setUpFlags, UnleashAdmin, UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import {
  type AdapterVersion,
  createLighthouseCompat,
  type DecisionReason,
  type LighthouseCompat,
} from '@lighthouse-compat/sdk';
import { type Client, type EventDetails, OpenFeature } from '@openfeature/server-sdk';

const domain = 'unleash-demo';

/** How often the flag provider asks the server. */
const refreshIntervalMs = 1_000;

/** One block that was built, imported and made the head, every answer VALID. */
export type BlockSeen = {
  readonly number: number;
  readonly hash: string;
  /** The call that imported it, and the one that made it the head; undefined until the SDK has told, which it does when both engines have it. */
  readonly imported: CallSeen | undefined;
  readonly madeHead: CallSeen | undefined;
};

/** One call as the SDK told it. */
type CallSeen = {
  readonly answeredBy: AdapterVersion;
  readonly decidedFor: AdapterVersion;
  readonly reason: DecisionReason;
  /** Why v4's answer was given in place of v5's, as on a machine that is too busy for v5 to answer in its time; null where it was not. */
  readonly fallback: string | null;
};

/** Where two clients are. */
export type Heads = Readonly<Record<AdapterVersion, { readonly number: number; readonly hash: string }>>;

/** Everything that the demo has started. */
export type World = {
  readonly unleash: UnleashServer;
  readonly admin: UnleashAdmin;
  readonly flags: Client;
  readonly compat: LighthouseCompat;
  nextBlock(): Promise<BlockSeen>;
  /** Waits for what is on its way, and reads both heads. */
  settledHeads(): Promise<Heads>;
  /** Rejects when an execution client ends, or when the signal is aborted. */
  readonly ended: Promise<never>;
};

/** Starts Unleash and two execution clients, puts the SDK between them, and ends everything when `act` has settled. */
export async function inWorld(
  { say, signal }: { readonly say: (line: string) => void; readonly signal: AbortSignal },
  act: (world: World) => Promise<void>,
): Promise<void> {
  say('starting Unleash on a PostgreSQL of its own, and two execution clients of one genesis');
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const orFail = <T>(start: Promise<T>): Promise<T> =>
    start.catch((error: unknown) => {
      failed.abort(error);
      throw error;
    });
  const [startedServer, startedDevnet] = await Promise.allSettled([
    orFail(startUnleashServer({ signal: either })),
    orFail(startDevnet({ names: ['v4', 'v5'], signal: either })),
  ]);
  try {
    if (startedServer.status === 'rejected' || startedDevnet.status === 'rejected') {
      signal.throwIfAborted();
      throw failed.signal.reason;
    }
    await betweenThem({ unleash: startedServer.value, devnet: startedDevnet.value, signal, act });
  } finally {
    await Promise.all(
      [startedServer, startedDevnet].map((start) => (start.status === 'fulfilled' ? start.value.stop() : undefined)),
    );
  }
}

async function betweenThem(options: {
  readonly unleash: UnleashServer;
  readonly devnet: Devnet<'v4' | 'v5'>;
  readonly signal: AbortSignal;
  readonly act: (world: World) => Promise<void>;
}): Promise<void> {
  const { unleash, devnet, signal, act } = options;
  const { v4, v5 } = devnet.clients;
  const { project, environment } = unleash;
  const admin = new UnleashAdmin({ url: unleash.apiUrl, token: unleash.adminToken, signal });
  await setUpFlags({ admin, project, environment });
  const provider = new UnleashProvider({
    url: unleash.apiUrl,
    appName: domain,
    token: unleash.clientToken,
    refreshIntervalMs,
  });
  await OpenFeature.setProviderAndWait(domain, provider);
  const flags = OpenFeature.getClient(domain);
  const compat = await createLighthouseCompat({
    v4: { url: v4.engineUrl, jwtSecretFile: v4.jwtSecretFile },
    v5: { url: v5.engineUrl, jwtSecretFile: v5.jwtSecretFile },
    forks: devnet.forks,
    flags,
  });
  const ended = Promise.race([aborted(signal), ...[v4, v5].map(lossOf)]);
  // It is waited for only while blocks are made.
  ended.catch(() => {});

  const calls = new Map<string, CallSeen>();
  compat.on('observation', ({ operation, decision, answering, fallback }) => {
    const about = `${operation} ${decision.targetingKey}`;
    // The next block is built on the same head, which is asked for once more.
    if (operation === 'get_payload' || calls.has(about)) return;
    const { adapter: decidedFor, reason } = decision;
    calls.set(about, { answeredBy: answering.adapter, decidedFor, reason, fallback: fallback?.cause ?? null });
  });
  const driver = createBlockDriver({ engine: compat, devnet });
  const world: World = {
    unleash,
    admin,
    flags,
    compat,
    ended,
    async nextBlock() {
      const { number, hash } = await Promise.race([driver.nextBlock(), ended]);
      // A client that is only fed may be slower than the one that answers; it is not left behind for long.
      if (Number(number) % 10 === 0) await compat.drain();
      return {
        number: Number(number),
        hash,
        get imported() {
          return calls.get(`new_payload ${hash}`);
        },
        get madeHead() {
          return calls.get(`forkchoice_updated ${hash}`);
        },
      };
    },
    async settledHeads() {
      await compat.drain();
      const [of4, of5] = await Promise.all([v4.rpc.head(), v5.rpc.head()]);
      return {
        v4: { number: Number(of4.number), hash: of4.hash },
        v5: { number: Number(of5.number), hash: of5.hash },
      };
    },
  };
  try {
    await act(world);
  } finally {
    await compat.close();
    await OpenFeature.clearProviders();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function lossOf(client: ExecutionClient): Promise<never> {
  const { code, signal } = await client.exited;
  throw new Error(`the execution client of ${client.name} (pid ${client.pid}) has ended (${signal ?? code})`);
}

/** The flags that a change was about. */
export function flagsChangedIn(details: EventDetails | undefined): readonly string[] {
  const flagsChanged: unknown = details?.flagsChanged;
  return Array.isArray(flagsChanged) ? flagsChanged.map(String) : [];
}
