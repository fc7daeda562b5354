import { type FakeEngine, startFakeEngine } from '../fakeEngine.js';
import { createSpecMethods, type Forkchoice, type SpecOptions } from './specMethods.js';

/** The chain of a spec engine, to look at and to script. */
type ScriptedChain = {
  readonly genesisHash: string;
  readonly forkchoice: Forkchoice;
  /** Whether a block has been judged VALID. */
  has(hash: string): boolean;
  /** Makes a block that has not been judged yet INVALID, and with it its descendants; `latestValidHash` is what the engine tells, by default the newest valid ancestor. */
  markInvalid(hash: string, latestValidHash?: string | null): void;
  /** Makes a block's hash one that does not match its fields. */
  tamper(hash: string): void;
};

/** A fake engine that answers by the letter of the specification. */
export type SpecEngine = FakeEngine & { readonly chain: ScriptedChain };

/** Starts a fake engine that keeps a block tree and answers by the letter of the specification; `on` and `trouble` still overrule it. A newPayload after a forkchoiceUpdated to its block is a breach unless `headsFirst`. */
export async function startSpecEngine(
  options: SpecOptions & { readonly secret?: Uint8Array; readonly headsFirst?: boolean },
): Promise<SpecEngine> {
  const invalid = new Map<string, string | null | undefined>();
  const tampered = new Set<string>();
  const engine = await startFakeEngine({
    ...(options.secret === undefined ? {} : { secret: options.secret }),
    headsFollowPayloads: options.headsFirst !== true,
    onlyOffered: true,
  });
  const methods = createSpecMethods(options, { invalid, tampered }, engine);
  for (const [method, handler] of Object.entries(methods.handlers)) engine.on(method, handler);

  const { tree } = methods;
  const chain: ScriptedChain = {
    genesisHash: options.genesis.hash.toLowerCase(),
    get forkchoice() {
      return methods.forkchoice();
    },
    has: (hash) => tree.find(hash.toLowerCase()) !== undefined,
    markInvalid(hash, latestValidHash) {
      if (tree.find(hash.toLowerCase()) !== undefined) throw new Error(`${hash} is VALID, which cannot change`);
      invalid.set(hash.toLowerCase(), latestValidHash);
    },
    tamper: (hash) => void tampered.add(hash.toLowerCase()),
  };
  return Object.assign(engine, { chain });
}
