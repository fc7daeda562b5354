// A service whose migration acts through Unleash, for the crash tests: ends itself by SIGKILL around the write to Unleash that
// it is told.
import { UnleashAdmin } from '@lighthouse-compat/flag-provider/unleash/admin';
import { type FlagAdmin, fileJournal, unleashActuator } from '@lighthouse-compat/operator';
import { createLighthouseCompat, MigrationController } from '@lighthouse-compat/sdk';
import { createManualClock } from '../../sdk/migration/observations.js';
import { capellaPayload, forks, headAt } from '../../support/samples.js';
import { crashPlan } from './order.js';
import type { UnleashCrashOrder } from './unleashOrder.js';

const order = JSON.parse(process.argv[2] ?? '') as UnleashCrashOrder;
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way: nothing more may happen here.
  for (;;);
};

const engine = ({ url, secret }: UnleashCrashOrder['v4']) => ({ url, jwtSecret: secret });
const compat = await createLighthouseCompat({
  v4: engine(order.v4),
  v5: engine(order.v5),
  forks,
  latchFile: order.latchFile,
});

let writes = 0;
async function around<T>(write: () => Promise<T>): Promise<T> {
  writes += 1;
  const own = writes;
  if (order.dieAt === `before write ${own}`) die();
  const done = await write();
  if (order.dieAt === `after write ${own}`) die();
  return done;
}
const inner = new UnleashAdmin({ url: order.apiUrl, token: order.adminToken });
const admin: FlagAdmin = {
  readFlag: (place) => inner.readFlag(place),
  switchFlag: (place, to) => around(() => inner.switchFlag(place, to)),
  setRollout: (place, strategy, percent) => around(() => inner.setRollout(place, strategy, percent)),
  setVariants: (place, strategy, variants) => around(() => inner.setVariants(place, strategy, variants)),
  addRollout: (place, rollout) => around(() => inner.addRollout(place, rollout)),
  replaceStrategy: (place, strategy, rollout) => around(() => inner.replaceStrategy(place, strategy, rollout)),
  removeStrategy: (place, strategy) => around(() => inner.removeStrategy(place, strategy)),
};

const { project, environment, person } = order;
const clock = createManualClock(order.startMs);
const controller = new MigrationController({
  compat,
  journal: fileJournal({ path: order.journalFile }),
  actuator: unleashActuator({ admin, project, environment, compat }),
  plan: crashPlan,
  clock,
});
let number = order.firstBlock;
async function blocks(count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    number += 1;
    await compat.newPayload({ executionPayload: capellaPayload(number) });
    await compat.forkchoiceUpdated(headAt(number));
  }
  await compat.drain();
}
const status = () => {
  const { state, percent } = controller.status;
  return { kind: state.kind, percent, held: state.held?.why ?? null, latch: compat.latch?.reason ?? null };
};

await controller.open();
// A head is what tells that the engines are in step.
await blocks(1);
await controller.check();
// Long away is long without a clear check, for which the plan pauses. What else is in its way shows once it is resumed; and
// a process that was killed right after it had been resumed may not have that on disk.
if (controller.status.state.held?.kind === 'pause') {
  await controller.resume({ by: 'ada' });
  await controller.check();
}
say({ opened: status() });
if (!order.onlyOpen) {
  const result = controller.run({ by: 'ada' });
  result.catch(() => {});
  let ended = false;
  void result
    .catch(() => {})
    .finally(() => {
      ended = true;
    });
  for (let step = 0; step < 40; step += 1) {
    if (person?.inState === controller.status.state.kind) {
      const by = { by: 'ada' };
      const { does } = person;
      const did = await (does === 'rollback'
        ? controller.rollback({ ...by, reason: 'crash test' })
        : controller[does](by));
      say({ did: did.applied ? 'applied' : did.refusal.code });
      if (does !== 'rollback') break;
    }
    if (ended || controller.status.state.held?.why.includes('lighthouse_v5')) break;
    await blocks(55);
    clock.advance(60_000);
    await controller.check();
  }
}
await controller.check();
await controller.close();
say({ ended: status(), writes });
await compat.close();
