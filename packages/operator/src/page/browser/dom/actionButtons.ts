import type { ActionAnswer, ActionBody } from '@lighthouse-compat/operator';
import type { Api } from '../feed/api.js';
import type { ActionForm } from '../view/actions.js';
import { saidOf } from '../view/said.js';
import { ask } from './dialog.js';
import { type Child, element } from './element.js';

const doneText = ({ label }: ActionForm, { drill }: ActionAnswer): string =>
  (drill === null ? null : saidOf('drill', drill)) ?? `${label}: done`;

/** The buttons of the actions, each of which asks before it does anything; those that are rare are behind another. */
export function createActionButtons({
  api,
  onDone,
}: {
  readonly api: Api;
  readonly onDone: (said: string) => void;
}): (forms: readonly ActionForm[]) => readonly Child[] {
  let by = '';
  let isTokenWrong = false;
  const rare = element('div', { class: 'buttons' });
  // One and the same for as long as the page is open: a change of the state does not shut it.
  const summary = element('summary', {}, 'More');
  const more = element('details', { class: 'more' }, summary, rare);

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
          ...(form.choice !== null && filled.isChosen ? { [form.choice.field]: true } : {}),
        };
        const answered = await api.act(form.name, body);
        if (answered.ok) {
          isTokenWrong = false;
          onDone(doneText(form, answered.answer));
          return null;
        }
        isTokenWrong = answered.code === 'WRONG_TOKEN' || answered.code === 'TOKEN_NEEDED';
        return answered.message;
      },
    });
    // The button that was clicked may have been replaced meanwhile.
    if (document.activeElement === null || document.activeElement === document.body) focusOn(form.name);
  }

  /** Puts the focus on an action, or on what is always there. */
  function focusOn(name: string): void {
    (document.querySelector<HTMLElement>(`[data-action="${name}"]`) ?? summary).focus();
  }

  function buttonOf(form: ActionForm): HTMLButtonElement {
    const button = element(
      'button',
      { type: 'button', 'data-action': form.name, class: form.isGrave ? 'grave' : 'plain' },
      form.label,
    );
    button.addEventListener('click', () => void run(form));
    return button;
  }

  /** Gives what puts the focus back once the buttons have been replaced: on the same action, or on what is always there. */
  function keepFocus(): () => void {
    const { activeElement } = document;
    if (activeElement === summary) return () => summary.focus();
    const name = activeElement?.getAttribute('data-action') ?? null;
    if (name === null) return () => {};
    return () => focusOn(name);
  }

  return (forms) => {
    queueMicrotask(keepFocus());
    const hidden = forms.filter(({ isRare }) => isRare);
    rare.replaceChildren(...hidden.map(buttonOf));
    return [...forms.filter(({ isRare }) => !isRare).map(buttonOf), hidden.length === 0 ? null : more];
  };
}
