import { type Command, Option } from 'commander';
import type { ActionAnswer, ActionName } from '../control/answers.js';
import type { ActionBody, ControlClient } from '../control/controlClient.js';
import { OperatorError } from '../errors.js';
import { duration } from '../page/browser/view/format.js';
import { isRolledBack, stateText } from '../page/browser/view/state.js';
import { actorOf, type SettingOptions } from './config/settings.js';
import { type AskedService, type Context, jsonText, openService } from './context.js';
import { exitCodes } from './exitCode.js';
import { withActor } from './options.js';
import { clean } from './text/clean.js';
import { verified } from './verified.js';
import { unlessInterrupted } from './waiting.js';

type Options = SettingOptions &
  Partial<Pick<ActionBody, 'reason' | 'force' | 'live'>> & {
    readonly json?: boolean;
    readonly yes?: boolean;
    readonly wait?: boolean;
  };

/** A command that is one action of the control API. */
type ActionCommand = {
  readonly name: string;
  readonly does: string;
  readonly help: string;
  readonly options: readonly Option[];
  /** What the service is asked to do; by default what the command is called. */
  readonly action?: (client: ControlClient) => Promise<ActionName>;
  /** What a person has to agree to first. */
  readonly warning?: string;
};

const reason = new Option('--reason <text>', 'why, for the journal').makeOptionMandatory();
const force = new Option('--force', "also where v4's engine is not known to be in step");
const wait = new Option('--no-wait', 'do not wait until it is verified');

const commands: readonly ActionCommand[] = [
  {
    name: 'start',
    does: 'begin the migration, or say everything that is in the way of it',
    help: 'The plan is the one that the service has. It begins with the parallel phase: v4 still answers everything.',
    options: [],
  },
  {
    name: 'hold',
    does: 'keep the share from rising',
    help: 'The time of the step goes on, and health is checked: a failing v5 is rolled back all the same.',
    options: [reason],
  },
  {
    name: 'release',
    does: 'end a hold',
    help: 'A hold of the controller itself ends with its cause, and comes back as long as that is there.',
    options: [],
  },
  {
    name: 'pause',
    does: "stop the plan's time",
    help: 'Nothing moves up until it is resumed. Health is checked all the same.',
    options: [reason],
  },
  { name: 'resume', does: 'end a pause', help: "The plan's time goes on from where it stood still.", options: [] },
  {
    name: 'promote',
    does: 'move up to the next step without waiting for its time',
    help: 'Never over a failing check. v5 answers more from then on.',
    options: [],
  },
  {
    name: 'rollback',
    does: 'give everything back to v4, now',
    help: 'The service is latched before it answers: v5 gets nothing that v4 can serve. Then it is verified on v4: the command waits for that, and ends with 6 where it fails.',
    options: [reason, force, wait],
  },
  {
    name: 'abort',
    does: 'roll back without giving a reason',
    help: 'As rollback does.',
    options: [force, wait],
  },
  {
    name: 'retry',
    does: 'verify a rollback again that could not be',
    help: 'The latch has been set all the time.',
    options: [wait],
  },
  {
    name: 'clear-latch',
    does: 'lift the latch after a rollback',
    help: 'Where a migration was rolled back it is cleared, so that a new one can be started; elsewhere the latch alone is lifted.',
    options: [reason],
    async action(client) {
      const { migration } = await client.status();
      return migration !== null && isRolledBack(migration.state) ? 'clear' : 'clear-latch';
    },
  },
  {
    name: 'latch',
    does: 'latch a service without a migration of its own',
    help: 'For a process of a fleet whose controller is gone: v4 answers whatever the flags say, until clear-latch.',
    options: [reason],
  },
  {
    name: 'finalize',
    does: 'give v4 up: v5 answers alone',
    help: 'Only once the migration is complete. Nothing takes it back by itself afterwards.',
    options: [new Option('--yes', 'do not ask')],
    warning: 'v5 answers alone from then on, and nothing rolls back by itself.',
  },
  {
    name: 'drill',
    does: 'rehearse the rollback against v4',
    help: 'Latches nothing, unless --live is given: then the latch is set and lifted again, only while v4 is in step. Ends with 6 where something is not well.',
    options: [new Option('--live', 'set the latch for real, for as long as it takes')],
  },
  {
    name: 'adopt',
    does: 'go on from the share that a person has set in Unleash',
    help: 'Where the migration is held because of DRIFT.',
    options: [],
  },
  {
    name: 'reset',
    does: 'write what the migration wants over what a person has set in Unleash',
    help: 'Where the migration is held because of DRIFT.',
    options: [],
  },
];

/** Whether the person agrees, or has said so; throws INVALID_OPTION where nobody can be asked. */
async function isAgreed(name: string, warning: string, { terminal }: Context): Promise<boolean> {
  if (terminal.ask === null)
    throw new OperatorError('INVALID_OPTION', `--yes: ${name} wants it where nobody can be asked`, { path: '--yes' });
  const answer = await terminal.ask(`${warning} Type ${name} to go on: `);
  return answer?.trim() === name;
}

