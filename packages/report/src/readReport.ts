import { createReadStream } from 'node:fs';
import { CompatError, createReportRecorder, type Report, readRecordedCall } from '@lighthouse-compat/sdk';

/** What a file of recorded observations comes to. */
export type ReadReport = {
  readonly report: Report;
  readonly lines: number;
  /** The last line was cut off, as it is when the process that wrote it was killed; it is left out. */
  readonly isCutOff: boolean;
};

type Line = { readonly text: string; readonly isWhole: boolean };

async function* linesOf(file: string): AsyncGenerator<Line> {
  let rest = '';
  for await (const chunk of createReadStream(file, 'utf8')) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const text of parts) yield { text, isWhole: true };
  }
  if (rest !== '') yield { text: rest, isWhole: false };
}

/** Reads a file that an observation log has written, line by line; throws INVALID_RECORD with `line N` and the field as its path. */
export async function readReport(file: string): Promise<ReadReport> {
  const recorder = createReportRecorder();
  let lines = 0;
  let isCutOff = false;
  for await (const { text, isWhole } of linesOf(file)) {
    lines += 1;
    if (text.trim() === '') continue;
    try {
      const { call, atMs } = readRecordedCall(text, `line ${lines}`);
      recorder.add(call, atMs);
    } catch (error) {
      if (isWhole || !(error instanceof CompatError)) throw error;
      isCutOff = true;
    }
  }
  return { report: recorder.report(), lines, isCutOff };
}
