import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Clock, LocalFlagProvider } from '@lighthouse-compat/flag-provider';
import { type Client, OpenFeature, type Provider, ProviderEvents } from '@openfeature/server-sdk';
import { expect } from 'vitest';

const folders: string[] = [];

/** A directory of its own; {@link removeFolders} removes it. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'flag-files-'));
  folders.push(folder);
  return folder;
}

export async function removeFolders(): Promise<void> {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true, force: true })));
}

/** Writes a file as careful writers do: under another name first. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = join(dirname(path), `.${randomUUID()}`);
  await writeFile(draft, text);
  await rename(draft, path);
}

/** What a client was told: a change as its flags, anything else as its name and message. */
export type Told =
  | readonly string[]
  | { readonly event: string; readonly message: string | undefined; readonly errorCode?: string };

/** A client's events in order, and a way to wait for the next. */
export class Events {
  readonly told: Told[] = [];
  #taken = 0;
  #wake = (): void => {};

  constructor(client: Client) {
    for (const event of [ProviderEvents.Ready, ProviderEvents.Stale, ProviderEvents.Error] as const) {
      client.addHandler(event, (details) => {
        const { message, errorCode } = details as { message?: string; errorCode?: string };
        this.#tell({ event, message, ...(errorCode === undefined ? {} : { errorCode }) });
      });
    }
    client.addHandler(ProviderEvents.ConfigurationChanged, (details) => this.#tell([...(details?.flagsChanged ?? [])]));
  }

  /** The next event that was not taken yet. */
  async next(): Promise<Told> {
    while (this.told.length === this.#taken) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const told = this.told[this.#taken++];
    if (told === undefined) throw new Error('unreachable');
    return told;
  }

  /** Forgets what was told so far. */
  forget(): void {
    this.told.length = 0;
    this.#taken = 0;
  }

  #tell(told: Told): void {
    this.told.push(told);
    this.#wake();
  }
}

/** Sets a provider under a domain of its own and waits until initialize has ended, either way. */
export async function open(provider: Provider): Promise<{ client: Client; events: Events; failure: unknown }> {
  const domain = randomUUID();
  const client = OpenFeature.getClient(domain);
  const events = new Events(client);
  events.forget(); // What the SDK says of the provider that stood in before.
  const failure = await OpenFeature.setProviderAndWait(domain, provider).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { client, events, failure };
}

/** The text of a file of flags, a line for each. */
export const textOf = (flags: unknown): string => JSON.stringify({ flags }, null, 2);

export const ready: Told = { event: 'PROVIDER_READY', message: undefined };

/** A provider that looks at its file more often than it would by itself. */
export const follow = (file: string): LocalFlagProvider => new LocalFlagProvider({ file, checkIntervalMs: 10 });

/** Follows a good file, up to its being ready. */
export async function openFollowing(
  file: string,
): Promise<{ client: Client; events: Events; provider: LocalFlagProvider }> {
  const provider = follow(file);
  const { client, events, failure } = await open(provider);
  if (failure !== undefined) throw failure;
  expect(await events.next()).toEqual(ready);
  return { client, events, provider };
}

export const systemTimer: Clock['setTimer'] = (callback, delayMs) => {
  const timer = setTimeout(callback, delayMs);
  return () => clearTimeout(timer);
};
