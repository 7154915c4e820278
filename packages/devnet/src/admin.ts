import { z } from 'zod';
import { type Faults, faultSchema } from './faults.js';
import { findHex } from './hex.js';
import type { Ledger } from './ledger.js';
import { type Method, parseAddress } from './methods.js';
import { CODES, RpcError } from './rpc-error.js';

const optionalCount = z.tuple([z.int().min(1).max(10_000).default(1)]);
const qaSchema = z.string().regex(/^[0-9]{1,30}$/);
const reorganisation = z.strictObject({ depth: z.int().min(1), drop: z.boolean().default(false) });

/** What the timer that makes blocks is told. */
export interface BlockTimer {
  start(): void;
  stop(): void;
}

/** The calls that no network has: they make blocks, money and trouble. */
export function adminMethods({
  ledger,
  faults,
  timer,
  save,
}: {
  ledger: Ledger;
  faults: Faults;
  timer: BlockTimer;
  save: () => void;
}): Record<string, Method> {
  const done = (act: () => void) => {
    act();
    return true;
  };
  return {
    devnet_mine: (params) => {
      const [blocks] = parse(optionalCount, params.length === 0 ? [undefined] : params);
      for (let i = 0; i < blocks; i++) ledger.mine();
      return ledger.head.number;
    },
    devnet_fund: ([address, qa]) => done(() => ledger.fund(parseAddress(address), BigInt(parse(qaSchema, qa)))),
    devnet_fault: ([fault]) => done(() => faults.add(parse(faultSchema, fault))),
    devnet_clearFaults: () => done(() => faults.clear()),
    devnet_stopBlocks: () => done(() => timer.stop()),
    devnet_startBlocks: () => done(() => timer.start()),
    devnet_reorganise: ([options]) => {
      const { depth, drop } = parse(reorganisation, options);
      if (depth > ledger.head.number - ledger.finalNumber)
        throw new RpcError(CODES.parameter, 'A final block cannot be taken back');
      return done(() => ledger.reorganise(depth, { drop }));
    },
    devnet_drop: ([id]) => ledger.pool.remove(findHex(parse(z.string(), id), 32) ?? ''),
    devnet_pending: () => ledger.pool.all().map(({ transaction }) => transaction.id),
    devnet_save: () => done(save),
  };
}

/** Throws with every fault named: these calls are written by hand. */
function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (!result.success) throw new RpcError(CODES.invalidParams, `Invalid params: ${z.prettifyError(result.error)}`);
  return result.data;
}
