/** Where the time comes from: microseconds since 1970, as block headers carry them. */
export type Clock = () => bigint;

export const systemClock: Clock = () => BigInt(Math.floor((performance.timeOrigin + performance.now()) * 1000));
