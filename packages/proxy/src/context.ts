import { MAX_DIGESTS_PER_CALL, MAX_PROOFS_PER_CALL, NETWORKS, RECEIPT_BYTES } from '@chronos/shared';
import type { Clock } from './clock.js';
import type { Config } from './config.js';
import { docsResources } from './doors/docs.js';
import { healthResources } from './doors/health.js';
import { Page } from './doors/page.js';
import { PassOn } from './doors/pass-on.js';
import { plainResources } from './doors/plain.js';
import { ProofHandlers } from './doors/proofs.js';
import { restResources } from './doors/rest.js';
import { SubmitHandler } from './doors/submit.js';
import { createVerifyHandler } from './doors/verify.js';
import { AnchordClient } from './forward/anchord-client.js';
import { Coalescer } from './forward/coalescer.js';
import { PrivateToken } from './forward/private-token.js';
import { ProofSource } from './forward/proof-source.js';
import { WindowWaits } from './forward/window-waits.js';
import { BodyReader } from './http/body.js';
import { ClientAddresses } from './http/client-address.js';
import type { Service } from './http/exchange.js';
import { Gate } from './http/gate.js';
import type { Resource } from './http/resource.js';
import type { Logger } from './logger.js';
import { ProxyMetrics } from './metrics.js';

export interface Context {
  service: Service;
  anchord: AnchordClient;
  waits: WindowWaits;
  submit: SubmitHandler;
  proofs: ProofHandlers;
  page: Page | undefined;
  resources: readonly Resource[];
}

/** Builds every part of a proxy. */
export function createContext(config: Config, { logger, clock }: { logger: Logger; clock: Clock }): Context {
  const { limits, publicUrl } = config;
  const metrics = new ProxyMetrics();
  const gate = new Gate({
    quotas: config.quotas,
    maxInFlight: limits.inFlight,
    maxInFlightPerClient: limits.inFlightPerClient,
    maxClients: limits.knownClients,
    ...{ clock, metrics },
  });
  const addresses = new ClientAddresses(config.trustedProxies, logger);
  const service: Service = {
    ...{ logger, clock, addresses, gate, metrics },
    accessLog: config.accessLog,
    draining: false,
  };
  const anchord = new AnchordClient({
    url: config.anchordUrl,
    token: new PrivateToken(config.privateTokenFile, logger),
    ...(config.privateTls === undefined ? {} : { tls: config.privateTls }),
    timeoutMs: limits.callTimeoutMs,
    ...{ logger, clock, metrics },
  });
  // With the call itself, the longest that anybody waits is twice this.
  const patience = { maxWaitMs: limits.callTimeoutMs, clock };
  const submissions = new Coalescer({
    call: async (digests, requestIds) => {
      const receipts = await anchord.submit(digests, requestIds);
      return (from, count) => receipts.subarray(from * RECEIPT_BYTES, (from + count) * RECEIPT_BYTES);
    },
    maxPerCall: MAX_DIGESTS_PER_CALL,
    maxWaiting: limits.waitingSubmissions,
    ...patience,
  });
  const lookUps = new Coalescer({
    call: async (digests, requestIds) => {
      const items = await anchord.findProofs(digests, requestIds);
      return (from, count) => items.slice(from, from + count);
    },
    maxPerCall: MAX_PROOFS_PER_CALL,
    maxWaiting: limits.waitingLookUps,
    ...patience,
  });
  const waits = new WindowWaits({
    ...{ anchord, clock, logger },
    maxWaiters: limits.waiters,
    maxWaitersPerClient: limits.waitersPerClient,
    maxWindows: limits.watchedWindows,
  });
  const bodies = new BodyReader(limits.receivingBytes);
  const submit = new SubmitHandler({
    ...{ submissions, bodies, clock },
    maxBodyBytes: limits.submissionBodyBytes,
    proofUrlPrefix: `${publicUrl ?? ''}/api/v1/proofs/`,
  });
  const source = new ProofSource(lookUps, limits.cacheBytes, metrics);
  metrics.watch({ inFlight: () => gate.inFlight, waiting: () => waits.count, cacheBytes: () => source.bytes });
  const proofs = new ProofHandlers({
    ...{ proofs: source, waits, bodies, clock },
    maxBodyBytes: limits.proofsBodyBytes,
  });
  const network = NETWORKS.find(({ name }) => name === config.network)!;
  const verify = createVerifyHandler({
    bodies,
    endpoints: new Map([
      [network.evmChain, config.evmRpcUrls ?? network.rpcUrls],
      // EVM and native JSON-RPC answer at the same address, unless told otherwise.
      [
        config.nativeChain ?? network.nativeChain,
        config.scillaRpcUrls ?? config.evmRpcUrls ?? network.nativeRpcUrls ?? network.rpcUrls,
      ],
    ]),
    maxBodyBytes: limits.verifyBodyBytes,
    maxAtOnce: limits.verifications,
  });
  const page = config.webDir === undefined ? undefined : new Page(config.webDir);
  const resources = [
    ...(page?.resources() ?? []),
    ...(page === undefined ? [] : plainResources({ submissions, proofs: source, bodies, stylesheet: page.stylesheet })),
    ...restResources({ submit, proofs, verify, passOn: new PassOn(anchord, limits.passedOn) }),
    ...docsResources({ publicUrl }),
    ...healthResources({ anchord, service, clock }),
  ];
  return { service, anchord, waits, submit, proofs, page, resources };
}
