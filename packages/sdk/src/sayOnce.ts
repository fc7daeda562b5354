import type { Logger } from './logger.js';

/** Past this many different messages the log has had its warning. */
const maxMessages = 256;

/** Makes a warning that says each message once, and tells whether it said it now. */
export function createSayOnce(logger: Logger): (message: string) => boolean {
  const said = new Set<string>();
  return (message) => {
    if (said.has(message) || said.size >= maxMessages) return false;
    said.add(message);
    logger.warn(message);
    return true;
  };
}
