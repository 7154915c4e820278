/** The most questions about single roots or transactions that are under way at once: public endpoints count them. */
const AT_A_TIME = 4;

/** As `Promise.all` over `items`, with few calls under way at a time. The first that throws ends it. */
export async function fewAtATime<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      try {
        results[at] = await work(items[at]!);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results;
}
