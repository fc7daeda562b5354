import type { ActionBody } from '@lighthouse-compat/operator';
import type { Api } from '../feed/api.js';
import type { ActionForm } from '../view/actions.js';
import { ask } from './dialog.js';
import { type Child, element } from './element.js';

/** The buttons of the actions, each of which asks before it does anything. */
export function createActionButtons({
  api,
  onDone,
}: {
  readonly api: Api;
  readonly onDone: (said: string) => void;
}): (forms: readonly ActionForm[]) => readonly Child[] {
  let by = '';
  let isTokenWrong = false;

  async function run(form: ActionForm): Promise<void> {
    // A dialog that is open stays what it was opened for.
    if (document.querySelector('dialog') !== null) return;
    await ask({
      ...form,
      needsName: true,
      needsToken: !api.hasToken || isTokenWrong,
      by,
      async confirm(filled) {
        by = filled.by;
        if (filled.token !== '') api.setToken(filled.token);
        const body: ActionBody = {
          by,
          ...(form.needsReason ? { reason: filled.reason } : {}),
          ...(form.force !== null && filled.force ? { force: true } : {}),
        };
        const answered = await api.act(form.name, body);
        if (answered.ok) {
          isTokenWrong = false;
          onDone(`${form.label}: done`);
          return null;
        }
        isTokenWrong = answered.code === 'WRONG_TOKEN' || answered.code === 'TOKEN_NEEDED';
        return answered.message;
      },
    });
  }

  return (forms) =>
    forms.map((form) => {
      const button = element(
        'button',
        { type: 'button', 'data-action': form.name, class: form.isGrave ? 'grave' : 'plain' },
        form.label,
      );
      button.addEventListener('click', () => void run(form));
      return button;
    });
}
