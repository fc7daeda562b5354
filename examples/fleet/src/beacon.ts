import type { EngineApi } from '@lighthouse-compat/example-devnet';
import type { ServiceProcess } from './serviceProcess.js';

/** A node as its beacon node sees it. */
type Node = { readonly name: string; readonly service: ServiceProcess };

type Block = {
  readonly newPayload: Parameters<EngineApi['newPayload']>[0];
  readonly forkchoiceState: Parameters<EngineApi['forkchoiceUpdated']>[0];
};

/** The beacon nodes of a fleet, as the one engine of a block driver. */
type Beacon = EngineApi & {
  /** Has every node asked about the newest block once more, as a beacon node does that is not sure of it. */
  askAgain(): Promise<void>;
};

/** Makes them: the nodes propose in turn, every block is given to all of them, and one that was away is given what it has missed first. */
export function createBeacon(nodes: readonly Node[]): Beacon {
  const blocks: Block[] = [];
  const given = new Map<string, number>(nodes.map(({ name }) => [name, 0]));
  let turns = 0;
  let proposer: Node | undefined;
  let newest: Block['newPayload'] | undefined;

  /** Asks every node that runs; what is asked of one that ends meanwhile has no answer. */
  async function everyNode<T>(ask: (node: Node) => Promise<T>): Promise<T> {
    const answers = await Promise.all(
      nodes
        .filter(({ service }) => service.running)
        .map(async (node) => {
          try {
            return [node, await ask(node)] as const;
          } catch (error) {
            if (node.service.running) throw error;
            return null;
          }
        }),
    );
    const answered = answers.filter((each) => each !== null);
    const [of] = [...answered.filter(([node]) => node === proposer), ...answered];
    if (of === undefined) throw new Error('no node of the fleet answers');
    return of[1];
  }
  function requireValid(name: string, status: string): void {
    if (status !== 'VALID') throw new Error(`${name} says ${status} of the newest block`);
  }

  async function catchUp({ name, service }: Node): Promise<void> {
    for (const { newPayload, forkchoiceState } of blocks.slice(given.get(name))) {
      requireValid(name, (await service.engine.newPayload(newPayload)).status);
      requireValid(name, (await service.engine.forkchoiceUpdated(forkchoiceState)).payloadStatus.status);
      await service.engine.drain();
      given.set(name, (given.get(name) ?? 0) + 1);
    }
  }

  return {
    newPayload(request) {
      newest = request;
      return everyNode(async (node) => {
        await catchUp(node);
        const answer = await node.service.engine.newPayload(request);
        requireValid(node.name, answer.status);
        return answer;
      });
    },
    async forkchoiceUpdated(forkchoiceState, payloadAttributes) {
      if (payloadAttributes !== undefined) {
        const ready = nodes.filter(({ name, service }) => service.running && given.get(name) === blocks.length);
        proposer = ready[turns % ready.length];
        turns += 1;
        if (proposer === undefined) throw new Error('no node of the fleet is there to build');
        return proposer.service.engine.forkchoiceUpdated(forkchoiceState, payloadAttributes);
      }
      const done: string[] = [];
      const answer = await everyNode(async ({ name, service }) => {
        const told = await service.engine.forkchoiceUpdated(forkchoiceState);
        requireValid(name, told.payloadStatus.status);
        done.push(name);
        return told;
      });
      if (newest !== undefined) blocks.push({ newPayload: newest, forkchoiceState });
      for (const name of done) given.set(name, blocks.length);
      // In step before the next block: a feed that is slower than its engine's neighbour is not left behind.
      await everyNode(({ service }) => service.engine.drain());
      return answer;
    },
    async askAgain() {
      const request = blocks.at(-1)?.newPayload;
      if (request === undefined) return;
      await everyNode(async ({ name, service }) => {
        if (given.get(name) === blocks.length) requireValid(name, (await service.engine.newPayload(request)).status);
      });
    },
    getPayload(payloadId) {
      if (proposer === undefined) throw new Error('nothing is being built');
      return proposer.service.engine.getPayload(payloadId);
    },
  };
}
