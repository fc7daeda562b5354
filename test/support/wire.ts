import { capellaPayload } from './samples.js';

/** A Capella payload as an engine writes it. */
export function wirePayload(number: number, changes: object = {}): object {
  const { withdrawals, transactions, ...rest } = capellaPayload(number);
  const quantities = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [key, typeof value === 'bigint' ? `0x${value.toString(16)}` : value]),
  );
  return { ...quantities, withdrawals, transactions, ...changes };
}

/** The hash that a call is about: the payload's own, or the head's. */
export const hashAsked = ([first]: readonly unknown[]): string => {
  const { blockHash, headBlockHash } = first as { blockHash?: string; headBlockHash?: string };
  return blockHash ?? headBlockHash ?? '';
};

/** A payload's answer of any status. */
export const payloadStatus = (status: string, latestValidHash: string | null = null): object => ({
  status,
  latestValidHash,
  validationError: null,
});
