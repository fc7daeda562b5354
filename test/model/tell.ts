import { codeOf } from './calls.js';
import type { Ending, History, HistoryEvent } from './history.js';

const plain = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
const text = (value: unknown): string => JSON.stringify(value, plain) ?? 'undefined';

const ended = (ending: Ending): string => (ending.kind === 'error' ? codeOf(ending.error) : text(ending.value));

function line(event: HistoryEvent): string {
  switch (event.kind) {
    case 'entered':
      return `call ${event.call} ${text(event.spec)} lanes ${event.stats.lanes.v4.calls} ${event.stats.lanes.v5.calls}`;
    case 'settled':
      return `call ${event.call} settled: ${ended(event.ending)}`;
    case 'received':
      return `  send ${event.send} (call ${event.call}) at ${event.adapter}: ${event.method}${event.hasAttributes ? ' with attributes' : ''} ${event.payloadId ?? ''}`;
    case 'answered':
      return `  send ${event.send} answered: ${ended(event.ending)}`;
    case 'observed': {
      const { decision, answering, other, comparison } = event.observation;
      return `  observed ${decision.operation} ${decision.adapter} ${decision.mode} ${decision.reason} ${decision.flagKey} ${text(answering.outcome)} ${text(other?.outcome)} ${comparison?.verdict}`;
    }
    case 'quiet': {
      const { standby } = event;
      return `-- quiet ${standby.v4.state} ${standby.v5.state}`;
    }
    case 'escaped':
      return `escaped ${event.how}: ${String(event.error)}`;
    default: {
      const { seq: _seq, atMs: _atMs, ...rest } = event;
      return text(rest);
    }
  }
}

/** A history to read. */
export function tellHistory({ setup, events }: History): string {
  return [text(setup), ...events.map((event) => `${event.seq} @${event.atMs} ${line(event)}`)].join('\n');
}
