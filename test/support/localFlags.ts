import { randomUUID } from 'node:crypto';
import { LocalFlagProvider, type LocalFlags } from '@lighthouse-compat/flag-provider';
import { type Client, OpenFeature, type Provider } from '@openfeature/server-sdk';

/** Sets a provider under a domain of its own and gives the client that asks it. */
export async function clientOf(provider: Provider): Promise<Client> {
  const domain = randomUUID();
  await OpenFeature.setProviderAndWait(domain, provider);
  return OpenFeature.getClient(domain);
}

/** An OpenFeature client on flags in memory. */
export async function localFlags(flags: LocalFlags): Promise<{ client: Client; provider: LocalFlagProvider }> {
  const provider = new LocalFlagProvider({ flags });
  return { client: await clientOf(provider), provider };
}
