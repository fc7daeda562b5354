import { computeBlockHash, type Data, type ExecutionPayloadDeneb } from '@lighthouse-compat/conversions';
import { encodeRlp } from 'ethers';

const TRANSACTIONS = 322;
const hex = (byte: string, count: number): Data => `0x${byte.repeat(count)}` as const;

/** The root that the payload's hash covers. */
export const parentBeaconBlockRoot: Data = hex('0d', 32);

/** Bytes without a pattern, the same in every run. */
function bytesOf(count: number, seed: number): Uint8Array {
  let state = seed + 1;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

function transaction(index: number): Data {
  // As in a block of the mainnet: most are short, some carry calldata, a few much of it.
  const size = index % 10 === 0 ? 6_000 + ((index * 37) % 2_500) : 20 + ((index * 97) % 900);
  const fields = [
    '0x01',
    '0x1234',
    '0x3b9aca00',
    '0x77359400',
    '0x5208',
    hex('aa', 20),
    '0x01',
    bytesOf(size, index),
    [],
  ];
  const signature = ['0x01', hex('11', 32), hex('22', 32)];
  return `0x02${encodeRlp([...fields, ...signature]).slice(2)}` as const;
}

/** A payload of the size of a full mainnet block: 322 transactions, some 830 kB of JSON, its hash right. */
export function fullPayload(): ExecutionPayloadDeneb {
  const payload: ExecutionPayloadDeneb = {
    parentHash: hex('01', 32),
    feeRecipient: hex('02', 20),
    stateRoot: hex('03', 32),
    receiptsRoot: hex('04', 32),
    logsBloom: hex('05', 256),
    prevRandao: hex('06', 32),
    blockNumber: 19_426_587n,
    gasLimit: 30_000_000n,
    gasUsed: 29_000_000n,
    timestamp: 1_710_338_135n,
    extraData: '0x',
    baseFeePerGas: 19_088_743n,
    blockHash: hex('00', 32),
    transactions: Array.from({ length: TRANSACTIONS }, (_, index) => transaction(index)),
    withdrawals: Array.from({ length: 16 }, (_, index) => ({
      index: 39_000_000n + BigInt(index),
      validatorIndex: 900_000n + BigInt(index),
      address: hex('ab', 20),
      amount: 18_000_000n,
    })),
    blobGasUsed: 0n,
    excessBlobGas: 0n,
  };
  return { ...payload, blockHash: computeBlockHash(payload, { parentBeaconBlockRoot }) };
}
