/** A server-sent event. */
export type SentEvent = { readonly event: string; readonly data: string; readonly id: string | null };

/** Makes a reader of a stream of server-sent events that comes in pieces; `onEvent` hears of each that is whole (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation). */
export function createEventParser(onEvent: (event: SentEvent) => void): (piece: string) => void {
  let rest = '';
  let event = '';
  let id: string | null = null;
  let data: string[] = [];

  function take(line: string): void {
    if (line === '') {
      if (data.length > 0) onEvent({ event: event === '' ? 'message' : event, data: data.join('\n'), id });
      [event, id, data] = ['', null, []];
      return;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id') id = value;
  }

  return (piece) => {
    // A carriage return at the end may be half of a line's end.
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  };
}
