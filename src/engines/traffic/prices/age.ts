import type { PriceBook } from './price-book.ts'

/** A price table and how old it is. */
export interface Aged {
  readonly name: string
  readonly date?: string
  readonly days?: number
  /** Beyond 90 days prices may have moved; beyond 180 they should not be relied on. */
  readonly warning?: string
}

const DAY_MS = 86_400_000
const OLD_DAYS = 90
const STALE_DAYS = 180

/** Those tables of a book that gave a price, as of a time in milliseconds since 1970. */
export function ageOf({ tables }: PriceBook, used: ReadonlySet<string>, now: number): readonly Aged[] {
  return tables
    .filter(({ name }) => used.has(name))
    .map(({ name, date }) => {
      const from = Date.parse(date ?? '')
      if (date === undefined || Number.isNaN(from)) return { name, ...(date === undefined ? {} : { date }) }
      const days = Math.floor((now - from) / DAY_MS)
      const advice = days > STALE_DAYS ? 'do not rely on them: give your own with --prices' : 'they may have changed'
      return {
        name,
        date,
        days,
        ...(days > OLD_DAYS ? { warning: `prices of ${name} are of ${date}, ${days} days old: ${advice}` } : {}),
      }
    })
}
