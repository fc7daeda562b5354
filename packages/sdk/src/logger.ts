/** Where the SDK says what a person should know; pino, winston and console fit. */
export type Logger = {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
};

/** Says nothing; the default. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };

/** Wraps a caller's logger so that one that throws harms no call. */
export function isolated(logger: Logger): Logger {
  const safely = (write: (message: string) => void) => (message: string) => {
    try {
      write(message);
    } catch {
      // There is nowhere left to say it.
    }
  };
  return {
    info: safely((message) => logger.info(message)),
    warn: safely((message) => logger.warn(message)),
    error: safely((message) => logger.error(message)),
  };
}
