type Listener<D> = (detail: D) => void;
type Member<D> = { readonly listener: Listener<D>; isGone: boolean };

/** Who listens to one event: what is gone through is a list of its own, which stays as it is when a listener comes or goes meanwhile. */
type Audience<D> = { readonly members: Map<Listener<D>, Member<D>>; list: readonly Member<D>[] };

/** Listeners to events, of which none can harm the others or what they hear of. */
export type Listeners<Events> = {
  /** Adds a listener, once however often it is added; the function returned removes it. One that is removed while an event is told hears no more of it, and one that is added hears of the next. */
  on<E extends keyof Events>(event: E, listener: Listener<Events[E]>): () => void;
  emit<E extends keyof Events>(event: E, detail: Events[E]): void;
  /** Whether anyone listens: what nobody is to hear need not be put together. */
  has(event: keyof Events): boolean;
};

/** Makes an empty set for the events of a table; `onListenerError` hears of a listener that throws, or whose promise rejects. */
export function createListenersTo<Events>(
  events: Readonly<Record<keyof Events, true>>,
  onListenerError: (event: keyof Events, error: unknown) => void,
): Listeners<Events> {
  const audiences = Object.fromEntries(
    Object.keys(events).map((event) => [event, { members: new Map(), list: [] }]),
  ) as unknown as { readonly [E in keyof Events]: Audience<Events[E]> };

  // A function of its own: a closure in `tell` over `event` would cost a context in every call, promise or not.
  function hearRejection(event: keyof Events, returned: Promise<unknown>): void {
    returned.catch((error: unknown) => onListenerError(event, error));
  }
  function tell<D>(event: keyof Events, listener: Listener<D>, detail: D): void {
    try {
      // An async listener has the type of a listener; its rejection is its own too.
      const returned: unknown = listener(detail);
      if (returned instanceof Promise) hearRejection(event, returned);
    } catch (error) {
      onListenerError(event, error);
    }
  }

  return {
    on<E extends keyof Events>(event: E, listener: Listener<Events[E]>) {
      const audience: Audience<Events[E]> = audiences[event];
      const member = audience.members.get(listener) ?? { listener, isGone: false };
      audience.members.set(listener, member);
      audience.list = [...audience.members.values()];
      return () => {
        member.isGone = true;
        if (audience.members.get(listener) === member) audience.members.delete(listener);
        audience.list = [...audience.members.values()];
      };
    },
    has: (event) => audiences[event].list.length > 0,
    emit(event, detail) {
      for (const member of audiences[event].list) if (!member.isGone) tell(event, member.listener, detail);
    },
  };
}
