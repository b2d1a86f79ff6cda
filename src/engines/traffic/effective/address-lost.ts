import { overlap, PRIVATE } from '../../../cluster/addresses.ts'
import { because } from '../../../cluster/because.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import { isByAddress } from './counted-by.ts'
import { believes } from './header.ts'
import type { Judging, Ruling } from './judging.ts'
import type { Trust } from './trust.ts'
import type { Way } from './way.ts'

/**
 * R1: what arrives at the controller has the address of a node or a load balancer, so that all clients behind it share one
 * count, and whoever comes by several of them has several (kubernetes/ingress-nginx#861).
 */
export function addressLost(judging: Judging, found: FoundLimit): Ruling | undefined {
  const { placed, trust, ways } = judging
  if (!isByAddress(found) || trust.by === 'outside') return undefined
  const { controller } = placed.draft
  if (isUnfilled(judging, found))
    return {
      state: 'bypassable',
      rule: 'R1',
      because: [
        because('takes the address from X-Forwarded-For, which no entry point believes anybody: all share one count'),
        ...trust.because,
      ],
    }
  if (!controller?.workload)
    return {
      state: 'unknown',
      rule: 'R1',
      missing: `the workload, Service and settings of ${controller?.product ?? 'the controller'}`,
      because: [because('whether it sees the addresses of clients is not in the input')],
    }
  if (trust.by === 'unknown') return { state: 'unknown', rule: 'R1', missing: trust.missing, because: trust.because }
  if (ways.length === 0)
    return {
      state: 'unknown',
      rule: 'R1',
      missing: `what leads to ${controller.workload.namespace}/${controller.workload.name} from outside (a Service of type LoadBalancer or NodePort)`,
      because: [because('no way from outside to the controller is in the input', controller.workload.object)],
    }
  const lost = ways.map((way) => losing(way, trust, found)).find((each) => each !== undefined)
  return lost
}

/** Traefik takes X-Forwarded-For away from whoever is not trusted: what asks for an address of it finds none. */
function isUnfilled({ placed, trust }: Judging, { limit }: FoundLimit): boolean {
  return (
    placed.draft.controller?.product === 'traefik' &&
    limit.key.kind === 'client-address' &&
    (trust.by === 'peer' || trust.by === 'proxy-protocol')
  )
}

function losing(way: Way, trust: Trust, { limit }: FoundLimit): Ruling | undefined {
  const isPeer = limit.key.kind === 'peer-address' && trust.by !== 'proxy-protocol'
  if (trust.by === 'proxy-protocol') {
    if (trust.from && !overlap(trust.from, PRIVATE) && way.service)
      return {
        state: 'bypassable',
        rule: 'R1',
        because: [
          because('takes the address of the PROXY protocol only from peers that are neither nodes nor load balancers'),
          ...trust.because,
        ],
      }
    if (way.tellsAddress === 'yes') return undefined
    return {
      state: 'unknown',
      rule: 'R1',
      missing: 'whether the load balancer sends the PROXY protocol, which its Service does not ask for',
      because: [...trust.because, ...way.because],
    }
  }
  if (way.keepsAddress === 'yes') return undefined
  if (trust.by === 'header' && !isPeer && believes(trust, way)) return undefined
  const text = isPeer ? ['this limit counts by who connects, whatever headers say'] : []
  return {
    state: 'bypassable',
    rule: 'R1',
    because: [...way.because, ...trust.because, ...text.map((each) => because(each))],
  }
}
