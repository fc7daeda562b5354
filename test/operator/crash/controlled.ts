// A service with a migration controller, for the crash tests: ends itself by SIGKILL where it is told to.
import { fileJournal } from '@lighthouse-compat/operator';
import {
  type Actuator,
  compatActuator,
  createLighthouseCompat,
  type Journal,
  MigrationController,
} from '@lighthouse-compat/sdk';
import { createManualClock } from '../../sdk/migration/observations.js';
import { capellaPayload, forks, headAt } from '../../support/samples.js';
import { type CrashOrder, crashPlan } from './order.js';

const order = JSON.parse(process.argv[2] ?? '') as CrashOrder;
const say = (what: object): void => void process.stdout.write(`${JSON.stringify(what)}\n`);
const die = (): never => {
  process.kill(process.pid, 'SIGKILL');
  // The signal is on its way: nothing more may happen here.
  for (;;);
};

const engine = ({ url, secret }: CrashOrder['v4']) => ({ url, jwtSecret: secret });
const compat = await createLighthouseCompat({
  v4: engine(order.v4),
  v5: engine(order.v5),
  forks,
  latchFile: order.latchFile,
});

let appends = 0;
const file = fileJournal({ path: order.journalFile });
const journal: Journal = {
  open: () => file.open(),
  async append(record) {
    appends += 1;
    if (order.dieAt === `before write ${appends}`) die();
    await file.append(record);
    if (order.dieAt === `after write ${appends}`) die();
  },
  close: () => file.close(),
};
let acts = 0;
const inner = compatActuator(compat);
const acting = (act: Promise<void>): Promise<void> => {
  acts += 1;
  const number = acts;
  return act.then(() => {
    if (order.dieAt === `after act ${number}`) die();
  });
};
const actuator: Actuator = {
  apply: (target) => acting(inner.apply(target)),
  latch: (reason) => acting(inner.latch(reason)),
  unlatch: (cleared) => acting(inner.unlatch(cleared)),
  inspect: () => inner.inspect(),
};

const clock = createManualClock(order.startMs);
const controller = new MigrationController({ compat, journal, actuator, plan: crashPlan, clock });
let number = order.firstBlock;
async function blocks(count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    number += 1;
    await compat.newPayload({ executionPayload: capellaPayload(number) });
    await compat.forkchoiceUpdated(headAt(number));
  }
  await compat.drain();
}

try {
  const { records, damage } = await controller.open();
  const { state, target } = controller.status;
  say({
    opened: state.kind,
    records: records.length,
    damage,
    target,
    mode: compat.migrationMode,
    latch: compat.latch?.reason ?? null,
  });
} catch (error) {
  say({ refused: (error as { code?: unknown }).code });
  process.exit(3);
}
if (order.wait) {
  // Until the test ends it.
  setInterval(() => {}, 60_000);
  await new Promise(() => {});
}
await blocks(1);
if (controller.status.state.kind === 'rolled_back' && order.clear)
  await controller.clear({ by: 'ada', reason: 'mended' });
const result = controller.run({ by: 'ada' });
result.catch(() => {});
let ended = false;
void result.finally(() => {
  ended = true;
});
for (let step = 0; step < 40 && !ended; step += 1) {
  if (order.rollBackIn === controller.status.state.kind) await controller.rollback({ by: 'ada', reason: 'crash test' });
  await blocks(55);
  clock.advance(60_000);
  await controller.check();
}
say({
  ended: await result,
  mode: compat.migrationMode,
  latch: compat.latch?.reason ?? null,
  appends,
  acts,
  nowMs: clock.nowMs(),
  number,
});
await controller.close();
await compat.close();
