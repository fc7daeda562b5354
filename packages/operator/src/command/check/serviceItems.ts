import type { MigrationStateKind, MigrationStatus, ReadinessCheckName } from '@lighthouse-compat/sdk';
import type { StatusAnswer } from '../../control/answers.js';
import type { ControlClient } from '../../control/controlClient.js';
import { OperatorError, type OperatorErrorCode } from '../../errors.js';
import { isRolledBack, stateText } from '../../page/browser/view/state.js';
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

/** What is to be done after a rollback, by how far it has come. */
const rollbackMends = {
  rolling_back: 'wait for its verification: lighthouse-compat status --watch',
  rolled_back: 'once its cause is mended: lighthouse-compat clear-latch --reason "…"',
  rollback_failed: "bring v4's client back, then lighthouse-compat retry",
} as const satisfies Partial<Readonly<Record<MigrationStateKind, string>>>;

/** Where a migration is: after a rollback there is something to be done. */
function stateItem(group: string, { state }: MigrationStatus): CheckItem {
  const { ok, problem } = itemsOf(group);
  const where = stateText(state);
  return isRolledBack(state) ? problem('migration', where, rollbackMends[state.kind]) : ok('migration', where);
}

const readinessMend = (name: string): string =>
  Object.hasOwn(readinessMends, name) ? readinessMends[name as ReadinessCheckName] : "look at the service's log";

/** What a start would be refused for. */
async function readinessItems(group: string, client: ControlClient): Promise<readonly CheckItem[]> {
  const { ok, problem } = itemsOf(group);
  try {
    const { checks } = (await client.readiness()).readiness;
    return checks.map(({ name, ok: isOk, detail }) =>
      isOk ? ok(name, detail) : problem(name, detail, readinessMend(name)),
    );
  } catch (error) {
    return [problem('readiness', messageOf(error), mendFor(error))];
  }
}

/** `hasAccess`: the token is taken, without which the engines are not asked. */
async function migrationItems(
  group: string,
  { migration }: StatusAnswer,
  {
    client,
    config,
    hasAccess,
  }: { readonly client: ControlClient; readonly config: Config; readonly hasAccess: boolean },
): Promise<readonly CheckItem[]> {
  const { ok, warning, problem } = itemsOf(group);
  if (migration === null) {
    const mend = 'name the service that was given one: createControlHandler({ controller })';
    return [problem('migration', 'it has no controller', mend)];
  }
  const differences = config.plan === null ? null : planDifferences(config.plan, migration.plan);
  const planItems =
    differences === null
      ? []
      : differences.length === 0
        ? [ok('plan', 'as it is configured')]
        : differences.map(({ path, configured, running }) =>
            problem(
              `plan.${path}`,
              `the service goes by ${running}, and ${configured} is configured`,
              'let both say the same',
            ),
          );
  const readiness =
    migration.state.kind !== 'pre_migration'
      ? []
      : hasAccess
        ? await readinessItems(group, client)
        : [warning('readiness', 'not looked at: it needs the token', 'name a tokenFile')];
  return [
    stateItem(group, migration),
    ...planItems,
    ...(migration.drilledMs === null
      ? [warning('drill', 'the rollback was never rehearsed', 'lighthouse-compat drill')]
      : []),
    ...readiness,
  ];
}

/** The latch where no rollback of a migration is the reason: that is told with its state, or its readiness. */
function latchItems(group: string, { latch, migration }: StatusAnswer): readonly CheckItem[] {
  if (
    latch === null ||
    (migration !== null && (isRolledBack(migration.state) || migration.state.kind === 'pre_migration'))
  )
    return [];
  const mend = 'lighthouse-compat clear-latch --reason "…", once its cause is mended';
  return [itemsOf(group).problem('latch', `it is set: ${latch.reason}`, mend)];
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
  const access = await accessItem(group, status, client, hasToken);
  const hasAccess = access.level === 'ok';
  return [
    ok('answers', 'its control API does'),
    access,
    ...latchItems(group, status),
    ...(steers ? await migrationItems(group, status, { client, config, hasAccess }) : []),
  ];
}
