import type { Requests } from './requests.ts'

/**
 * Of a log that only tells seconds, the lines of one second stand in the order of their ends: they are spread evenly over
 * it in that order, and how far each was moved is kept in `early`. Rows `from` to `to` are of one second.
 */
export function spread(rows: Requests, from: number, to: number): void {
  const count = to - from
  for (let row = from; row < to; row++) {
    const width = rows.width[row] as number
    if (width <= 1) continue
    const offset = ((row - from + 0.5) / count) * width
    rows.start[row] = (rows.start[row] as number) + offset
    rows.early[row] = offset
  }
}
