import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Decision } from '@lighthouse-compat/sdk';
import { Argument, type Command, Option } from 'commander';
import { OperatorError } from '../errors.js';
import { words } from '../page/browser/view/format.js';
import type { SettingOptions } from './config/settings.js';
import { type Context, jsonText, openService } from './context.js';
import { withService } from './options.js';
import { factLines } from './text/columns.js';

const operations = ['new_payload', 'forkchoice_updated', 'get_payload'] as const;

type Options = SettingOptions & {
  readonly json?: boolean;
  readonly head?: string;
  readonly payloadId?: string;
  readonly payload?: string;
  readonly parentBeaconBlockRoot?: string;
  readonly session?: string;
};

function missing(option: string, operation: string): never {
  throw new OperatorError('INVALID_OPTION', `${option}: ${operation} needs it`, { path: option });
}

async function readPayload(file: string, { terminal }: Context): Promise<unknown> {
  try {
    return JSON.parse(await readFile(resolve(terminal.folder, file), 'utf8'));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new OperatorError('INVALID_OPTION', `--payload: ${file}: ${message}`, { path: '--payload', cause });
  }
}

async function questionOf(
  operation: (typeof operations)[number],
  options: Options,
  context: Context,
): Promise<Readonly<Record<string, unknown>>> {
  const session = options.session === undefined ? {} : { sessionId: options.session };
  switch (operation) {
    case 'new_payload': {
      const executionPayload = await readPayload(options.payload ?? missing('--payload', operation), context);
      const { parentBeaconBlockRoot } = options;
      return {
        operation,
        executionPayload,
        ...(parentBeaconBlockRoot === undefined ? {} : { parentBeaconBlockRoot }),
        ...session,
      };
    }
    case 'forkchoice_updated':
      return { operation, headBlockHash: options.head ?? missing('--head', operation), ...session };
    case 'get_payload':
      return { operation, payloadId: options.payloadId ?? missing('--payload-id', operation), ...session };
  }
}

function decisionText(decision: Decision, { paint }: Context): string {
  const { operation, adapter, mode, reason, targetingKey, flagKey, variant, bucket, unusableFlags } = decision;
  return factLines(
    [
      { name: 'Operation', value: operation },
      { name: 'Answered by', value: adapter },
      { name: 'Because', value: reason },
      { name: 'Mode', value: words(mode) },
      { name: 'Targeting key', value: targetingKey ?? '-' },
      { name: 'Bucket', value: bucket === null ? '-' : `${bucket} of 100` },
      { name: 'Flag', value: flagKey === null ? '-' : `${flagKey}${variant === null ? '' : `, ${variant}`}` },
      ...unusableFlags.map((flag) => ({
        name: 'Flag that counts as off',
        value: JSON.stringify(flag),
        tone: 'attention' as const,
      })),
    ],
    paint,
  );
}

async function run(operation: (typeof operations)[number], options: Options, context: Context): Promise<void> {
  const { client } = await openService(options, context);
  const { decision } = await client.decision(await questionOf(operation, options, context));
  context.terminal.out(options.json === true ? jsonText(decision) : decisionText(decision, context));
}

/** Adds `decide`. */
export function addDecide(program: Command, context: Context): void {
  withService(program.command('decide').summary('say by which version a call would be answered, and why'))
    .description('say by which version a call would be answered, and why\n\nNothing is sent to an engine.')
    .addArgument(new Argument('<operation>', 'which call').choices(operations))
    .addOption(new Option('--head <hash>', 'headBlockHash, of forkchoice_updated'))
    .addOption(new Option('--payload-id <id>', 'payloadId, of get_payload'))
    .addOption(new Option('--payload <file>', 'executionPayload as Engine API JSON, of new_payload'))
    .addOption(new Option('--parent-beacon-block-root <root>', 'of new_payload in Deneb'))
    .addOption(new Option('--session <id>', 'the sessionId of the call'))
    .action((operation: (typeof operations)[number], options: Options) => run(operation, options, context));
}
