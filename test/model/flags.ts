import { defaultGroupId, type FlagKey, flagKeys, normalizedValue } from '@lighthouse-compat/flag-provider';
import type { Client, EvaluationContext } from '@openfeature/server-sdk';
import type { AnswerOrder } from './answerOrder.js';
import type { FlagSetting, FlagSettings, Happening } from './history.js';

export const allOff: FlagSettings = {
  lighthouse_v5: false,
  new_payload_v5_only: false,
  forkchoice_v5_only: false,
  get_payload_v5_only: false,
  lighthouse_parallel_mode: false,
  lighthouse_v5_primary: false,
  lighthouse_migration_mode: '',
};

export const booleanFlags: readonly FlagKey[] = Object.values(flagKeys).filter(
  (key) => key !== 'lighthouse_migration_mode',
);

/** Whether a share of the keys holds this one; 0 and 100 are exact. */
export function holds(percent: number, key: string | null): boolean {
  if (percent === 0 || percent === 100) return percent === 100;
  return key !== null && normalizedValue(key, defaultGroupId) <= percent;
}

/** The part of an OpenFeature client that the SDK uses, over settings that a run changes. */
export type ModelFlags = {
  readonly client: Client;
  readonly settings: FlagSettings;
  /** Evaluations that have not been told. */
  readonly underWay: number;
  set(key: FlagKey, setting: FlagSetting, isSilent: boolean): void;
};

/** A flag's value is that at the time of the asking, and is told when the scheduler says so, or at once. */
export function createModelFlags(options: {
  readonly settings: FlagSettings;
  readonly scheduler: AnswerOrder | null;
  readonly note: (happening: Happening) => void;
}): ModelFlags {
  const { scheduler, note } = options;
  let settings = options.settings;
  let evaluations = 0;
  let underWay = 0;
  const handlers = new Set<() => void>();

  function details(flagKey: FlagKey, defaultValue: boolean | string, context: EvaluationContext): Promise<unknown> {
    const setting = settings[flagKey];
    const key = context.targetingKey ?? null;
    if (typeof setting === 'object' && setting.broken === 'throws') throw new Error(`${flagKey} threw`);
    const answer = (): unknown => {
      if (typeof setting !== 'object') {
        const isShare = typeof setting === 'number';
        const flagMetadata = isShare && key !== null ? { bucket: normalizedValue(key, defaultGroupId) } : {};
        return { flagKey, value: isShare ? holds(setting, key) : setting, variant: 'set', flagMetadata };
      }
      if (setting.broken === 'rejects') throw new Error(`${flagKey} rejected`);
      if (setting.broken === 'wrongType') return { flagKey, value: 7, flagMetadata: {} };
      return { flagKey, value: defaultValue, errorCode: 'PARSE_ERROR', flagMetadata: {} };
    };
    evaluations += 1;
    const evaluation = evaluations;
    underWay += 1;
    note({ kind: 'asked', evaluation });
    const told = (): void => {
      underWay -= 1;
      note({ kind: 'told', evaluation });
    };
    const waited = scheduler === null ? Promise.resolve() : scheduler.schedule(Promise.resolve(), `tell ${flagKey}`);
    return waited.then(() => {
      told();
      return answer();
    });
  }

  const client = {
    getBooleanDetails: details,
    getStringDetails: details,
    addHandler: (_event: string, handler: () => void) => handlers.add(handler),
    removeHandler: (_event: string, handler: () => void) => handlers.delete(handler),
  };
  return {
    client: client as unknown as Client,
    get settings() {
      return settings;
    },
    get underWay() {
      return underWay;
    },
    set(key, setting, isSilent) {
      settings = { ...settings, [key]: setting };
      note({ kind: 'flags', settings, isSilent });
      if (!isSilent) for (const handler of handlers) handler();
    },
  };
}
