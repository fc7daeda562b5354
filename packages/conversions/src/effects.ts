/** What a conversion does to one field. */
export type FieldEffect = {
  /** The field, as the converted structure or its argument names it. */
  readonly field: string;
  /** What happens to it or because of it, in one sentence. */
  readonly note: string;
};

/** What a conversion does that its types do not show; a field in none of the lists is carried over unchanged. */
export type ConversionEffects = {
  /** Fields that the source does not have and the conversion fills. */
  readonly makesUp: readonly FieldEffect[];
  /** Fields that are kept but no longer say what they said. */
  readonly invalidates: readonly FieldEffect[];
  /** Fields whose loss is refused with `INCOMPATIBLE_FEATURE`, which names them as its `feature`. */
  readonly refuses: readonly FieldEffect[];
};

/** The structures that are converted in either direction, by the name of the conversion. */
export type ConversionName = 'convertExecutionPayload' | 'convertForkchoiceState' | 'convertPayloadAttributes';
