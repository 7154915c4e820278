/** Rows that come in another order than they were asked for in: an index or a page is damaged. */
class OutOfOrder extends Error {
  readonly code = 'SQLITE_CORRUPT';

  constructor() {
    super('rows do not come in the order of their keys');
  }
}

/**
 * All rows of a query, page by page, so that memory stays bounded. `next` gives those after a row, in order, and none after the last.
 * A damaged file may give them in circles: the order is made sure of.
 */
export function* pages<Row>(
  next: (last: Row | undefined) => Row[],
  isAfter: (row: Row, other: Row) => boolean,
): Generator<Row[], undefined> {
  let last: Row | undefined;
  for (let rows = next(undefined); rows.length > 0; rows = next(last)) {
    for (const row of rows) {
      if (last !== undefined && !isAfter(row, last)) throw new OutOfOrder();
      last = row;
    }
    yield rows;
  }
  return undefined;
}
