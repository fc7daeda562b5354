import { type JsonSchema, planSchema } from '@lighthouse-compat/sdk';

const text = (description: string): JsonSchema => ({ description, type: 'string', minLength: 1, maxLength: 1_000 });
const address = (description: string): JsonSchema => ({ ...text(description), pattern: '^https?://' });
const timeMs = (description: string): JsonSchema => ({ description, type: 'integer', minimum: 1, maximum: 3_600_000 });
const object = (
  description: string,
  required: readonly string[],
  properties: { readonly [name: string]: JsonSchema },
): JsonSchema => ({ description, type: 'object', additionalProperties: false, required, properties });

const service = {
  name: text('What it is called on the command line.'),
  url: address('Its control API with its prefix, as in http://127.0.0.1:9400/control.'),
  tokenFile: text('A file with the token of its actions.'),
  timeoutMs: timeMs('How long an answer may take, in milliseconds; 30000 unless told.'),
};

/** The JSON Schema (draft-07) of the command's configuration; files are paths from where it is. */
export const configSchema: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'The configuration of lighthouse-compat',
  ...object('What the command lighthouse-compat asks, and the plan of the migration.', [], {
    $schema: text('This schema, for editors.'),
    by: text('Who acts, as the journal says it; the user of the machine unless told.'),
    service: object('The service that has the migration.', ['url'], service),
    peers: {
      description: 'The other services of the fleet.',
      type: 'array',
      maxItems: 1_000,
      items: object('One of them.', ['name', 'url'], service),
    },
    unleash: object('Where the flags are.', ['url', 'tokenFile', 'project', 'environment'], {
      url: address('The API, as in https://unleash.example.org/api.'),
      tokenFile: text('A file with a token of the Admin API.'),
      project: text('As in default.'),
      environment: text('As in production.'),
      timeoutMs: timeMs('How long one attempt may take, in milliseconds; 10000 unless told.'),
    }),
    prometheus: object('What the migration is judged by in a fleet.', ['url', 'instances'], {
      url: address('Its address with its prefix, if it has one.'),
      instances: {
        description: 'The instance label of every process, or how many there are.',
        anyOf: [
          { type: 'integer', minimum: 1, maximum: 1_000 },
          { type: 'array', minItems: 1, maxItems: 1_000, items: { type: 'string', minLength: 1 } },
        ],
      },
      labels: {
        description: 'What else every series of theirs is labelled with.',
        type: 'object',
        additionalProperties: { type: 'string', minLength: 1 },
      },
      staleAfterMs: timeMs('Older figures of a process are none, in milliseconds; 120000 unless told.'),
      timeoutMs: timeMs('How long all that one sample takes to ask may take, in milliseconds; 5000 unless told.'),
      tokenFile: text('A file with a bearer token.'),
      basicAuth: object('A name and a password, in place of a token.', ['username', 'passwordFile'], {
        username: text('The name.'),
        passwordFile: text('A file with the password.'),
      }),
    }),
    plan: planSchema,
  }),
};
