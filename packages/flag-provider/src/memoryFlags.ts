import type { FlagsState } from './flagsState.js';
import { changedRules, type LocalFlagRules } from './localFlagRule.js';

/** Flags that live in memory alone and are open from the beginning. */
export class MemoryFlags {
  #rules: LocalFlagRules;
  // The SDK goes on calling a provider that it has closed, so the provider has to know.
  #closed = false;

  constructor(rules: LocalFlagRules) {
    this.#rules = rules;
  }

  get state(): FlagsState<LocalFlagRules> {
    return this.#closed ? { kind: 'closed' } : { kind: 'flags', flags: this.#rules, isStale: false };
  }

  async initialize(): Promise<void> {
    this.#closed = false;
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  /** Replaces the rules and names those that changed. */
  replace(replacing: (rules: LocalFlagRules) => LocalFlagRules): readonly string[] {
    const before = this.#rules;
    this.#rules = replacing(before);
    return this.#closed ? [] : changedRules(before, this.#rules);
  }
}
