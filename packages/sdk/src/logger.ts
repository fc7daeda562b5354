/** Where the SDK says what a person should know; pino, winston and console fit. */
export type Logger = {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
};

/** Says nothing; the default. */
export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
