import type { Clock } from '../clock.js';
import { CompatError } from '../errors.js';
import type { CompatListeners } from '../events.js';
import type { Report } from './report.js';
import { createReportRecorder } from './reportRecorder.js';

/** Makes what `report()` gives: everything since the start where it is kept, and INVALID_OPTION where it is not. */
export function createLiveReport(isKept: boolean, listeners: CompatListeners, clock: Clock): () => Report {
  if (!isKept) {
    return () => {
      throw new CompatError('INVALID_OPTION', 'report: nothing is kept for a report unless this option is true', {
        path: 'report',
      });
    };
  }
  const recorder = createReportRecorder();
  listeners.on('observation', (observation) => recorder.add(observation, clock.nowMs()));
  return recorder.report;
}
