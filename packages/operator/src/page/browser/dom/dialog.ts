import type { ActionForm } from '../view/actions.js';
import { element } from './element.js';

/** What a person has filled in. */
type Filled = { readonly by: string; readonly reason: string; readonly isChosen: boolean; readonly token: string };

/** What a dialog asks for. */
export type Question = Pick<ActionForm, 'label' | 'does'> &
  Partial<Pick<ActionForm, 'needsReason' | 'choice' | 'isGrave'>> & {
    readonly needsName: boolean;
    readonly needsToken: boolean;
    /** What stands in the field of the name at first. */
    readonly by: string;
    /** Does it; gives null where it was done, else why not, which is shown while the dialog stays. */
    readonly confirm: (filled: Filled) => Promise<string | null>;
  };

let opened = 0;

type Kind = 'text' | 'password' | 'textarea';

function field(
  label: string,
  kind: Kind,
  hint = '',
): { readonly row: HTMLElement; readonly input: HTMLInputElement | HTMLTextAreaElement } {
  opened += 1;
  const id = `field-${opened}`;
  const common = { id, required: true, autocomplete: 'off', spellcheck: 'false', maxlength: '500' };
  const input =
    kind === 'textarea'
      ? element('textarea', { ...common, rows: '2' })
      : element('input', { ...common, type: kind, ...(kind === 'password' ? { maxlength: '4096' } : {}) });
  return {
    input,
    row: element(
      'div',
      { class: 'field' },
      element('label', { for: id }, label),
      input,
      hint === '' ? null : element('p', { class: 'note' }, hint),
    ),
  };
}

/** Asks a person before something is done; settles when the dialog has been closed. The token that is typed goes to `confirm` and is kept nowhere in the document. */
export function ask(question: Question): Promise<void> {
  const { label, does, needsReason = false, choice = null, isGrave = false, confirm } = question;
  const name = question.needsName ? field('Your name', 'text') : null;
  const reason = needsReason ? field('Reason', 'textarea') : null;
  const token = question.needsToken
    ? field('Token', 'password', 'Kept by this page until it is closed, and nowhere else.')
    : null;
  const chosen = choice === null ? null : element('input', { type: 'checkbox', id: 'field-choice' });
  const failure = element('p', { class: 'failure', role: 'alert' });
  const cancel = element('button', { type: 'button' }, 'Cancel');
  const submit = element('button', { type: 'submit', class: isGrave ? 'grave' : 'plain' }, label);
  const form = element(
    'form',
    { method: 'dialog' },
    element('h2', { id: 'dialog-title' }, label),
    element('p', { id: 'dialog-does' }, does),
    name?.row ?? null,
    reason?.row ?? null,
    chosen === null ? null : element('label', { class: 'check', for: 'field-choice' }, chosen, ` ${choice?.label}`),
    token?.row ?? null,
    failure,
    element('div', { class: 'buttons' }, cancel, submit),
  );
  const dialog = element('dialog', { 'aria-labelledby': 'dialog-title', 'aria-describedby': 'dialog-does' }, form);
  if (name !== null) name.input.value = question.by;

  cancel.addEventListener('click', () => dialog.close());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    submit.disabled = true;
    submit.textContent = `${label} …`;
    failure.textContent = '';
    const why = await confirm({
      by: name?.input.value.trim() ?? '',
      reason: reason?.input.value.trim() ?? '',
      isChosen: chosen?.checked ?? false,
      token: token?.input.value ?? '',
    });
    submit.disabled = false;
    submit.textContent = label;
    if (why === null) dialog.close();
    else failure.textContent = why;
  });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve();
    });
  });
}
