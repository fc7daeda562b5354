/** No flag or context field has a longer name: Unleash itself allows 100 characters. */
const maximumKeyLength = 256;

/** Tells a name that may reach the Unleash client, which keeps names in plain objects, from one that would meet or change Object.prototype there, or fill its memory. */
export function isSafeKey(key: unknown): key is string {
  return typeof key === 'string' && key !== '' && key.length <= maximumKeyLength && !(key in Object.prototype);
}

/** A name as a message shows it: never longer than it is useful. */
export function shownKey(key: unknown): string {
  const text = String(key);
  return text.length <= 64 ? `"${text}"` : `"${text.slice(0, 64)}..." (${text.length} characters)`;
}
