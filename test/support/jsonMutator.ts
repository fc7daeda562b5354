import { oneFrom, type Random, upTo } from './random.js';

// Spoils JSON documents in the ways in which real ones go wrong, and in those that parsers trip over.

type Container = Record<string, unknown>;

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'toJSON', '', '0', 'length'];

const VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 53,
  1e308,
  '',
  '0',
  '00',
  '01',
  '-1',
  '+1',
  '1e3',
  ' 1',
  '18446744073709551615',
  '18446744073709551616',
  '9'.repeat(80),
  '0x',
  '0x0',
  '0x00',
  '0x01',
  '0xffffffffffffffff',
  '0x10000000000000000',
  `0x${'f'.repeat(65)}`,
  `0x${'00'.repeat(32)}`,
  `0x${'Ab'.repeat(20)}`,
  `0x${'00'.repeat(257)}01`,
  '\u0000',
  '\ud800',
  'VALID',
  [],
  {},
  [null],
  [[]],
  { polluted: true },
];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** Sets a key as JSON.parse does, for which `__proto__` is a key like any other. */
function setOwn(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function copyOf(value: unknown): unknown {
  if (!isContainer(value)) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  const copy = {};
  for (const key of Object.keys(value)) setOwn(copy, key, copyOf(value[key]));
  return copy;
}

/** A copy of a document that is spoilt in one to four places. */
export function mutated(document: object, random: Random): unknown {
  const root = { document: copyOf(document) };
  for (let left = 1 + upTo(random, 3); left > 0; left--) {
    let holder: Container = root;
    let key = 'document';
    // Deeper with every step, and seldom the whole document.
    for (let inner = holder[key]; isContainer(inner) && random() < 0.85; inner = holder[key]) {
      const keys = Object.keys(inner);
      if (keys.length === 0) break;
      holder = inner;
      key = oneFrom(random, keys);
    }
    spoil(holder, key, random);
  }
  return root.document;
}

function spoil(holder: Container, key: string, random: Random): void {
  const value = holder[key];
  const kind = random();
  if (kind < 0.1 && holder['document'] === undefined) remove(holder, key);
  else if (kind < 0.25) setOwn(holder, key, copyOf(oneFrom(random, VALUES)));
  else if (kind < 0.3) setOwn(holder, key, oneFrom(random, [[value], { [key]: value }]));
  else if (typeof value === 'string') setOwn(holder, key, spoiltText(value, random));
  else if (Array.isArray(value)) spoilList(value, random);
  else if (isContainer(value)) spoilRecord(value, random);
  else setOwn(holder, key, copyOf(oneFrom(random, VALUES)));
}

function remove(holder: Container, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function spoiltText(text: string, random: Random): string {
  const at = upTo(random, text.length);
  const character = oneFrom(random, [...'0123456789abcdefABCDEFxX-+. \n\u0000g\u00e9']);
  switch (upTo(random, 8)) {
    case 0:
      return text.slice(0, at) + character + text.slice(at);
    case 1:
      return text.slice(0, at) + character + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + text.slice(at + 1);
    case 3:
      return text.slice(0, at);
    case 4:
      return text.startsWith('0x') ? `0x00${text.slice(2)}` : `0${text}`;
    case 5:
      return text + text.slice(2);
    case 6:
      return text.slice(0, 2) + text.slice(2).toUpperCase();
    case 7:
      return text.slice(0, 4) + text.slice(4).toLowerCase();
    default:
      return `${text}${character.repeat(upTo(random, 300))}`;
  }
}

function spoilList(list: unknown[], random: Random): void {
  const item = list[upTo(random, list.length - 1)] ?? oneFrom(random, VALUES);
  switch (upTo(random, 4)) {
    case 0:
      list.length = 0;
      return;
    case 1:
      list.push(copyOf(oneFrom(random, VALUES)));
      return;
    case 2:
      list.reverse();
      return;
    case 3:
      for (let left = upTo(random, 20); left > 0; left--) list.push(copyOf(item));
      return;
    default:
      list.splice(upTo(random, list.length), 0, copyOf(item));
  }
}

function spoilRecord(record: Container, random: Random): void {
  const keys = Object.keys(record);
  if (keys.length === 0) {
    setOwn(record, oneFrom(random, NAMES), copyOf(oneFrom(random, VALUES)));
    return;
  }
  const one = oneFrom(random, keys);
  const value = record[one];
  switch (upTo(random, 3)) {
    case 0:
      setOwn(record, oneFrom(random, NAMES), copyOf(oneFrom(random, VALUES)));
      return;
    case 1: {
      const other = oneFrom(random, keys);
      setOwn(record, one, record[other]);
      setOwn(record, other, value);
      return;
    }
    case 2:
      delete record[one];
      setOwn(record, oneFrom(random, [one.toUpperCase(), `${one}_`, one.replace('_', ''), ...NAMES]), value);
      return;
    default:
      setOwn(record, oneFrom(random, [`${one}x`, one.toUpperCase()]), copyOf(value));
  }
}
