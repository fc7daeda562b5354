import { engineJson, type Hash32, type PayloadId } from '@lighthouse-compat/conversions';
import type { DecidableCall, Decision, LighthouseCompat, Operation } from '@lighthouse-compat/sdk';
import type { SchemaObject } from 'ajv';
import { type Answer, answerOf, ok } from './answer.js';
import { schemaCheck } from './bodySchema.js';
import { readQuery } from './query.js';

const hex = (bytes: number): SchemaObject => ({ type: 'string', pattern: `^0x[0-9a-fA-F]{${2 * bytes}}$` });
const session: SchemaObject = { type: 'string', minLength: 1, maxLength: 200 };

const call = (
  operation: Operation,
  properties: Readonly<Record<string, SchemaObject>>,
  optional: readonly string[] = [],
) => ({
  type: 'object',
  additionalProperties: false,
  required: ['operation', ...Object.keys(properties).filter((name) => !optional.includes(name))],
  properties: { operation: { const: operation }, sessionId: session, ...properties },
});

/** What is asked about, as it is in a query or in a body: fields of the Engine API as its JSON has them. */
export const decisionSchemas: Readonly<Record<Operation, SchemaObject>> = {
  new_payload: call('new_payload', { executionPayload: { type: 'object' }, parentBeaconBlockRoot: hex(32) }, [
    'parentBeaconBlockRoot',
  ]),
  forkchoice_updated: call('forkchoice_updated', { headBlockHash: hex(32) }),
  get_payload: call('get_payload', { payloadId: hex(8) }),
};

type Asked = {
  readonly operation: Operation;
  readonly sessionId?: string;
  readonly executionPayload: object;
  readonly parentBeaconBlockRoot?: Hash32;
  readonly headBlockHash: Hash32;
  readonly payloadId: PayloadId;
};

/** The call of which is asked; throws a ConversionError for a payload that is none. */
const callOf: { readonly [O in Operation]: (asked: Asked) => DecidableCall[O] } = {
  new_payload({ executionPayload, parentBeaconBlockRoot }) {
    const fork =
      'blobGasUsed' in executionPayload ? 'cancun' : 'withdrawals' in executionPayload ? 'shanghai' : 'paris';
    return {
      executionPayload: engineJson.parseExecutionPayload(executionPayload, fork),
      ...(parentBeaconBlockRoot === undefined ? {} : { parentBeaconBlockRoot }),
    };
  },
  // The head alone decides.
  forkchoice_updated: ({ headBlockHash }) => ({
    forkchoiceState: { headBlockHash, safeBlockHash: headBlockHash, finalizedBlockHash: headBlockHash },
  }),
  get_payload: ({ payloadId }) => ({ payloadId }),
};

/** The questions how a call would be decided. */
export type Decisions = {
  ofQuery(search: URLSearchParams): Promise<Answer>;
  ofBody(body: unknown): Promise<Answer>;
};

/** Makes them for an instance; nothing is sent or remembered. */
export function createDecisions(compat: Pick<LighthouseCompat, 'decide'>): Decisions {
  const checks: Readonly<Record<Operation, ReturnType<typeof schemaCheck>>> = {
    new_payload: schemaCheck(decisionSchemas.new_payload, { first: true }),
    forkchoice_updated: schemaCheck(decisionSchemas.forkchoice_updated, { first: true }),
    get_payload: schemaCheck(decisionSchemas.get_payload, { first: true }),
  };
  const checkOperation = schemaCheck({
    type: 'object',
    required: ['operation'],
    properties: { operation: { type: 'string', enum: Object.keys(checks) } },
  });

  const decide = <O extends Operation>(operation: O, asked: Asked): Promise<Decision> => {
    const { sessionId } = asked;
    return compat.decide(operation, callOf[operation](asked), sessionId === undefined ? {} : { sessionId });
  };

  async function ofBody(body: unknown): Promise<Answer> {
    const wrong = checkOperation(body) ?? checks[(body as Asked).operation](body);
    if (wrong !== null) return wrong;
    const asked = body as Asked;
    try {
      return ok({ decision: await decide(asked.operation, asked) });
    } catch (error) {
      const answer = answerOf(error, { asked: 'decision' });
      if (answer === null) throw error;
      return answer;
    }
  }

  return {
    ofBody,
    async ofQuery(search) {
      const query = readQuery(search, ['operation', 'sessionId', 'headBlockHash', 'payloadId']);
      return 'refused' in query ? query.refused : ofBody(query.values);
    },
  };
}
