import { overlap } from '../../../cluster/addresses.ts'
import { because } from '../../../cluster/because.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import { providerFacts } from '../front/provider.ts'
import { isByAddress, type Judging, type Ruling } from './judging.ts'

/** R3: a third party stands in front and the controller counts its edges, so that all clients of an edge share one count. */
export function behindFront({ trust, front, ranges }: Judging, found: FoundLimit): Ruling | undefined {
  if (!isByAddress(found) || found.limit.scope === 'outside') return undefined
  const cdns = front.filter(({ provider }) => providerFacts(provider).kind === 'cdn')
  const cdn = cdns.find(({ truth }) => truth === 'yes') ?? cdns[0]
  if (!cdn || trust.by === 'unknown') return undefined
  const set = ranges.get(cdn.provider)?.set
  if (trust.by === 'header' && found.limit.key.kind === 'client-address' && (!set || overlap(trust.from, set)))
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