function outcomeText({ action, state, latch, drill, warning }: ActionAnswer): string {
  const lines = [
    ...(drill === null
      ? []
      : [
          drill.ok
            ? `The rollback was rehearsed, and is well; v4 was seen to carry on within ${duration(drill.durationMs)}.`
            : `The rehearsal of the rollback failed: ${drill.problems.join('; ')}.`,
        ]),
    state === null
      ? `${action}: done; the latch is ${latch === null ? 'not set' : `set: ${latch.reason}`}.`
      : `${action}: done. Now: ${stateText(state)}${state.held === null ? '' : `, ${state.held.kind === 'hold' ? 'held' : 'paused'}: ${state.held.why}`}.`,
    ...(warning === null ? [] : [`${warning.code}: ${warning.message}`]),
  ];
  return lines.map((line) => `${clean(line)}\n`).join('');
}

/** Says more than the service can know of what it has refused. */
function told(error: unknown, name: string, { tokenFile }: AskedService): unknown {
  if (!(error instanceof OperatorError)) return error;
  const { code, path, refusal, status, message } = error;
  const facts = {
    ...(path === undefined ? {} : { path }),
    ...(refusal === undefined ? {} : { refusal }),
    ...(status === undefined ? {} : { status }),
    cause: error,
  };
  if (path === 'tokenFile') return new OperatorError(code, `${message}: ${tokenFile}`, facts);
  if (refusal?.code === 'NO_CONTROLLER' && (name === 'rollback' || name === 'abort'))
    return new OperatorError(code, `${message}; lighthouse-compat latch has v4 answer there`, facts);
  return error;
}

const mayBeDone = 'It may have been done all the same: lighthouse-compat status says so.\n';

/** Follows a rollback to its end, and says how that was. */
async function follow(
  answer: ActionAnswer,
  isJson: boolean,
  { client }: AskedService,
  context: Context,
): Promise<void> {
  const { terminal } = context;
  const seen = await verified(client, terminal);
  switch (seen.kind) {
    case 'ended': {
      const { migration } = seen.status;
      if (migration?.state.kind === 'rollback_failed') context.end(exitCodes.problems);
      if (isJson) terminal.out(jsonText({ ...answer, state: migration?.state ?? answer.state }));
      else if (migration !== null) terminal.out(`Now: ${clean(stateText(migration.state))}.\n`);
      return;
    }
    case 'interrupted':
      context.end(exitCodes.interrupted);
      if (isJson) terminal.out(jsonText(answer));
      terminal.err('The rollback was made, and goes on in the service: it is its verification that is not followed.\n');
      return;
    case 'lost':
      context.end(exitCodes.unreachable);
      if (isJson) terminal.out(jsonText(answer));
      terminal.err(clean(`The rollback was made, but its verification cannot be followed: ${seen.error.message}`));
      terminal.err('\n');
  }
}

async function run(command: ActionCommand, options: Options, context: Context): Promise<void> {
  const { terminal } = context;
  const service = await openService(options, context);
  const { client, config } = service;
  if (
    command.warning !== undefined &&
    options.yes !== true &&
    !(await isAgreed(command.name, command.warning, context))
  ) {
    terminal.err('Nothing was done.\n');
    context.end(exitCodes.failed);
    return;
  }
  const { reason: why, force: isForced, live, json: isJson = false } = options;
  let answer: ActionAnswer | null;
  try {
    const name = command.action === undefined ? (command.name as ActionName) : await command.action(client);
    // What has been asked for is not known to be undone where the asking is given up.
    context.endByItself();
    const acting = client.act(name, {
      by: actorOf(options, config, terminal),
      ...(why === undefined ? {} : { reason: why }),
      ...(isForced === true ? { force: true } : {}),
      ...(live === true ? { live: true } : {}),
    });
    answer = await unlessInterrupted(terminal, acting);
  } catch (error) {
    throw told(error, command.name, service);
  }
  if (answer === null) {
    terminal.err(mayBeDone);
    context.end(exitCodes.interrupted);
    return;
  }
  if (answer.drill?.ok === false || answer.warning !== null) context.end(exitCodes.problems);
  const follows = options.wait === true && answer.state?.kind === 'rolling_back';
  // The person learns at once that v4 answers.
  if (!isJson) terminal.out(outcomeText(answer));
  else if (!follows) terminal.out(jsonText(answer));
  if (follows) await follow(answer, isJson, service, context);
}

/** Adds a command for every action. */
export function addActions(program: Command, context: Context): void {
  for (const each of commands) {
    const command = withActor(
      program.command(each.name).summary(each.does).description(`${each.does}\n\n${each.help}`),
    );
    for (const option of each.options) command.addOption(option);
    command.action((options: Options) => run(each, options, context));
  }
}
