import {
  type ConversionEffects,
  type ConversionName,
  type ServedFork,
  v4ToV5,
  v5ToV4,
} from '@lighthouse-compat/conversions';
import * as beacon from '../../packages/conversions/src/beaconShapes.js';
import type { FieldTable, Shape } from '../../packages/conversions/src/shape.js';
import * as shapes from '../../packages/conversions/src/shapes.js';
import type { LighthouseApi } from '../../packages/sdk/src/adapters/lighthouseApi.js';
import { createV4Adapter } from '../../packages/sdk/src/adapters/v4Adapter.js';
import { createV5Adapter } from '../../packages/sdk/src/adapters/v5Adapter.js';
import { fallbackCauseOf } from '../../packages/sdk/src/dispatch/fallback.js';
import type { EngineClient } from '../../packages/sdk/src/engine/engineClient.js';
import { decodeResponse } from '../../packages/sdk/src/engine/jsonRpc.js';
import { CompatError } from '../../packages/sdk/src/errors.js';
import {
  capellaAttributes,
  capellaPayload,
  denebAttributes,
  denebPayload,
  hash,
  headAt,
  parisAttributes,
  parisPayload,
} from '../support/samples.js';

// The tables of docs/api-differences.md that code holds the facts of, as Markdown.

type Row = readonly string[];

