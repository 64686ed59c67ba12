/** Overlaps the two halves of a long load: the next page is fetched while the last one is stored. */

/**
 * The same items, read one ahead. A failure comes after the items before it; who stops early waits for
 * the item under way.
 */
export async function* prefetch<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  const ask = () => {
    const next = iterator.next();
    // It is heard of when its turn comes.
    next.catch(() => {});
    return next;
  };
  let next = ask();
  try {
    for (let item = await next; !item.done; item = await next) {
      next = ask();
      yield item.value;
    }
  } finally {
    await next.catch(() => {});
    await iterator.return?.();
  }
}
