import { OperatorError } from './errors.js';

/** Checks the address of a server and gives it without a slash at its end; throws INVALID_OPTION with the option's path. */
export function parseServerUrl(url: string, path = 'url'): string {
  const invalid = (what: string): OperatorError => new OperatorError('INVALID_OPTION', `${path}: ${what}`, { path });
  if (!URL.canParse(url)) throw invalid('an address is needed');
  const { protocol, username, password, search, hash, href } = new URL(url);
  if (protocol !== 'http:' && protocol !== 'https:') throw invalid('http or https is needed');
  if (username !== '' || password !== '') throw invalid('a name and a password have no place in it');
  if (search !== '' || hash !== '') throw invalid('the address ends with its path');
  return href.replace(/\/+$/, '');
}
