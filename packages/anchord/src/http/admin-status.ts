import type { StatusReply } from '@chronos/shared';
import type { Anchorer, AnchorerState } from '../anchors/anchorer.js';
import type { Chain } from '../chain/chain.js';
import type { StoreFaultKind } from '../store/store-fault.js';
import type { StoreWatch } from '../store/store-watch.js';
import type { Collector } from '../windows/collector.js';
import type { PublicViews } from '../windows/public-views.js';
import type { Tokens } from './tokens.js';

/** A value as JSON carries it: amounts and nonces, bigint inside, are decimal strings. */
export type InJson<T> = T extends bigint
  ? string
  : T extends readonly (infer E)[]
    ? InJson<E>[]
    : T extends object
      ? { [K in keyof T]: InJson<T[K]> }
      : T;

/** Whether the store takes digests; `detail`: what is wrong and what to do. */
export type StoreState = { state: 'ok' } | { state: StoreFaultKind; detail: string };

/** What `GET /status` answers: the public status, and what only the operator is to know. */
export type AdminStatus = StatusReply & {
  /** That came and wait for their commit. */
  waitingDigests: number;
  store: StoreState;
  tokensAccepted: { private: number; admin: number };
  anchoring: ({ chain: string; required: boolean; account: string; contract: string } & InJson<AnchorerState>)[];
};

export interface AdminStatusSources {
  views: PublicViews;
  collector: Collector;
  tokens: { private: Tokens; admin: Tokens };
  chains: readonly { chain: Chain; anchorer: Anchorer; required: boolean }[];
  storeWatch: Pick<StoreWatch, 'fault'>;
}

export function adminStatus({ views, collector, tokens, chains, storeWatch }: AdminStatusSources): AdminStatus {
  return {
    ...views.status(),
    waitingDigests: collector.backlog,
    store: storeState(storeWatch),
    tokensAccepted: { private: tokens.private.accepted, admin: tokens.admin.accepted },
    anchoring: chains.map(({ chain: { chain, account, contract }, anchorer, required }) => ({
      ...{ chain, required, account, contract },
      ...inJson(anchorer.state()),
    })),
  };
}

export function storeState({ fault }: Pick<StoreWatch, 'fault'>): StoreState {
  return fault === undefined ? { state: 'ok' } : { state: fault.kind, detail: fault.detail };
}

export function inJson<T extends object>(value: T): InJson<T> {
  return JSON.parse(
    JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? field.toString() : field)),
  ) as InJson<T>;
}
