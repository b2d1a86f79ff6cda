import { because } from '../../../cluster/because.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import { believes } from './header.ts'
import { isByAddress, type Judging, type Ruling } from './judging.ts'
import type { Trust } from './trust.ts'
import type { Way } from './way.ts'

/**
 * R1: what arrives at the controller has the address of a node or a load balancer, so that all clients behind it share one
 * count, and whoever comes by several of them has several (kubernetes/ingress-nginx#861).
 */
export function addressLost({ placed, trust, ways }: Judging, found: FoundLimit): Ruling | undefined {
  if (!isByAddress(found) || trust.by === 'outside') return undefined
  const { controller } = placed.draft
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

function losing(way: Way, trust: Trust, { limit }: FoundLimit): Ruling | undefined {
  const isPeer = limit.key.kind === 'peer-address' && trust.by !== 'proxy-protocol'
  if (trust.by === 'proxy-protocol') {
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
