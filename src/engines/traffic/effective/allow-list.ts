import { addressesOf, addressSet, noAddresses, subtractAddresses } from '../../../cluster/addresses.ts'
import { because } from '../../../cluster/because.ts'
import { annotationsOf } from '../../../cluster/object.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import { providerFacts } from '../front/provider.ts'
import { believes } from './header.ts'
import type { Judging, Ruling } from './judging.ts'

const LISTS = [
  'nginx.ingress.kubernetes.io/allowlist-source-range',
  'nginx.ingress.kubernetes.io/whitelist-source-range',
  'haproxy.org/allow-list',
  'haproxy-ingress.github.io/allowlist-source-range',
]

/**
 * R4: the route lets in the edges of a third party alone, and asks after the real address has taken the place of theirs: it
 * refuses every user (kubernetes/ingress-nginx#6780), so that there is nothing left to limit.
 */
export function allowListAfterRealIp(judging: Judging, { limit }: FoundLimit): Ruling | undefined {
  if (limit.kind !== 'requests' && limit.kind !== 'connections') return undefined
  const { placed, trust, ways, ranges } = judging
  if (trust.by !== 'header' || !ways.some((way) => believes(trust, way))) return undefined
  const { object } = placed.draft
  const annotations = annotationsOf(object.body)
  for (const key of LISTS) {
    const cidrs = (annotations.get(key) ?? '')
      .slice(0, 100_000)
      .split(/[\s,]+/)
      .filter((each) => addressSet(each) !== undefined)
    const set = addressesOf(cidrs)
    const provider = [...ranges.values()].find(
      (each) => !noAddresses(set) && noAddresses(subtractAddresses(set, each.set)),
    )
    if (!provider) continue
    const { title } = providerFacts(provider.provider)
    return {
      state: 'inert',
      rule: 'R4',
      because: [
        because(`lets in the edges of ${title} alone`, object, ['metadata', 'annotations', key]),
        ...trust.because,
        because('asks with the address of the client, which is none of theirs: every user is refused'),
      ],
    }
  }
  return undefined
}
