/** What a conversion does to one field. */
export type FieldEffect = {
  /** The field, as the converted structure or its argument names it; inside a block, its path from the signed block. */
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
  /** Fields whose loss is refused with `INCOMPATIBLE_FEATURE`, which names them (the last part of their path) as its `feature`. */
  readonly refuses: readonly FieldEffect[];
};

/** The structures that are converted in either direction, by the name of the conversion. */
export type ConversionName =
  | 'convertExecutionPayload'
  | 'convertForkchoiceState'
  | 'convertPayloadAttributes'
  | 'convertBlock';

const SIGNED_BY_FORK = 'Is kept; its signatures of epochs since the fork are for the fork version from before.';

/** What either conversion of a signed block invalidates beside its execution block hash. */
export const blockInvalidates: readonly FieldEffect[] = [
  { field: 'signature', note: 'Is kept, and signs the block root and fork version from before.' },
  {
    field: 'message',
    note: 'Its hash tree root, the block root, changes with the body: what names that root no longer does.',
  },
  { field: 'message.stateRoot', note: 'Is kept, and is the root of a state of the other fork.' },
  { field: 'message.body', note: 'Its hash tree root changes: the fields of the body and of the payload differ.' },
  { field: 'message.body.randaoReveal', note: SIGNED_BY_FORK },
  { field: 'message.body.proposerSlashings', note: SIGNED_BY_FORK },
  { field: 'message.body.attesterSlashings', note: SIGNED_BY_FORK },
  { field: 'message.body.attestations', note: SIGNED_BY_FORK },
  {
    field: 'message.body.voluntaryExits',
    note: 'Are kept; Deneb takes those signed for the fork version of Capella alone (EIP-7044).',
  },
  { field: 'message.body.syncAggregate', note: SIGNED_BY_FORK },
];
