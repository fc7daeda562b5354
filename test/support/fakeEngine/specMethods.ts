import { type Block, type BlockTree, createBlockTree } from './blockTree.js';
import { type Build, buildPayload } from './buildPayload.js';
import { assertAttributesFork, assertPayloadFork, type ForkTimes, forkOf, type MethodVersion } from './forkWindow.js';
import {
  type BlockScript,
  createJudge,
  invalidStatus,
  type Status,
  syncingStatus,
  validStatus,
} from './judgePayload.js';
import { isJsonObject, type JsonObject, type Params } from './params.js';
import { RpcError } from './rpcError.js';
import {
  dataOf,
  executionPayloadV1,
  executionPayloadV2,
  executionPayloadV3,
  flawOf,
  forkchoiceStateV1,
  isHash,
  isHashes,
  isNames,
  isPayloadId,
  isTimestamp,
  payloadAttributesV1,
  payloadAttributesV2,
  payloadAttributesV3,
  quantityOf,
  type Structure,
} from './structures.js';

/** The chain that an engine starts from. */
export type SpecOptions = {
  readonly forks: ForkTimes;
  readonly genesis: { readonly hash: string; readonly timestamp: bigint };
  /** Whether a payload's hash must be that of its fields, as this fake hashes them; default false. */
  readonly checkBlockHashes?: boolean;
  /** What tells the blocks of this builder from another's; default none. */
  readonly extraData?: string;
};

/** The newest forkchoice that was applied; all zeros for a block that was never named. */
export type Forkchoice = { readonly head: string; readonly safe: string; readonly finalized: string };

type Methods = {
  readonly tree: BlockTree;
  forkchoice(): Forkchoice;
  readonly handlers: Readonly<Record<string, (params: Params) => unknown>>;
};

const zeroHash = `0x${'00'.repeat(32)}`;

const payloadStructures: Readonly<Record<MethodVersion, (fork: string) => Structure>> = {
  1: () => executionPayloadV1,
  2: (fork) => (fork === 'paris' ? executionPayloadV1 : executionPayloadV2),
  3: () => executionPayloadV3,
};
const attributesStructures: Readonly<Record<MethodVersion, (fork: string) => Structure>> = {
  1: () => payloadAttributesV1,
  2: (fork) => (fork === 'paris' ? payloadAttributesV1 : payloadAttributesV2),
  3: () => payloadAttributesV3,
};

const versions: readonly MethodVersion[] = [1, 2, 3];

