import { type FlagKey, FlagProviderError, flagKeys } from '@lighthouse-compat/flag-provider';
import { type FlagState, initialRollout, type StrategyState } from '@lighthouse-compat/flag-provider/unleash/admin';
import type { FlagAdmin } from '@lighthouse-compat/operator';

type Rollout = ReturnType<typeof initialRollout>;

const strategyOf = (id: string, { percent, stickiness, groupId, variants = [] }: Rollout): StrategyState => ({
  id,
  name: 'flexibleRollout',
  disabled: false,
  parameters: { rollout: String(percent), stickiness, groupId },
  constraints: [],
  segments: [],
  variants,
});

/** Flags as the set-up makes them, in memory, for tests that need more of them in a second than a server has: the server's own behaviour is tested on the server. `before` and `after` are called around each write, and may throw. */
export function createMemoryAdmin(hooks: { before?: () => void; after?: () => void } = {}) {
  const flags = new Map<string, FlagState>(
    Object.values(flagKeys).map((flagKey: FlagKey) => [
      flagKey,
      {
        flagKey,
        description: '',
        enabled: false,
        strategies: [strategyOf(`${flagKey}-1`, initialRollout(flagKey))],
        dependencies: [],
      },
    ]),
  );
  let strategies = 0;
  const stateOf = (flagKey: string): FlagState => {
    const flag = flags.get(flagKey);
    if (flag === undefined) throw new FlagProviderError('NOT_FOUND', flagKey, 'status 404');
    return flag;
  };
  const change = (flagKey: string, part: Partial<FlagState>): void =>
    void flags.set(flagKey, { ...stateOf(flagKey), ...part });
  const write = async <T>(work: () => T): Promise<T> => {
    await null;
    hooks.before?.();
    const done = work();
    hooks.after?.();
    return done;
  };
  const patch = (flagKey: string, read: StrategyState, part: Partial<StrategyState>) => {
    const [now] = stateOf(flagKey).strategies;
    if (JSON.stringify(now) !== JSON.stringify(read))
      throw new FlagProviderError('FLAG_CHANGED', flagKey, 'status 400');
    const changed = { ...read, ...part };
    change(flagKey, { strategies: [changed] });
    return changed;
  };
  const admin: FlagAdmin = {
    async readFlag({ flagKey }) {
      await null;
      return flags.get(flagKey);
    },
    setRollout: ({ flagKey }, read, percent) =>
      write(() => patch(flagKey, read, { parameters: { ...read.parameters, rollout: String(percent) } })),
    setVariants: ({ flagKey }, read, variants) => write(() => patch(flagKey, read, { variants })),
    switchFlag: ({ flagKey }, to) => write(() => change(flagKey, { enabled: to === 'on' })),
    addRollout: ({ flagKey }, rollout) =>
      write(() => {
        strategies += 1;
        const added = strategyOf(`${flagKey}-added-${strategies}`, rollout);
        change(flagKey, { strategies: [...stateOf(flagKey).strategies, added] });
        return added;
      }),
    replaceStrategy: ({ flagKey }, { id }, rollout) =>
      write(() => {
        const put = strategyOf(id, rollout);
        change(flagKey, { strategies: stateOf(flagKey).strategies.map((each) => (each.id === id ? put : each)) });
        return put;
      }),
    removeStrategy: ({ flagKey }, { id }) =>
      write(() => change(flagKey, { strategies: stateOf(flagKey).strategies.filter((each) => each.id !== id) })),
  };
  return { admin, flags, stateOf, change };
}
