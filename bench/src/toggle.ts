import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startUnleashServer } from '@lighthouse-compat/example-unleash-server';
import { flagKeys } from '@lighthouse-compat/flag-provider';
import { setUpFlags, UnleashAdmin, UnleashProvider } from '@lighthouse-compat/flag-provider/unleash';
import { createLighthouseCompat } from '@lighthouse-compat/sdk';
import { OpenFeature } from '@openfeature/server-sdk';
import { asJson, asText, type Report } from './report.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '20' } },
});
const rounds = Number(options.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds: a whole number above 0 is needed');
const refreshIntervalMs = 1_000;
// The server's own cache adds up to a second.
const boundMs = refreshIntervalMs + 1_200;
const patienceMs = 30_000;

const head = `0x${'5a'.repeat(32)}` as const;
const forkchoiceState = { headBlockHash: head, safeBlockHash: head, finalizedBlockHash: head };

const unleash = await startUnleashServer();
const toAnswer: number[] = [];
const toDecision: number[] = [];
try {
  const { project, environment, apiUrl, adminToken, clientToken } = unleash;
  const admin = new UnleashAdmin({ url: apiUrl, token: adminToken });
  await setUpFlags({ admin, project, environment });
  const canary = { project, environment, flagKey: flagKeys.lighthouseV5Primary };
  const [strategy] = (await admin.readFlag(canary))?.strategies ?? [];
  if (strategy === undefined) throw new Error('the canary has no strategy');
  await admin.setRollout(canary, strategy, 100);
  await admin.switchFlag({ ...canary, flagKey: flagKeys.lighthouseV5 }, 'on');
  await OpenFeature.setProviderAndWait(
    new UnleashProvider({ url: apiUrl, appName: 'bench', token: clientToken, refreshIntervalMs }),
  );
  // Nothing is sent to an engine: only decisions are asked for.
  const nowhere = { url: 'http://127.0.0.1:9', jwtSecret: `0x${'5a'.repeat(32)}` } as const;
  const compat = await createLighthouseCompat({
    v4: nowhere,
    v5: { ...nowhere, url: 'http://127.0.0.1:10' },
    forks: { shanghaiTime: 0n },
    flags: OpenFeature.getClient(),
  });
  for (let round = 0; round < rounds; round += 1) {
    const isOn = round % 2 === 0;
    // At another point of the provider's interval each time.
    await delay((round * 377) % refreshIntervalMs);
    const beganMs = performance.now();
    await admin.switchFlag(canary, isOn ? 'on' : 'off');
    toAnswer.push(performance.now() - beganMs);
    for (;;) {
      const { adapter } = await compat.decide('forkchoice_updated', { forkchoiceState });
      const tookMs = performance.now() - beganMs;
      if (adapter === (isOn ? 'v5' : 'v4')) {
        toDecision.push(tookMs);
        break;
      }
      if (tookMs > patienceMs) throw new Error(`the decision has not changed after ${patienceMs} ms`);
      await delay(5);
    }
  }
  await compat.close();
  await OpenFeature.close();
} finally {
  await unleash.stop();
}

const report: Report = {
  benchmark: 'toggle',
  notes: [
    `median of ${rounds} toggles of lighthouse_v5_primary at 100 %; spread: the quarter points`,
    `from the Admin API's request being made to the first changed answer of decide, asked every 5 ms`,
    `UnleashProvider asks every ${refreshIntervalMs} ms; the target is that and 1,200 ms`,
    'to_admin_answer: until the Admin API has answered, which is a part of the other figure',
  ],
  results: [
    {
      name: 'toggle_to_decision',
      series: toDecision,
      unit: 'ms',
      target: { op: '<=', bound: boundMs },
    },
    { name: 'toggle_to_admin_answer', series: toAnswer, unit: 'ms' },
  ],
};
process.stdout.write(options.json ? asJson(report) : asText(report));
