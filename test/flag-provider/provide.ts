import { randomUUID } from 'node:crypto';
import { LocalFlagProvider, type LocalFlags } from '@lighthouse-compat/flag-provider';
import { type Client, OpenFeature, type Provider } from '@openfeature/server-sdk';

/** A client of a domain of its own, bound to the provider; `OpenFeature.clearProviders()` closes it. */
export async function clientOf(provider: Provider): Promise<Client> {
  const domain = randomUUID();
  await OpenFeature.setProviderAndWait(domain, provider);
  return OpenFeature.getClient(domain);
}

export async function provideFlags(flags: LocalFlags): Promise<{ provider: LocalFlagProvider; client: Client }> {
  const provider = new LocalFlagProvider({ flags });
  return { provider, client: await clientOf(provider) };
}