const table = (head: Row, rows: readonly Row[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const code = (text: string): string => `\`${text}\``;

function fieldsOf(shape: Shape<unknown>): FieldTable {
  if (shape.kind !== 'record') throw new Error('not a structure');
  return shape.fields;
}

type Structure = {
  readonly conversion: ConversionName | null;
  /** What comes before a field's name in the effects. */
  readonly prefix: string;
  /** By the name of the column; the last but one is what v4 has, the last is v5's. */
  readonly columns: Readonly<Record<string, Shape<unknown>>>;
};

const structures: Readonly<Record<string, Structure>> = {
  executionPayload: {
    conversion: 'convertExecutionPayload',
    prefix: '',
    columns: {
      'V1, Paris': shapes.executionPayloadParis,
      'V2, Capella': shapes.executionPayloadCapella,
      'V3, Deneb': shapes.executionPayloadDeneb,
    },
  },
  payloadAttributes: {
    conversion: 'convertPayloadAttributes',
    prefix: '',
    columns: {
      V1: shapes.payloadAttributesV1,
      V2: shapes.payloadAttributesV2,
      V3: shapes.payloadAttributesV3,
    },
  },
  forkchoiceState: {
    conversion: 'convertForkchoiceState',
    prefix: '',
    columns: { v4: shapes.forkchoiceState, v5: shapes.forkchoiceStateV3 },
  },
  getPayload: {
    conversion: null,
    prefix: '',
    columns: { engine_getPayloadV2: shapes.payloadEnvelopeV2, engine_getPayloadV3: shapes.payloadEnvelopeV3 },
  },
  signedBeaconBlock: {
    conversion: 'convertBlock',
    prefix: '',
    columns: { Capella: beacon.signedBlockCapella, Deneb: beacon.signedBlockDeneb },
  },
  beaconBlock: {
    conversion: 'convertBlock',
    prefix: 'message.',
    columns: { Capella: beacon.blockCapella, Deneb: beacon.blockDeneb },
  },
  beaconBlockBody: {
    conversion: 'convertBlock',
    prefix: 'message.body.',
    columns: { Capella: beacon.bodyCapella, Deneb: beacon.bodyDeneb },
  },
};

const NO_EFFECTS: ConversionEffects = { makesUp: [], invalidates: [], refuses: [] };

/** The notes of one list of effects on a field. */
const notes = (list: ConversionEffects[keyof ConversionEffects], field: string): string =>
  list
    .filter((effect) => effect.field === field)
    .map(({ note }) => note)
    .join(' ');

/** One row a field: what it is in each version, what either conversion does to it, and the risk that follows from that. */
function fieldTable({ conversion, prefix, columns }: Structure): string {
  const tables = Object.values(columns).map(fieldsOf);
  const [v4, v5] = tables.slice(-2) as [FieldTable, FieldTable];
  const up = conversion === null ? NO_EFFECTS : v4ToV5.effects[conversion];
  const down = conversion === null ? NO_EFFECTS : v5ToV4.effects[conversion];
  const own = new Set(tables.flatMap(Object.keys));
  // What is handed beside a structure is no field of it, and is refused all the same.
  const beside =
    conversion === null || prefix !== ''
      ? []
      : down.refuses.filter(({ field }) => !own.has(field) && !field.includes('.'));
  const rows = [...own, ...beside.map(({ field }) => field)].map((name) => {
    const field = `${prefix}${name}`;
    const has = tables.map((fields) => (Object.hasOwn(fields, name) ? 'yes' : 'no'));
    if (conversion === null) return [code(name), ...has];
    const madeUp = notes(up.makesUp, field);
    const refused = notes(down.refuses, field);
    const keptUp = notes(up.invalidates, field);
    const keptDown = notes(down.invalidates, field);
    const parts = [...up.makesUp, ...down.refuses].some((effect) => effect.field.startsWith(`${field}.`));
    const isOnlyOfV5 = Object.hasOwn(v5, name) && !Object.hasOwn(v4, name);
    if (isOnlyOfV5 && (madeUp === '' || refused === '')) throw new Error(`${field} is made up or dropped in silence`);
    const carried = parts ? 'its parts are converted' : 'carried over';
    const risk =
      refused !== '' ? 'high' : keptUp !== '' || keptDown !== '' ? 'medium' : parts ? 'that of its parts' : 'none';
    return [
      code(name),
      ...has,
      madeUp !== ''
        ? `made up: ${madeUp}`
        : keptUp !== ''
          ? `no longer true: ${keptUp}`
          : Object.hasOwn(v5, name)
            ? carried
            : 'not part of it',
      refused !== '' ? `refused: ${refused}` : keptDown !== '' ? `no longer true: ${keptDown}` : carried,
      risk,
    ];
  });
  const head = ['field', ...Object.keys(columns)];
  return table(conversion === null ? head : [...head, 'v4 to v5', 'v5 to v4', 'risk'], rows);
}

/** The methods that an adapter would take for a call, the first that an engine offers; or why there is none. */
function methodsOf(
  create: (engine: EngineClient) => LighthouseApi,
  call: (api: LighthouseApi) => { send(): Promise<unknown> },
): string {
  let methods: readonly string[] = [];
  const engine: EngineClient = {
    name: 'shared',
    call(choices) {
      methods = choices.map(({ method }) => method);
      return new Promise(() => {});
    },
    close: async () => {},
  };
  try {
    void call(create(engine)).send();
  } catch (error) {
    return `refused: ${code((error as CompatError).code)}`;
  }
  return methods.map((method) => code(method.replace('engine_', ''))).join(', else ');
}

const payloadId = '0x0000000000000001';
const beside = { expectedBlobVersionedHashes: [], parentBeaconBlockRoot: hash(77) };

const calls: readonly (readonly [string, ServedFork, (api: LighthouseApi) => { send(): Promise<unknown> }])[] = [
  ['newPayload', 'paris', (api) => api.newPayload({ fork: 'paris', executionPayload: parisPayload(1) })],
  ['newPayload', 'shanghai', (api) => api.newPayload({ fork: 'shanghai', executionPayload: capellaPayload(1) })],
  ['newPayload', 'cancun', (api) => api.newPayload({ fork: 'cancun', executionPayload: denebPayload(1), ...beside })],
  ...(['paris', 'shanghai', 'cancun'] as const).map(
    (fork) =>
      [
        'forkchoiceUpdated',
        fork,
        (api: LighthouseApi) => api.forkchoiceUpdated({ fork, forkchoiceState: headAt(1), payloadAttributes: null }),
      ] as const,
  ),
  [
    'forkchoiceUpdated with attributes',
    'paris',
    (api) => api.forkchoiceUpdated({ fork: 'paris', forkchoiceState: headAt(1), payloadAttributes: parisAttributes }),
  ],
  [
    'forkchoiceUpdated with attributes',
    'shanghai',
    (api) =>
      api.forkchoiceUpdated({ fork: 'shanghai', forkchoiceState: headAt(1), payloadAttributes: capellaAttributes }),
  ],
  [
    'forkchoiceUpdated with attributes',
    'cancun',
    (api) => api.forkchoiceUpdated({ fork: 'cancun', forkchoiceState: headAt(1), payloadAttributes: denebAttributes }),
  ],
  ...(['paris', 'shanghai', 'cancun'] as const).map(
    (fork) => ['getPayload', fork, (api: LighthouseApi) => api.getPayload({ fork, payloadId })] as const,
  ),
];

const methodTable = (): string =>
  table(
    ['call', 'fork', 'through v4', 'through v5', 'risk'],
    calls.map(([name, fork, call]) => {
      const v4 = methodsOf(createV4Adapter, call);
      const v5 = methodsOf(createV5Adapter, call);
      const risk = v4.startsWith('refused') ? 'high' : v4 === v5 ? 'none' : 'low';
      return [code(name), fork, v4, v5, risk];
    }),
  );

/** Every JSON-RPC error code that is told from others. */
function errorTable(): string {
  const rows: Row[] = [];
  for (let rpcCode = -32_000; rpcCode >= -38_100; rpcCode--) {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: rpcCode, message: '' } });
    try {
      decodeResponse(text, 1, { engine: 'v4', method: 'any' });
    } catch (error) {
      const { code: name } = error as CompatError;
      if (name === 'RPC_ERROR') continue;
      const isCause = fallbackCauseOf(new CompatError(name, '')) !== null;
      rows.push([`${rpcCode}`, code(name), isCause ? "v4's answer" : 'this error']);
    }
  }
  return table(['JSON-RPC code', '`CompatError` code', 'the caller gets in `v5_primary` and a canary'], rows);
}

/** The page with each generated section as the code has it now. */
export function withTables(page: string): string {
  const sections: Readonly<Record<string, () => string>> = {
    methods: methodTable,
    errors: errorTable,
    ...Object.fromEntries(Object.entries(structures).map(([name, structure]) => [name, () => fieldTable(structure)])),
  };
  let result = page;
  for (const [name, write] of Object.entries(sections)) {
    const section = new RegExp(`<!-- generated:${name} -->[\\s\\S]*?<!-- /generated -->`);
    if (!section.test(result)) throw new Error(`the page has no section ${name}`);
    result = result.replace(section, () => `<!-- generated:${name} -->\n${write()}\n<!-- /generated -->`);
  }
  return result;
}
