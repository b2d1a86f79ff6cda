export interface Order<Column extends string> {
  readonly by: Column
  readonly down: boolean
}

/** A click on a heading: the same column turns round, another starts with its greatest (text with its first). */
export function turned<Column extends string>(order: Order<Column>, by: Column, text: boolean): Order<Column> {
  return order.by === by ? { by, down: !order.down } : { by, down: !text }
}

/** Rows by one value, those that are equal in the order in which they came. */
export function ordered<Row>(
  rows: readonly Row[],
  down: boolean,
  keyOf: (row: Row) => number | string,
): readonly Row[] {
  const sign = down ? -1 : 1
  return rows
    .map((row, at) => ({ row, at, value: keyOf(row) }))
    .sort((a, b) => (a.value === b.value ? a.at - b.at : a.value < b.value ? -sign : sign))
    .map(({ row }) => row)
}
