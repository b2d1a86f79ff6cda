import { addressesOf, addressSet, noAddresses, subtractAddresses } from '../../../cluster/addresses.ts'
import { type Because, because } from '../../../cluster/because.ts'
import { annotationsOf, type KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import { type Provider, providerFacts } from '../front/provider.ts'
import type { Ranges } from '../front/ranges.ts'
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
  const only = allowedProvider(object, ranges)
  if (!only) return undefined
  return {
    state: 'inert',
    rule: 'R4',
    because: [
      only.because,
      ...trust.because,
      because('asks with the address of the client, which is none of theirs: every user is refused'),
    ],
  }
}

/** The provider whose edges alone an allow list of the route lets in. */
export function allowedProvider(
  object: KubeObject,
  ranges: Ranges,
): { readonly provider: Provider; readonly because: Because } | undefined {
  const annotations = annotationsOf(object.body)
  for (const key of LISTS) {
    const cidrs = (annotations.get(key) ?? '')
      .slice(0, 100_000)
      .split(/[\s,]+/)
      .filter((each) => addressSet(each) !== undefined)
    if (cidrs.length === 0) continue
    const set = addressesOf(cidrs)
    const found = [...ranges.values()].find(
      (each) => !noAddresses(set) && noAddresses(subtractAddresses(set, each.set)),
    )
    if (!found) continue
    const text = `lets in the edges of ${providerFacts(found.provider).title} alone`
    return { provider: found.provider, because: because(text, object, ['metadata', 'annotations', key]) }
  }
  return undefined
}
