import {
  type CommandResult,
  CompatError,
  type LighthouseCompat,
  type MigrationController,
} from '@lighthouse-compat/sdk';
import type { SchemaObject } from 'ajv';
import { type Answer, answerOf, noController, ok, refusal } from './answer.js';
import type { ActionAnswer, ActionName } from './answers.js';
import { bodySchema, type CheckedBody, type FieldName, schemaCheck } from './bodySchema.js';

/** What an action may come to. */
type Done = Partial<Pick<ActionAnswer, 'drill' | 'warning'>> & { readonly result?: CommandResult };

type Parts = { readonly compat: LighthouseCompat; readonly controller: MigrationController };

/** What an action needs in its body, and what it does. */
type Action = {
  readonly schema: SchemaObject;
  readonly needsController: boolean;
  run(body: unknown, parts: Parts): Promise<Done>;
};

/** An action of the controller. The schema has been applied when `run` is called. */
const action = <R extends FieldName, O extends FieldName = never>(
  required: readonly R[],
  run: (body: CheckedBody<R, O>, parts: Parts) => Promise<Done>,
  {
    optional = [],
    needsController = true,
  }: { readonly optional?: readonly O[]; readonly needsController?: boolean } = {},
): Action => ({
  schema: bodySchema(required, optional),
  needsController,
  run: (body, parts) => run(body as CheckedBody<R, O>, parts),
});

/** An action that is one command to the controller. */
const command = <R extends FieldName, O extends FieldName = never>(
  required: readonly R[],
  run: (controller: MigrationController, body: CheckedBody<R, O>) => Promise<CommandResult>,
  optional: readonly O[] = [],
): Action => action(required, async (body, { controller }) => ({ result: await run(controller, body) }), { optional });

/** Latches; that the latch could not be kept in its file does not undo it. */
async function latch(compat: LighthouseCompat, reason: string): Promise<Done> {
  try {
    await compat.rollback(reason);
    return {};
  } catch (error) {
    if (!(error instanceof CompatError) || error.code !== 'LATCH_FILE_FAILED') throw error;
    return { warning: { code: error.code, message: error.message } };
  }
}

const table: Readonly<Record<ActionName, Action>> = {
  start: command(['by'], (controller, body) => controller.start(body)),
  pause: command(['by', 'reason'], (controller, { by, reason }) => controller.pause({ by, why: reason })),
  resume: command(['by'], (controller, body) => controller.resume(body)),
  hold: command(['by', 'reason'], (controller, { by, reason }) => controller.hold({ by, why: reason })),
  release: command(['by'], (controller, body) => controller.release(body)),
  promote: command(['by'], (controller, body) => controller.promote(body)),
  abort: command(['by'], (controller, body) => controller.abort(body), ['force']),
  rollback: command(['by', 'reason'], (controller, body) => controller.rollback(body), ['force']),
  retry: command(['by'], (controller, body) => controller.retry(body)),
  clear: command(['by', 'reason'], (controller, body) => controller.clear(body)),
  finalize: command(['by'], (controller, body) => controller.finalize(body)),
  adopt: command(['by'], (controller, body) => controller.adopt(body)),
  reset: command(['by'], (controller, body) => controller.reset(body)),
  drill: action(['by'], async (body, { controller }) => ({ drill: await controller.drill(body) }), {
    optional: ['live'],
  }),
  latch: action(['by', 'reason'], ({ by, reason }, { compat }) => latch(compat, `${reason} (by ${by})`), {
    needsController: false,
  }),
  'clear-latch': action(
    ['by', 'reason'],
    async (body, { compat }) => {
      await compat.clearLatch(body);
      return {};
    },
    { needsController: false },
  ),
};

/** Every action by its name. */
export const actionNames: readonly ActionName[] = Object.keys(table) as ActionName[];

/** The JSON Schema of every action's body. */
export const actionSchemas: Readonly<Record<ActionName, SchemaObject>> = Object.fromEntries(
  actionNames.map((name) => [name, table[name].schema]),
) as Record<ActionName, SchemaObject>;

/** Gives what does an action with a body that has been read: never rejects for what has a code. */
export function createActions(parts: {
  readonly compat: LighthouseCompat;
  readonly controller: MigrationController | null;
}): (name: ActionName, body: unknown) => Promise<Answer> {
  const { compat, controller } = parts;
  const checks = Object.fromEntries(actionNames.map((name) => [name, schemaCheck(table[name].schema)])) as Record<
    ActionName,
    ReturnType<typeof schemaCheck>
  >;

  async function run(name: ActionName, body: unknown): Promise<Answer> {
    const { needsController, run: act } = table[name];
    if (needsController && controller === null) return noController;
    // Lifted alone, the state would still say that v4 answers everything.
    if (name === 'clear-latch' && controller?.status.target.kind === 'latched')
      return refusal(409, 'LATCHED_BY_MIGRATION', "the latch is that of the migration's rollback: clear it there");
    const {
      result,
      drill = null,
      warning = null,
    } = await act(body, { compat, controller: controller as MigrationController });
    if (result?.applied === false) return refusal(409, result.refusal.code, result.refusal.message);
    const answer: Omit<ActionAnswer, 'version'> = {
      action: name,
      state: controller === null ? null : (result?.state ?? controller.status.state),
      latch: compat.latch,
      drill,
      warning,
    };
    return ok(answer);
  }

  return async (name, body) => {
    const wrong = checks[name](body);
    if (wrong !== null) return wrong;
    try {
      return await run(name, body);
    } catch (error) {
      const answer = answerOf(error, { asked: 'action' });
      if (answer === null) throw error;
      return answer;
    }
  };
}
