import { type Command, InvalidArgumentError, Option } from 'commander';
import { variables } from './config/settings.js';

/** Reads a whole number from a text; throws what the library tells a person. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`a whole number from ${min} to ${max} is needed`);
  };

/** Reads a text that says something. */
function text(given: string): string {
  if (given.trim() !== '') return given;
  throw new InvalidArgumentError('a text that is not empty is needed');
}

/** Adds what every command takes. */
export const withCommon = (command: Command): Command =>
  command
    .addOption(new Option('--config <file>', `configuration, YAML or JSON (${variables.config})`))
    .addOption(new Option('--json', 'print JSON and nothing else'));

/** Adds what a command takes that asks a service. */
export const withService = (command: Command): Command =>
  withCommon(command)
    .addOption(new Option('--service <name>', 'one of the services in the configuration'))
    .addOption(new Option('--url <url>', `a control API that is not in it (${variables.url})`))
    .addOption(new Option('--token-file <file>', `a file with its token (${variables.tokenFile})`));

/** Adds what a command takes that does something. */
export const withActor = (command: Command): Command =>
  withService(command).addOption(
    new Option('--by <name>', `who acts, for the journal (${variables.by})`).argParser(text),
  );
