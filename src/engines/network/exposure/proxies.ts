import { idParts } from '../../../cluster/object.ts'
import { PROXIES, proxyOfClass } from '../../../cluster/proxies.ts'
import type { PodMember } from '../members.ts'
import type { NetworkModel } from '../model.ts'
import type { Exposure } from './exposure.ts'
import { internalLoadBalancer } from './load-balancer.ts'

const recognised = new WeakMap<NetworkModel, Map<string | undefined, readonly PodMember[]>>()

/** The proxies of the input that serve a class; all that are known where the class names none. */
export function proxiesOf(model: NetworkModel, controller: string | undefined): readonly PodMember[] {
  const ofModel = recognised.get(model) ?? new Map<string | undefined, readonly PodMember[]>()
  recognised.set(model, ofModel)
  const known = ofModel.get(controller)
  if (known) return known
  const serving = controller === undefined ? PROXIES : [proxyOfClass(controller)].filter((proxy) => proxy !== undefined)
  const found = podsOf(model).filter(({ pod }) => serving.some((proxy) => proxy.runs(pod)))
  ofModel.set(controller, found)
  return found
}

export function podsOf(model: NetworkModel): readonly PodMember[] {
  return model.members.filter((member) => member.kind !== 'node')
}

/**
 * Whether the internet reaches the proxies. `no`: all that leads to them is load balancers inside the cloud's network;
 * `unknown` where those have ports of nodes too.
 */
export function facing(model: NetworkModel, found: readonly Exposure[], proxies: readonly PodMember[]): Facing {
  const known = faced.get(proxies)
  if (known?.found === found && known.size === found.length) return known.facing
  const answer = judged(model, found, proxies)
  faced.set(proxies, { found, size: found.length, facing: answer })
  return answer
}

type Facing = 'yes' | 'unknown' | 'no'

/** Thousands of Ingresses have the same proxies. What was found before grows while routes are read. */
const faced = new WeakMap<
  readonly PodMember[],
  { readonly found: readonly Exposure[]; readonly size: number; readonly facing: Facing }
>()

function judged(model: NetworkModel, found: readonly Exposure[], proxies: readonly PodMember[]): Facing {
  const ids = new Set(proxies.map((proxy) => proxy.id))
  if (proxies.length === 0) return 'yes'
  const ways = found.filter((exposure) => ids.has(exposure.workload))
  if (ways.length > 0) return ways.every((way) => isBehindBalancer(model, way)) ? 'unknown' : 'yes'
  const balanced = model.services.all.filter((service) => {
    return (
      service.type === 'LoadBalancer' &&
      service.ports.some((port) => model.services.backendsOf(service, port).some(({ member }) => ids.has(member.id)))
    )
  })
  return balanced.length > 0 && balanced.every((service) => internalLoadBalancer(service) !== undefined)
    ? 'no'
    : 'unknown'
}

/** A port of each node that a load balancer uses, which is not meant to be reached by itself. */
function isBehindBalancer({ services }: NetworkModel, { kind, rule }: Exposure): boolean {
  const { namespace, name } = idParts(rule)
  return kind === 'exposed-node-port' && services.get(namespace, name)?.type === 'LoadBalancer'
}
