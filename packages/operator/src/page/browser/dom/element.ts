/** What an element can hold; null is nothing. */
export type Child = Node | string | null;

/** Makes an element. Text goes in as text: nothing that a service says becomes markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | boolean>>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

/** Finds a part of the document by its name. */
export function part(name: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-part="${name}"]`);
  if (found === null) throw new Error(`the document has no part ${name}`);
  return found;
}

/** Gives what shows a view in a part, and touches the document only where the view has changed, so that what a person has marked or reached by keyboard stays. */
export function shower<V>(name: string, draw: (view: V) => readonly Child[]): (view: V) => void {
  const place = part(name);
  let shown: string | undefined;
  return (view) => {
    const text = JSON.stringify(view);
    if (text === shown) return;
    shown = text;
    place.replaceChildren(...draw(view).filter((child) => child !== null));
  };
}
