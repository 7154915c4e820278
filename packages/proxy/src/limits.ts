/** What one client may have in a minute. 0: as much as it likes. */
export interface Quotas {
  requests: number;
  /** Digests submitted; the proof of one, where several are asked for at once, counts as ten. */
  digests: number;
  /** Each costs several calls to the chain. */
  verifications: number;
}

export type Quota = keyof Quotas;

/** What a proxy takes on at once. Beyond a limit it answers 413, 408 or 503; it never grows without bound. */
export interface Limits {
  submissionBodyBytes: number;
  proofsBodyBytes: number;
  verifyBodyBytes: number;
  /** Bodies that are being received, all together. */
  receivingBytes: number;

  /** Digests that wait to travel to anchord, all callers together. */
  waitingSubmissions: number;
  /** Digests whose proofs wait to be looked up. */
  waitingLookUps: number;
  /** Requests that are being answered, all together and of one client; those held by `?wait=` are not among them. */
  inFlight: number;
  inFlightPerClient: number;
  /** Of how many clients it is known what they took of their quotas. */
  knownClients: number;
  /** Clients held by `?wait=`. Beyond it they are answered at once with the proof as it stands. */
  waiters: number;
  waitersPerClient: number;
  /** Windows that are watched for them, each by one held call. */
  watchedWindows: number;
  /** Calls that are handed on to anchord as they are. */
  passedOn: number;
  /** Proofs that are verified at once; each costs several calls to the chain. */
  verifications: number;
  /** Memory of the cache of complete proofs. */
  cacheBytes: number;

  /** A private call that takes longer has failed. */
  callTimeoutMs: number;
  /** A request has to have arrived whole in this time, its headers in the shorter one. */
  requestTimeoutMs: number;
  headersTimeoutMs: number;
  /** How often the two are enforced. */
  timeoutCheckMs: number;
  keepAliveTimeoutMs: number;
  /** A connection on which nothing moves for so long is ended: longer than `?wait=` holds. */
  silentMs: number;
  headerBytes: number;
  connections: number;
  /** On closing, what is in flight has this long to finish. */
  finishMs: number;
}

export const DEFAULT_LIMITS: Limits = {
  submissionBodyBytes: 1024 * 1024, // 10,000 digests are 690 kB of JSON
  proofsBodyBytes: 128 * 1024, // 1,000 digests are 69 kB
  verifyBodyBytes: 256 * 1024,
  receivingBytes: 256 * 1024 * 1024,
  waitingSubmissions: 200_000,
  waitingLookUps: 10_000,
  inFlight: 4_000,
  inFlightPerClient: 512,
  knownClients: 100_000,
  waiters: 5_000,
  waitersPerClient: 500,
  watchedWindows: 64,
  passedOn: 128,
  verifications: 32,
  cacheBytes: 64 * 1024 * 1024,
  callTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  headersTimeoutMs: 10_000,
  timeoutCheckMs: 1_000,
  keepAliveTimeoutMs: 65_000,
  silentMs: 90_000,
  headerBytes: 16 * 1024,
  connections: 20_000,
  finishMs: 10_000,
};
