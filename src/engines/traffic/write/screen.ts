import { addressSet } from '../../../cluster/addresses.ts'
import type { Loss } from '../dialects/dialect.ts'
import type { Limit } from '../limit.ts'
import { lost } from './differences.ts'

/** What an engine can be told of a limit besides its numbers. */
export interface Abilities {
  readonly title: string
  readonly shadow?: boolean
  readonly only?: boolean
}

/**
 * Why a limit cannot be written at all. A limit that shall refuse nothing must not be made one that refuses; one that
 * holds for some requests must not be made one that holds for all.
 */
export function unwritable(limit: Limit, { title, shadow = false, only = false }: Abilities): Loss | undefined {
  if (!numbered(limit)) return lost(limit, 'rate', 'its number is not known, or none that counts')
  if (limit.shadow && !shadow) return lost(limit, 'shadow', `${title} cannot count without refusing: it is left out`)
  if (limit.only !== undefined && !only)
    return lost(limit, 'only', `${title} would count every request, not only ${limit.only}: it is left out`)
  if (limit.kind === 'requests' && (limit.algorithm === 'unknown' || limit.algorithm === 'threshold'))
    return lost(limit, 'algorithm', 'how it counts is not known')
  return undefined
}

function numbered(limit: Limit): boolean {
  switch (limit.kind) {
    case 'requests':
      return (
        counts(limit.rate) && counts(limit.period ?? 1) && Number.isFinite(limit.burst ?? 0) && (limit.burst ?? 0) >= 0
      )
    case 'connections':
      return counts(limit.connections)
    case 'body':
      return counts(limit.body)
    case 'timeout':
      return counts(limit.seconds)
    case 'bandwidth':
      return counts(limit.bytesPerSecond)
    default:
      return limit.kind satisfies never
  }
}

function counts(value: number | undefined): boolean {
  return value !== undefined && value > 0 && value <= Number.MAX_SAFE_INTEGER / 1000
}

/** What all of these exempt: exempting more would open a limit to those who have one. */
export function exemptOfAll(limits: readonly Limit[]): readonly string[] {
  const [first, ...rest] = limits
  const common = (first?.exempt ?? []).filter((each) => rest.every(({ exempt = [] }) => exempt.includes(each)))
  return [...new Set(common)].filter((each) => addressSet(each) !== undefined)
}

/** The strictest of several limits of which an engine can have one; the others are lost. */
export function strictest(limits: readonly Limit[], by: (limit: Limit) => number): Limit | undefined {
  return limits.length === 0 ? undefined : limits.reduce((best, each) => (by(each) < by(best) ? each : best))
}
