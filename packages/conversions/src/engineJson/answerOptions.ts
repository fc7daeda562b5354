/** How an engine's answer is read. */
export type AnswerOptions = {
  /** What errors call the answer; the noun's name if left out. */
  readonly path?: string | undefined;
  /** Told the path of each field that the specification does not have; they are ignored. */
  readonly onUnknownField?: ((path: string) => void) | undefined;
};

/** For answers whose unknown fields nobody asked about. */
export function ignoreField(): void {}
