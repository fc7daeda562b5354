// The name and the password of an address, and a JWT: what an error of somebody else's may have put into its message.
const addressSecret = /\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#@]*@/gi;
const jwt = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const bearer = /\b(bearer\s+)[^\s"']+/gi;

/** No text of an answer is longer: to look through one costs up to its square. */
const maximumCharacters = 10_000;

/** Takes out of a text what looks like a secret, and cuts off what is too long to be looked through. */
export const withoutSecrets = (text: string): string =>
  (text.length > maximumCharacters ? `${text.slice(0, maximumCharacters)}…` : text)
    .replace(addressSecret, '$1***@')
    .replace(jwt, '***')
    .replace(bearer, '$1***');

/** Writes JSON of anything: a bigint as a decimal text, a number that JSON has not as null, and no secret in any text. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'bigint') return member.toString();
    return typeof member === 'string' ? withoutSecrets(member) : member;
  });
