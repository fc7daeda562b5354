/** How the page stands with the service; times are the browser's, in Unix milliseconds. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'open' }
  | { readonly kind: 'lost'; readonly sinceMs: number; readonly why: string }
  /** Reading needs the token here too. */
  | { readonly kind: 'needs_token'; readonly isWrong: boolean };