/** The methods of the Engine API up to Cancun by the letter of the specification (execution-apis, src/engine/paris.md, shanghai.md, cancun.md); `breach` hears where the caller broke an obligation that has no error code. */
export function createSpecMethods(
  options: SpecOptions,
  script: BlockScript,
  { breach, offered }: { breach(what: string): void; offered(): readonly string[] },
): Methods {
  const { forks } = options;
  const genesis: Block = {
    hash: options.genesis.hash.toLowerCase(),
    parentHash: '',
    timestamp: options.genesis.timestamp,
    number: 0n,
  };
  const tree = createBlockTree(genesis);
  const judge = createJudge({ tree, script, checkBlockHashes: options.checkBlockHashes ?? false });
  const builds = new Map<string, Build>();
  let forkchoice: Forkchoice = { head: genesis.hash, safe: zeroHash, finalized: zeroHash };

  /** Throws unless the value is exactly the structure that its own timestamp asks for. */
  function assertStructure(value: unknown, structureAt: (fork: string) => Structure, code: number): JsonObject {
    // The timestamp chooses the structure, so it is read first: where it cannot be, every structure has it malformed.
    if (!isJsonObject(value) || !isTimestamp(value['timestamp'])) throw new RpcError(code, 'timestamp is malformed');
    const flaw = flawOf(value, structureAt(forkOf(forks, quantityOf(value, 'timestamp'))));
    if (flaw !== undefined) throw new RpcError(code, flaw);
    return value;
  }

  function assertParams(holds: boolean, what: string): void {
    if (!holds) throw new RpcError(-32602, what);
  }

  function newPayload(version: MethodVersion, params: Params): Status {
    assertParams(params.length === (version === 3 ? 3 : 1), 'the number of parameters is wrong');
    const [value, versionedHashes, root] = params;
    const payload = assertStructure(value, payloadStructures[version], -32602);
    if (version === 3) {
      assertParams(isHashes(versionedHashes), 'expectedBlobVersionedHashes is malformed');
      assertParams(isHash(root), 'parentBeaconBlockRoot is malformed');
    }
    const timestamp = quantityOf(payload, 'timestamp');
    assertPayloadFork(forks, version, timestamp);
    const status =
      version === 3
        ? judge(payload, { versionedHashes: versionedHashes as readonly string[], root: root as string })
        : judge(payload);
    // V2 supplants INVALID_BLOCK_HASH by INVALID (shanghai.md, engine_newPayloadV2).
    return version > 1 && status.status === 'INVALID_BLOCK_HASH' ? { ...status, status: 'INVALID' } : status;
  }

  function build(version: MethodVersion, head: Block, value: unknown): string {
    const attributes = assertStructure(value, attributesStructures[version], -38003);
    const timestamp = quantityOf(attributes, 'timestamp');
    assertAttributesFork(forks, version, timestamp);
    if (timestamp <= head.timestamp) throw new RpcError(-38003, 'timestamp is not after that of the head');
    const begun = buildPayload(head, attributes, options.extraData ?? '0x');
    builds.set(begun.payloadId, begun);
    return begun.payloadId;
  }

  function forkchoiceUpdated(
    version: MethodVersion,
    params: Params,
  ): { payloadStatus: Status; payloadId: string | null } {
    const [value, attributes = null] = params;
    assertParams(params.length === 1 || params.length === 2, 'the number of parameters is wrong');
    const flaw = flawOf(value, forkchoiceStateV1);
    if (flaw !== undefined) throw new RpcError(-32602, flaw);
    const state = value as JsonObject;
    const next = {
      head: dataOf(state, 'headBlockHash'),
      safe: dataOf(state, 'safeBlockHash'),
      finalized: dataOf(state, 'finalizedBlockHash'),
    };
    const invalid = tree.invalid(next.head);
    if (invalid !== undefined) {
      return { payloadStatus: invalidStatus(invalid.latestValidHash, 'the head is invalid'), payloadId: null };
    }
    const head = tree.find(next.head);
    if (head === undefined) return { payloadStatus: syncingStatus, payloadId: null };
    if (version === 1 && forkOf(forks, head.timestamp) !== 'paris') {
      breach('engine_forkchoiceUpdatedV1 to a head of Shanghai or later, which V2 must be called for');
    }

    const isPlaced = (hash: string): boolean => hash === zeroHash || tree.isOnChain(hash, head.hash);
    // Zero stands for a block that is not there yet; once there is a finalized block there is a safe one.
    const isConsistent =
      isPlaced(next.safe) && isPlaced(next.finalized) && (next.finalized === zeroHash || next.safe !== zeroHash);
    if (!isConsistent) throw new RpcError(-38002, 'Invalid forkchoice state');
    const isStepBack = head.hash !== forkchoice.head && tree.isOnChain(head.hash, forkchoice.head);
    forkchoice = next;

    // What is wrong with the attributes does not roll the forkchoice back (paris.md, engine_forkchoiceUpdatedV1).
    const payloadId = attributes === null || isStepBack ? null : build(version, head, attributes);
    return { payloadStatus: validStatus(head.hash), payloadId };
  }

  function getPayload(version: MethodVersion, params: Params): unknown {
    const [payloadId] = params;
    assertParams(params.length === 1 && isPayloadId(payloadId), 'payloadId is malformed');
    const found = builds.get((payloadId as string).toLowerCase());
    if (found === undefined) throw new RpcError(-38001, 'Unknown payload');
    const { executionPayload } = found;
    assertPayloadFork(forks, version, found.timestamp);
    switch (version) {
      case 1:
        return executionPayload;
      case 2:
        return { executionPayload, blockValue: '0x0' };
      case 3:
        return {
          executionPayload,
          blockValue: '0x0',
          blobsBundle: { commitments: [], proofs: [], blobs: [] },
          shouldOverrideBuilder: false,
        };
    }
  }

  function exchangeCapabilities(params: Params): readonly string[] {
    const [names] = params;
    assertParams(params.length === 1 && isNames(names), 'a list of names is needed');
    if ((names as readonly string[]).includes('engine_exchangeCapabilities')) {
      breach('engine_exchangeCapabilities must not be listed');
    }
    return offered();
  }

  const ofVersion = (version: MethodVersion): readonly (readonly [string, (params: Params) => unknown])[] => [
    [`engine_newPayloadV${version}`, (params) => newPayload(version, params)],
    [`engine_forkchoiceUpdatedV${version}`, (params) => forkchoiceUpdated(version, params)],
    [`engine_getPayloadV${version}`, (params) => getPayload(version, params)],
  ];
  return {
    tree,
    forkchoice: () => forkchoice,
    handlers: Object.fromEntries([
      ...versions.flatMap(ofVersion),
      ['engine_exchangeCapabilities', exchangeCapabilities] as const,
    ]),
  };
}
