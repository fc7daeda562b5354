import { OperatorError } from '../errors.js';

const loopback = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** The name of a Host header in lower case, without its port; null for what is none. */
function nameOf(host: string | undefined): string | null {
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+?)\.?(?::\d{1,5})?$/i.exec(host ?? '') ?? [];
  return name?.toLowerCase() ?? null;
}

/** Gives what tells whether a Host header names this service: a page that has its own name point to this machine does not get in by it (DNS rebinding). Loopback names always do. Throws INVALID_OPTION for what is no name. */
export function hostCheck(hosts: readonly string[]): (header: string | undefined) => boolean {
  const allowed = new Set(
    hosts.map((host, at) => {
      const name = typeof host === 'string' ? nameOf(host) : null;
      if (name !== null) return name;
      throw new OperatorError('INVALID_OPTION', `hosts[${at}]: the name of a host is needed, as a Host header has it`, {
        path: `hosts[${at}]`,
      });
    }),
  );
  return (header) => {
    const name = nameOf(header);
    return name !== null && (loopback.test(name) || allowed.has(name));
  };
}
