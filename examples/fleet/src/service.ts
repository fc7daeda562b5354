// One service of the fleet: the SDK under flags from Unleash, its metrics, and its control API. It ends when its parent does.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { UnleashAdmin } from '@lighthouse-compat/flag-provider/unleash/admin';
import {
  createControlHandler,
  fileJournal,
  peerLatches,
  prometheusHealth,
  unleashActuator,
} from '@lighthouse-compat/operator';
import {
  createLighthouseCompat,
  type LighthouseCompat,
  type Logger,
  MigrationController,
  parsePlan,
  watchMigration,
} from '@lighthouse-compat/sdk';
import { type Client, OpenFeature } from '@openfeature/server-sdk';
import { Registry } from 'prom-client';
import type { Asked, MigrationOrder, Said, ServiceOrder } from './order.js';

const say = (said: Said): void => {
  // Whoever was to hear it may have gone; that is what `disconnect` is for.
  if (process.connected) process.send?.(said, () => {});
};
const log = (level: keyof Logger) => (message: string) => say({ kind: 'log', level, message });
const logger: Logger = { info: log('info'), warn: log('warn'), error: log('error') };

/** Makes the controller that moves the flags of the whole fleet. */
function controllerOf(
  { journalFile, plan, unleash, peers, tellWithinMs, evidence }: MigrationOrder,
  { compat, flags, url }: { readonly compat: LighthouseCompat; readonly flags: Client; readonly url: string },
): MigrationController {
  const { token, project, environment } = unleash;
  const admin = new UnleashAdmin({ url, token, timeoutMs: 2_000, retries: 1 });
  const { windowMs } = parsePlan(plan).health;
  return new MigrationController({
    compat,
    flags,
    plan,
    logger,
    journal: fileJournal({ path: journalFile }),
    actuator: unleashActuator({ admin, project, environment, compat, peers: peerLatches(peers), tellWithinMs }),
    // Without it: by the calls of this process, which says nothing of the other nodes.
    ...(evidence === null ? {} : { health: prometheusHealth({ ...evidence, windowMs, timeoutMs: 2_000, logger }) }),
  });
}

/** Answers one call of the beacon node. */
async function answer(compat: LighthouseCompat, asked: Asked): Promise<void> {
  const { id } = asked;
  const act = (): Promise<unknown> => {
    switch (asked.call) {
      case 'newPayload':
        return compat.newPayload(...asked.args);
      case 'forkchoiceUpdated':
        return compat.forkchoiceUpdated(...asked.args);
      case 'getPayload':
        return compat.getPayload(...asked.args);
      case 'drain':
        return compat.drain(...asked.args);
    }
  };
  try {
    say({ kind: 'answer', id, value: await act() });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
    say({ kind: 'failed', id, code, message: error instanceof Error ? error.message : String(error) });
  }
}

async function serve(order: ServiceOrder): Promise<() => Promise<void>> {
  const { name, v4, v5, forks, latchFile, tokenFile } = order;
  await OpenFeature.setProviderAndWait(new UnleashProvider({ ...order.flags, appName: 'fleet' }));
  const flags = OpenFeature.getClient();
  const registry = new Registry();
  const compat = await createLighthouseCompat({
    v4,
    v5,
    forks,
    flags,
    // Each node goes one way with everything: with 'block' the share would send one block to v5 on every node at once.
    stickiness: 'node',
    nodeId: name,
    latchFile,
    registry,
    logger,
    // Twelve processes share one machine, so that an engine may be slow without anything being wrong with it.
    timeouts: { factor: 3 },
    fallbackAfterMs: 10_000,
  });
  const controller =
    order.migration === null ? undefined : controllerOf(order.migration, { compat, flags, url: order.flags.url });
  if (controller !== undefined) watchMigration(registry, controller);
  const control = createControlHandler({
    compat,
    flags,
    tokenFile,
    prefix: '/control',
    logger,
    ...(controller === undefined ? {} : { controller }),
  });
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') return control(request, response);
    registry.metrics().then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      (error: Error) => response.destroy(error),
    );
  });
  server.listen(order.port, '127.0.0.1');
  await once(server, 'listening');
  await controller?.open();
  process.on('message', (asked: Asked) => void answer(compat, asked));
  say({ kind: 'ready', port: (server.address() as AddressInfo).port });

  return async () => {
    await controller?.close();
    control.close();
    server.close();
    server.closeAllConnections();
    await compat.close();
    await OpenFeature.close();
  };
}

const [order] = (await once(process, 'message')) as [ServiceOrder];
const parentGone = once(process, 'disconnect');
const stop = await serve(order);
await parentGone;
await stop();
process.exit(0);
