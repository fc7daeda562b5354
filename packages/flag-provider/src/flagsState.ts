/** Where the flags of a provider stand. */
export type FlagsState<T> =
  | { readonly kind: 'closed' }
  /** There are none yet, for the reason that the message gives. */
  | { readonly kind: 'waiting'; readonly message: string }
  /** In force; stale ones are those that a broken file held before it broke. */
  | { readonly kind: 'flags'; readonly flags: T; readonly isStale: boolean };
