import { flagKeys } from '@lighthouse-compat/flag-provider';
import { setUpFlags, UnleashAdmin } from '@lighthouse-compat/flag-provider/unleash/admin';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { leaseTimeoutMs, leaseUnleash, type UnleashLease } from './unleashServer.js';

/** A real Unleash, a person who may change everything in it, and where the flags are. */
export type UnleashFlags = {
  readonly unleash: UnleashLease;
  readonly person: UnleashAdmin;
  readonly where: { readonly project: string; readonly environment: string };
};

/** Leases Unleash for the tests of a file, tells them of it, and sets the flags up anew before each, with lighthouse_v5 on. */
export function leaseUnleashFlags(ready: (flags: UnleashFlags) => void): void {
  let flags: UnleashFlags | undefined;
  beforeAll(async () => {
    const unleash = await leaseUnleash();
    flags = {
      unleash,
      person: new UnleashAdmin({ url: unleash.apiUrl, token: unleash.adminToken }),
      where: { project: unleash.project, environment: unleash.environment },
    };
    ready(flags);
  }, leaseTimeoutMs);
  afterAll(() => flags?.unleash.release());
  beforeEach(async () => {
    if (flags === undefined) throw new Error('Unleash was not leased');
    const { unleash, person, where } = flags;
    await unleash.removeFlags();
    await setUpFlags({ admin: person, ...where });
    await person.switchFlag({ ...where, flagKey: flagKeys.lighthouseV5 }, 'on');
  });
}
