import { runLiveDemo, usageOf } from '@lighthouse-compat/example-live-demo';
import { runLive } from './live.js';
import { createRecord } from './record.js';
import { runScript } from './script.js';
import { inWorld } from './world.js';

const usage = usageOf('demo:fleet', {
  about: `Starts a real Unleash with its UI, three services with two execution clients each, and
Prometheus where it is installed; one of the services has the migration controller.
Move the slider in the UI and see what becomes of it; Ctrl-C ends it.`,
  script: 'a canary and its rollback over the whole fleet, checked, and then ends',
});

process.exit(
  await runLiveDemo(process.argv.slice(2), {
    usage,
    createRecord,
    async play(record, { script, signal, live }) {
      const broken = new Promise<never>((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
      );
      broken.catch(() => {});
      await inWorld({ say: console.log, signal }, (world) =>
        script ? Promise.race([runScript(world, record), broken]) : live((until) => runLive(world, record, { until })),
      );
    },
    lines: ({ failures }) => failures.map((failure) => `failed: ${failure}`),
    summary: (record) => ({ ok: record.failures.length === 0, ...record }),
  }),
);
