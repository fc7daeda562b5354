import { LocalFlagProvider } from '@lighthouse-compat/flag-provider';
import { createLighthouseCompat } from '@lighthouse-compat/sdk';
import { OpenFeature } from '@openfeature/server-sdk';

const { V4_URL = '', V4_JWT = '', V5_URL = '', V5_JWT = '', HEAD = '' } = process.env;
const flags = { lighthouse_v5: true, lighthouse_v5_primary: { percent: 10 } };
await OpenFeature.setProviderAndWait(new LocalFlagProvider({ flags }));

const compat = await createLighthouseCompat({
  v4: { url: V4_URL, jwtSecretFile: V4_JWT },
  v5: { url: V5_URL, jwtSecretFile: V5_JWT },
  forks: { shanghaiTime: 0, cancunTime: 1_710_338_135 },
  flags: OpenFeature.getClient(),
});
compat.on('observation', ({ operation, decision }) => console.log(operation, decision.adapter, decision.reason));

const head = HEAD as `0x${string}`;
const forkchoiceState = { headBlockHash: head, safeBlockHash: head, finalizedBlockHash: head };
const { payloadStatus } = await compat.forkchoiceUpdated(forkchoiceState);
console.log('the head is', payloadStatus.status);
await compat.drain();
await compat.close();
