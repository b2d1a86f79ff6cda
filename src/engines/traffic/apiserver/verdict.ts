import type { Capped } from './capped.ts'
import type { Demand } from './demand.ts'
import type { Identity } from './identity-fold.ts'

export interface CapVerdict {
  readonly verdict: 'holds' | 'breaks' | 'unknown'
  readonly because: readonly string[]
}

/** As proofs judge: a recorded use that is refused breaks it, and what was not recorded is never safe. */
export function judgeCap(
  identity: Identity,
  demand: Demand,
  { calm }: Capped,
  options: {
    readonly minDays: number
    readonly tellsTime: boolean
    readonly breaks: string
    readonly blind: readonly string[]
  },
): CapVerdict {
  const { requests, limited, unmeasured, left, spans, days } = identity
  if (calm.refused > 0)
    return {
      verdict: 'breaks',
      because: [`${calm.refused} of ${calm.requests} requests that were no flood would have been answered 429`],
    }
  const unknown = [
    ...(options.breaks === '' ? [] : [options.breaks]),
    ...(requests === 0 ? ['no request of it was recorded'] : []),
    ...(options.tellsTime || requests === 0 ? [] : ['the log does not tell how long requests took']),
    ...(unmeasured > 0
      ? [`${unmeasured} lists count as one seat each: how much is stored of what they list is not in the input (-f)`]
      : []),
    ...(demand.isPartial ? ['it was busy in more seconds than are kept'] : []),
    ...(left > 0 ? [`${left} requests are more than are replayed`] : []),
    ...(requests > 0 && spans.count > 0 && demand.needSeats === undefined
      ? ['all that was recorded of it is the flood: what it needs otherwise is not known']
      : []),
    ...(limited > 0
      ? [`${limited} requests were answered 429 already: how long they would have taken is not known`]
      : []),
    ...(requests > 0 && days < options.minDays
      ? [`the log holds ${days} ${days === 1 ? 'day' : 'days'} of it, fewer than ${options.minDays}`]
      : []),
    ...options.blind,
  ]
  if (unknown.length > 0) return { verdict: 'unknown', because: unknown }
  return {
    verdict: 'holds',
    because: [`none of ${calm.requests} requests that were no flood would have been answered 429`],
  }
}
