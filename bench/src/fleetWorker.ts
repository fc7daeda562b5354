// Several instances of the SDK, each as a service has it, with an Unleash client and a control API of its own, and an engine
// in memory behind HTTP. It ends when its parent does.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { type ControlHandler, createControlHandler } from '@lighthouse-compat/operator';
import { createLighthouseCompat, type LighthouseCompat } from '@lighthouse-compat/sdk';
import { OpenFeature } from '@openfeature/server-sdk';
import { type InstanceSeen, monotonicMs, type WorkerAsk, type WorkerOrder, type WorkerSaid } from './fleetOrder.js';

const head = `0x${'5a'.repeat(32)}` as const;
const forkchoiceState = { headBlockHash: head, safeBlockHash: head, finalizedBlockHash: head };
const headIsValid = {
  payloadStatus: { status: 'VALID', latestValidHash: head, validationError: null },
  payloadId: null,
};
const capabilities = ['engine_newPayloadV2', 'engine_forkchoiceUpdatedV2', 'engine_getPayloadV2'];

const say = (said: WorkerSaid): void => void process.send?.(said);

/** Answers that the head is VALID, whoever asks. */
async function answerAsEngine(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { id, method } = JSON.parse(Buffer.concat(chunks).toString()) as { id: unknown; method: string };
  const result = method === 'engine_exchangeCapabilities' ? capabilities : headIsValid;
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}

const [order] = (await once(process, 'message')) as [WorkerOrder];
const parentGone = once(process, 'disconnect');
const controls = new Map<string, ControlHandler>();
const server = createServer((request, response) => {
  const control = controls.get(request.url?.split('/')[1] ?? '');
  if (control !== undefined) control(request, response);
  else answerAsEngine(request, response).catch(() => response.destroy());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const engine = { url: `http://127.0.0.1:${port}`, jwtSecret: `0x${randomBytes(32).toString('hex')}` } as const;

/** Opens an instance and lets it make calls until the process ends; gives what reads what has been seen of it. */
async function openInstance(name: string): Promise<() => InstanceSeen> {
  await OpenFeature.setProviderAndWait(name, new UnleashProvider({ ...order.flags, appName: 'bench' }));
  // With one engine v5 is sent nothing but what it is to answer.
  const compat: LighthouseCompat = await createLighthouseCompat({
    v4: engine,
    v5: engine,
    forks: { shanghaiTime: 0n },
    flags: OpenFeature.getClient(name),
    stickiness: 'node',
    nodeId: name,
  });
  controls.set(name, createControlHandler({ compat, tokenFile: order.tokenFile, prefix: `/${name}` }));
  let lastV5SendMs: number | null = null;
  let newest: 'v4' | 'v5' | null = null;
  compat.on('observation', ({ answering }) => {
    newest = answering.adapter;
    if (answering.adapter !== 'v5' || answering.durationMs === null) return;
    lastV5SendMs = monotonicMs() - answering.durationMs;
  });
  let isUnderWay = false;
  setInterval(() => {
    if (isUnderWay) return;
    isUnderWay = true;
    const ended = (): void => {
      isUnderWay = false;
    };
    // What fails is told by its observation.
    compat.forkchoiceUpdated(forkchoiceState).then(ended, ended);
  }, order.callEveryMs);
  return () => ({ lastV5SendMs, newest });
}

const instances: (() => InstanceSeen)[] = [];
// One after the other, so that neither their calls nor their questions to Unleash come all at once.
for (const name of order.names) instances.push(await openInstance(name));
process.on('message', (_ask: WorkerAsk) => say({ kind: 'seen', instances: instances.map((seen) => seen()) }));
say({ kind: 'ready', port });
await parentGone;
process.exit(0);
