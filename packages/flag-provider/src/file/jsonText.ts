import { type Node, type ParseErrorCode, parseTree, printParseErrorCode, visit } from 'jsonc-parser';
import { FlagProviderError } from '../errors.js';
import { member } from '../frozenJson.js';

/** What a text means, or why it means nothing: `message` begins with the fault's place, as in `3:14: flags.x.percent: ...`, line and column from 1. */
export type TextReading<T> =
  | { readonly kind: 'good'; readonly value: T }
  | { readonly kind: 'broken'; readonly message: string };

const strict = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };
const maximumDepth = 100;

/** Reads JSON strictly (RFC 8259, no name twice in an object, at most 100 levels) and gives what `parse` makes of it; a FlagProviderError that it throws is placed by its path. */
export function readJsonText<T>(text: string, parse: (document: unknown) => T): TextReading<T> {
  const fault = syntaxFault(text);
  if (fault !== undefined) return fault;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { kind: 'broken', message: '1:1: not JSON' };
  }
  try {
    return { kind: 'good', value: parse(document) };
  } catch (error) {
    if (!(error instanceof FlagProviderError)) throw error;
    const tree = parseTree(text);
    const offset = tree === undefined ? 0 : offsetOf(tree, '', error.path);
    return { kind: 'broken', message: `${placeOf(text, offset)}: ${error.message}` };
  }
}

class Found extends Error {}

function syntaxFault(text: string): { readonly kind: 'broken'; readonly message: string } | undefined {
  const namesInside: Set<string>[] = [];
  let depth = 0;
  const stop = (line: number, character: number, detail: string): never => {
    throw new Found(`${line + 1}:${character + 1}: ${detail}`);
  };
  const enter = (line: number, character: number): void => {
    depth++;
    if (depth > maximumDepth) stop(line, character, `more than ${maximumDepth} levels deep`);
  };
  const leave = (): void => {
    depth--;
  };
  try {
    // Only throwing ends a visit, and the first fault is the one to tell.
    visit(
      text,
      {
        onObjectBegin: (_offset, _length, line, character) => {
          enter(line, character);
          namesInside.push(new Set());
        },
        onObjectProperty: (name, _offset, _length, line, character) => {
          const names = namesInside.at(-1);
          if (names?.has(name)) stop(line, character, `${JSON.stringify(name)} is there twice`);
          names?.add(name);
        },
        onObjectEnd: () => {
          leave();
          namesInside.pop();
        },
        onArrayBegin: (_offset, _length, line, character) => enter(line, character),
        onArrayEnd: leave,
        onError: (code, _offset, _length, line, character) => stop(line, character, `not JSON: ${inWords(code)}`),
      },
      strict,
    );
  } catch (error) {
    if (error instanceof Found) return { kind: 'broken', message: error.message };
    throw error;
  }
  return undefined;
}

/** Finds the value that a path names, or the nearest around it that is there. */
function offsetOf(node: Node, path: string, wanted: string): number {
  for (const [index, child] of (node.children ?? []).entries()) {
    const [name, value] = child.type === 'property' ? (child.children ?? []) : [undefined, child];
    if (value === undefined) continue;
    const childPath = name === undefined ? `${path}[${index}]` : member(path, name.value);
    if (wanted === childPath) return value.offset;
    if (wanted.startsWith(`${childPath}.`) || wanted.startsWith(`${childPath}[`)) {
      return offsetOf(value, childPath, wanted);
    }
  }
  return node.offset;
}

function placeOf(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  return `${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`;
}

/** `CommaExpected` as "comma expected". */
function inWords(code: ParseErrorCode): string {
  return printParseErrorCode(code)
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase();
}
