import { runLiveDemo, usageOf } from '@lighthouse-compat/example-live-demo';
import { runLive } from './live.js';
import { createRecord, judgeEnd, summarize, summaryLines } from './record.js';
import { runScript } from './script.js';
import { inWorld } from './world.js';

const usage = usageOf('demo:unleash', {
  about: `Starts a real Unleash with its UI, and two execution clients whose blocks go through the SDK.
Toggle the flags in the UI and see which version answers follow; Ctrl-C ends it.`,
  script: 'toggles the flags by the Admin API itself, checks every block, and ends',
});

process.exit(
  await runLiveDemo(process.argv.slice(2), {
    usage,
    createRecord,
    async play(record, { script, signal, live }) {
      await inWorld({ say: console.log, signal }, async (world) => {
        if (script) await runScript(world, record, console.log);
        else await live((until) => runLive(world, record, { output: process.stdout, until }));
        record.heads = await world.settledHeads();
      });
      judgeEnd(record);
    },
    lines: summaryLines,
    summary: summarize,
  }),
);
