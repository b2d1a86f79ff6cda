import { overlap } from '../../../cluster/addresses.ts'
import { because } from '../../../cluster/because.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import type { Evidence } from '../front/evidence.ts'
import { providerFacts } from '../front/provider.ts'
import { allowedProvider } from './allow-list.ts'
import { isByAddress } from './counted-by.ts'
import { believes, comesByProvider } from './header.ts'
import type { Judging, Ruling } from './judging.ts'
import type { Way } from './way.ts'

type Sign = Pick<Evidence, 'provider' | 'truth' | 'because'>

/** R3: a third party stands in front and the controller counts its edges, so that all clients of an edge share one count. */
export function behindFront({ placed, trust, front, ranges, ways }: Judging, found: FoundLimit): Ruling | undefined {
  if (!isByAddress(found) || found.limit.scope === 'outside') return undefined
  const only = allowedProvider(placed.draft.object, ranges)
  const signs: readonly Sign[] = only ? [{ ...only, truth: 'yes', because: [only.because] }, ...front] : front
  const cdns = signs.filter(({ provider }) => providerFacts(provider).kind === 'cdn')
  const cdn = cdns.find(({ truth }) => truth === 'yes') ?? cdns[0]
  if (!cdn || trust.by === 'unknown') return undefined
  const set = ranges.get(cdn.provider)?.set
  if (trust.by === 'header' && found.limit.key.kind !== 'peer-address' && (!set || overlap(trust.from, set)))
    return undefined
  // What connects in place of the edges is believed, and hands on what they wrote; another proxy would have added the edge.
  const isHandedOn = (way: Way): boolean => way.appends === undefined || comesByProvider(way, ranges)
  if (
    trust.by === 'header' &&
    found.limit.key.kind !== 'peer-address' &&
    ways.some((way) => way.keepsAddress !== 'yes' && believes(trust, way) && isHandedOn(way))
  )
    return undefined
  const title = providerFacts(cdn.provider).title
  if (cdn.truth !== 'yes')
    return {
      state: 'unknown',
      rule: 'R3',
      missing: `what tells whether ${title} stands in front`,
      because: cdn.because,
    }
  return {
    state: 'bypassable',
    rule: 'R3',
    because: [
      ...cdn.because,
      because(
        `counts the edges of ${title}: their clients share one count, and a client that comes by several has several`,
      ),
      ...trust.because,
    ],
  }
}
