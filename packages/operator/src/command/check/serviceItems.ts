import type { ReadinessCheckName } from '@lighthouse-compat/sdk';
import type { StatusAnswer } from '../../control/answers.js';
import type { ControlClient } from '../../control/controlClient.js';
import { OperatorError, type OperatorErrorCode } from '../../errors.js';
import { stateText } from '../../page/browser/view/state.js';
import type { Config } from '../config/config.js';
import { planDifferences } from '../planDifferences.js';
import { type CheckItem, itemsOf, messageOf } from './item.js';

const whenAway: Partial<Readonly<Record<OperatorErrorCode, string>>> = {
  CONTROL_UNREACHABLE:
    'start the service, or correct its url; a control API on loopback is reached from its own machine alone',
  CONTROL_TIMEOUT: 'look at the service: it takes too long to answer',
  CONTROL_UNAUTHORIZED: "put the service's token into tokenFile",
  CONTROL_MALFORMED: "correct the url: it ends with the control API's prefix, as in http://127.0.0.1:9400/control",
};

const mendFor = (error: unknown): string =>
  (error instanceof OperatorError ? whenAway[error.code] : undefined) ?? "look at the service's log";

const readinessMends: Readonly<Record<ReadinessCheckName, string>> = {
  v4_engine: "start v4's client; compare its address and JWT secret with the service's",
  v5_engine: "start v5's client; compare its address and JWT secret with the service's",
  v4_methods: "update v4's client",
  v5_methods: "update v5's client to one that has Deneb",
  same_chain: 'point both adapters at clients of one chain: one of them is the wrong client',
  same_head: 'let both clients sync to the head; the next forkchoice brings them together',
  clocks: 'synchronise the clocks (NTP): tokens are dated',
  flags: 'lighthouse-compat flags show says how they are; lighthouse_v5 is switched on by a person before the start',
  standby: 'wait for the next forkchoice; a client that is out of step needs its peers',
  latch: 'lighthouse-compat clear-latch --reason "…", once its cause is mended',
  time_before_fork: 'shorten the plan, or migrate after the fork is behind and v5 alone can answer',
};

/** What the token is good for, and whether the service takes actions at all. */
async function accessItem(
  group: string,
  status: StatusAnswer,
  client: ControlClient,
  hasToken: boolean,
): Promise<CheckItem> {
  const { ok, warning, problem } = itemsOf(group);
  if (!status.takesActions)
    return problem('actions', 'the service takes none', 'give its createControlHandler a tokenFile');
  if (!hasToken) return warning('actions', 'no token: it can be read, and nothing done', 'name a tokenFile');
  try {
    await client.access();
    return ok('actions', 'its token is taken');
  } catch (error) {
    return problem('actions', messageOf(error), mendFor(error));
  }
}

async function migrationItems(group: string, { migration }: StatusAnswer, client: ControlClient, config: Config) {
  const { ok, warning, problem } = itemsOf(group);
  if (migration === null)
    return [
      problem(
        'migration',
        'it has no controller',
        'name the service that was given one: createControlHandler({ controller })',
      ),
    ];
  const items: CheckItem[] = [ok('migration', stateText(migration.state))];
  if (config.plan !== null) {
    const differences = planDifferences(config.plan, migration.plan);
    items.push(
      ...(differences.length === 0
        ? [ok('plan', 'as it is configured')]
        : differences.map(({ path, configured, running }) =>
            problem(
              `plan.${path}`,
              `the service goes by ${running}, and ${configured} is configured`,
              'let both say the same',
            ),
          )),
    );
  }
  if (migration.drilledMs === null)
    items.push(warning('drill', 'the rollback was never rehearsed', 'lighthouse-compat drill'));
  if (migration.state.kind !== 'pre_migration') return items;
  try {
    const { checks } = (await client.readiness()).readiness;
    for (const { name, ok: isOk, detail } of checks)
      items.push(isOk ? ok(name, detail) : problem(name, detail, readinessMends[name]));
  } catch (error) {
    items.push(problem('readiness', messageOf(error), mendFor(error)));
  }
  return items;
}

/** What there is to say of a service; `steers`: it is the one that has the migration. */
export async function serviceItems(options: {
  readonly group: string;
  readonly client: ControlClient;
  readonly hasToken: boolean;
  readonly steers: boolean;
  readonly config: Config;
}): Promise<readonly CheckItem[]> {
  const { group, client, hasToken, steers, config } = options;
  const { ok, problem } = itemsOf(group);
  let status: StatusAnswer;
  try {
    status = await client.status();
  } catch (error) {
    return [problem('answers', messageOf(error), mendFor(error))];
  }
  const latched =
    steers || status.latch === null
      ? []
      : [
          problem(
            'latch',
            `it is set: ${status.latch.reason}`,
            `lighthouse-compat clear-latch --service ${group} --reason "…"`,
          ),
        ];
  const access = await accessItem(group, status, client, hasToken);
  // What needs the token is told once.
  const migration = !steers || access.level !== 'ok' ? [] : await migrationItems(group, status, client, config);
  return [ok('answers', 'its control API does'), access, ...latched, ...migration];
}
