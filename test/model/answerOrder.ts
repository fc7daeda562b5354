import type { Scheduler } from 'fast-check';

/** What decides in which order engines and flags answer: fast-check's scheduler, or a list. */
export type AnswerOrder = Pick<Scheduler, 'schedule' | 'count' | 'waitOne'>;

/** Answers in the order of a list of label beginnings (`v4`, `v5`, `shared`, `tell`), each time the oldest that fits, and what is not listed oldest first. */
export function inOrder(wanted: readonly string[]): AnswerOrder {
  const left = [...wanted];
  const tasks: { readonly label: string; readonly run: () => void }[] = [];
  return {
    schedule: (task, label = '') =>
      new Promise((resolve, reject) => tasks.push({ label, run: () => void task.then(resolve, reject) })),
    count: () => tasks.length,
    async waitOne() {
      const next = left.shift();
      const at = next === undefined ? 0 : tasks.findIndex(({ label }) => label.startsWith(next));
      if (at === -1) throw new Error(`nothing waits for ${next}, only ${tasks.map(({ label }) => label).join(', ')}`);
      for (const { run } of tasks.splice(at, 1)) run();
    },
  };
}
