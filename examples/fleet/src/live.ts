import { setTimeout as delay } from 'node:timers/promises';
import { flagKeys } from '@lighthouse-compat/flag-provider';
import { type NodeView, nodeNames, steering } from './fleet.js';
import { answeredBetween, type DemoRecord, measured, type Stretch } from './record.js';
import { beginCanary } from './script.js';
import type { World } from './world.js';

const blockEveryMs = 1_000;

/** Makes blocks until it is told to end, while a person moves the slider; each change of who answers begins a new stretch. */
export async function runLive(
  world: World,
  record: DemoRecord,
  { until }: { readonly until: AbortSignal },
): Promise<void> {
  const { fleet, unleash, say, settingOf } = world;
  const { tokenFile, service } = fleet.nodes[steering];
  const { url, login, project } = unleash;
  say(
    [
      '',
      `  Unleash:  ${url}/projects/${project}/features/${flagKeys.lighthouseV5Primary}`,
      `  log in:   ${login.username} / ${login.password}`,
      `  control:  http://127.0.0.1:${service.port}/control/status`,
      '',
      '  Move the rollout once the canary has begun: the plan is held, and goes on by what you have set after',
      `  curl -H "authorization: Bearer $(cat ${tokenFile})" -H 'content-type: application/json' \\`,
      `    -d '{"by":"me"}' http://127.0.0.1:${service.port}/control/actions/adopt    # or reset, promote, abort`,
      '  Ctrl-C ends it.',
      '',
    ].join('\n'),
  );
  await beginCanary(world);
  let [before, blocks, shown] = [await fleet.look(), 0, ''];
  while (!until.aborted) {
    const nextMs = performance.now() + blockEveryMs;
    await fleet.nextBlock();
    blocks += 1;
    const [after, setting, { migration }] = await Promise.all([fleet.look(), settingOf(), fleet.control.status()]);
    const held = migration?.state.held?.why;
    const line = `  set ${setting}, ${migration?.state.kind}${held === undefined ? '' : ` (held: ${held})`}: ${nodeNames
      .map((name, at) => `${name} ${placeOf(after[at])}`)
      .join(', ')}`;
    if (line !== shown || blocks % 30 === 0) {
      const share = migration?.percent ?? 0;
      const stretch: Stretch = { title: line.trim(), share, blocks, answered: answeredBetween(before, after) };
      record.stretches.push(stretch);
      say(`${line}; v5 answered ${measured(stretch).share} of the fleet's calls in ${blocks} blocks`);
      [before, blocks, shown] = [after, 0, line];
    }
    await delay(Math.max(0, nextMs - performance.now()), undefined, { signal: until }).catch(() => {});
  }
}

const placeOf = (view: NodeView | undefined): string =>
  view === undefined || view.decision === null ? 'away' : `${view.decision.adapter}${view.isLatched ? ' latched' : ''}`;
