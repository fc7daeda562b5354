import { expect, test } from 'vitest';
import { createListenersTo } from '../../packages/sdk/src/listeners.js';

type Events = { told: string; other: number };

function open() {
  const errors: unknown[] = [];
  const listeners = createListenersTo<Events>({ told: true, other: true }, (event, error) =>
    errors.push([event, (error as Error).message]),
  );
  const heard: string[] = [];
  const hear = (name: string) => (detail: string) => void heard.push(`${name} ${detail}`);
  return { listeners, heard, hear, errors };
}

test('each listener hears of its own event, in the order in which they came', () => {
  const { listeners, heard, hear } = open();
  expect(listeners.has('told')).toBe(false);
  listeners.on('told', hear('a'));
  listeners.on('told', hear('b'));
  listeners.on('other', () => heard.push('other'));
  listeners.emit('told', '1');
  expect(heard).toEqual(['a 1', 'b 1']);
  expect(listeners.has('told')).toBe(true);
});

test('one that is removed while an event is told hears no more of it, and one that is added hears of the next', () => {
  const { listeners, heard, hear } = open();
  listeners.on('told', () => {
    removeLater();
    listeners.on('told', late);
  });
  const late = hear('late');
  const removeLater = listeners.on('told', hear('removed'));
  listeners.on('told', hear('last'));
  listeners.emit('told', '1');
  expect(heard).toEqual(['last 1']);
  listeners.emit('told', '2');
  expect(heard).toEqual(['last 1', 'last 2', 'late 2']);
});

test('one that is added twice hears once, is removed at once, and what removed it does not remove it again', () => {
  const { listeners, heard, hear } = open();
  const listener = hear('a');
  const remove = listeners.on('told', listener);
  listeners.on('told', listener);
  listeners.emit('told', '1');
  expect(heard).toEqual(['a 1']);
  remove();
  expect(listeners.has('told')).toBe(false);
  listeners.on('told', listener);
  remove();
  listeners.emit('told', '2');
  expect(heard).toEqual(['a 1', 'a 2']);
});

test('one that throws, and one whose promise rejects, harms nobody, and both are told', async () => {
  const { listeners, heard, hear, errors } = open();
  listeners.on('told', () => {
    throw new Error('thrown');
  });
  listeners.on('told', async () => {
    throw new Error('rejected');
  });
  listeners.on('told', hear('a'));
  listeners.emit('told', '1');
  await Promise.resolve();
  expect(heard).toEqual(['a 1']);
  expect(errors).toEqual([
    ['told', 'thrown'],
    ['told', 'rejected'],
  ]);
});
