import {
  type AddressSet,
  addressesOf,
  intersectAddresses,
  NO_ADDRESSES,
  noAddresses,
  overlap,
  PUBLIC,
  subtractAddresses,
  uniteAddresses,
} from '../../../cluster/addresses.ts'
import type { Because } from '../../../cluster/because.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type Json, list, number, string, strings } from '../../../cluster/json.ts'
import { parseSelector, selects } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { PodSpec } from '../../../cluster/pod.ts'
import type { Exposed, Known } from '../../known.ts'
import type { Route } from '../routes/route.ts'
import { gatewaysOf } from './client-certificates.ts'
import type { Ranges } from './ranges.ts'
import { type Lets, letsIn, type Sources, sourcesOf } from './sources.ts'

export type DoorKind = 'load-balancer' | 'node-port' | 'external-ip' | 'host-port' | 'cloud-load-balancer'

/** One way from the internet to what a route leads to. */
export interface Door {
  readonly kind: DoorKind
  /** The Service, Ingress, Gateway or workload that opens it. */
  readonly object: KubeObject
  /** The proxy, which looks at the host and the certificate, or the backend behind it. */
  readonly leadsTo: 'controller' | 'backend'
  /** The workload that it leads to; undefined where a load balancer of the cloud is the proxy. */
  readonly workload: string | undefined
  /** `unknown`: a firewall that the input does not hold may close it. */
  readonly truth: 'yes' | 'unknown'
  readonly lets: Lets
  /** Of another route to the same backend: its id. */
  readonly by?: string
  readonly because: readonly Because[]
}

const MOST_PORTS = 5

const KINDS: ReadonlyMap<string, DoorKind> = new Map<string, DoorKind>([
  ['exposed-load-balancer', 'load-balancer'],
  ['exposed-node-port', 'node-port'],
  ['exposed-external-ip', 'external-ip'],
  ['exposed-host-port', 'host-port'],
  ['exposed-host-network', 'host-port'],
])

/** Finds doors, with what all of them share computed once for a cluster. */
export class Doors {
  readonly #cluster: Cluster
  readonly #ranges: Ranges
  readonly #exposed: ReadonlyMap<string, readonly Exposed[]>
  readonly #nodesClosed: boolean
  readonly #policies: ReadonlyMap<string, readonly KubeObject[]>
  readonly #admitted = new Map<string, Admitted | undefined>()

  constructor(cluster: Cluster, known: Pick<Known, 'exposures'>, ranges: Ranges) {
    this.#cluster = cluster
    this.#ranges = ranges
    this.#exposed = Map.groupBy(known.exposures(), ({ workload }) => workload)
    this.#nodesClosed = nodesArePrivate(cluster)
    const policies = cluster.ofKind('NetworkPolicy', 'networking.k8s.io')
    this.#policies = Map.groupBy(policies, ({ namespace }) => namespace)
  }

  /** Doors straight to a workload, without those of proxies before it. */
  to(workload: string, leadsTo: Door['leadsTo']): readonly Door[] {
    const doors: Door[] = []
    for (const { kind, truth, rule, because: why } of this.#exposed.get(workload) ?? []) {
      const own = KINDS.get(kind)
      const object = this.#cluster.get(rule)
      if (!own || !object) continue
      // A port of a node whose addresses are all private is nobody's on the internet.
      if (own !== 'load-balancer' && own !== 'external-ip' && this.#nodesClosed) continue
      const lets = this.#lets(own, object, workload)
      if (lets.who === 'nobody') continue
      doors.push({ kind: own, object, leadsTo, workload, truth, lets, because: why })
      if (own === 'load-balancer') doors.push(...this.#beside(object, workload, leadsTo, lets))
    }
    return doors
  }

  /**
   * The ports of nodes that a load balancer uses: kube-proxy holds what comes to its address to the source ranges, not what
   * comes to a node's.
   */
  #beside(object: KubeObject, workload: string, leadsTo: Door['leadsTo'], through: Lets): readonly Door[] {
    const ports = list(at(object.body, 'spec', 'ports')).flatMap((port) => number(field(port, 'nodePort')) ?? [])
    const hasPorts = ports.length > 0 || at(object.body, 'spec', 'allocateLoadBalancerNodePorts') !== false
    const lets = this.#lets('node-port', object, workload)
    if (through.who === 'anyone' || lets.who === 'nobody' || !hasPorts || this.#nodesClosed) return []
    const named = ports.length === 0 ? 'ports' : `port ${ports.slice(0, MOST_PORTS).join(', ')}`
    const why = because(`opens ${named} of every node, unless a firewall closes it`, object, ['spec', 'ports'])
    return [{ kind: 'node-port', object, leadsTo, workload, truth: 'unknown', lets, because: [why] }]
  }

  /** A port that a Service opens and that leads to nothing of the input. */
  ofService({ object, exposed }: Route): readonly Door[] {
    if (object.kind !== 'Service' || object.group !== '') return []
    const isBalanced = string(at(object.body, 'spec', 'type')) === 'LoadBalancer'
    const sources = sourcesOf(object, this.#cluster)
    if (!isBalanced && this.#nodesClosed) return []
    return [
      {
        kind: isBalanced ? 'load-balancer' : 'node-port',
        object,
        leadsTo: 'backend',
        workload: undefined,
        truth: exposed,
        lets: isBalanced ? letsIn(sources, this.#ranges) : { who: 'anyone' },
        because: [because('leads to pods that are not in the input', object, ['spec', 'selector']), ...sources.because],
      },
    ]
  }

  /** The load balancer of the cloud that a route makes by itself. */
  ofCloud(route: Route): readonly Door[] {
    const { object, controller } = route
    if (controller === undefined || controller.workload !== undefined || controller.settings.seen === false) return []
    const gateways = gatewaysOf(object, this.#cluster)
    return (gateways.length > 0 ? gateways : [object]).map((each) => ({
      kind: 'cloud-load-balancer',
      object: each,
      leadsTo: 'controller',
      workload: undefined,
      truth: route.exposed,
      lets: letsIn(sourcesOf(each, this.#cluster), this.#ranges),
      because: [because('has a load balancer of the cloud', each, ['spec']), ...sourcesOf(each, this.#cluster).because],
    }))
  }

  #lets(kind: DoorKind, object: KubeObject, workload: string): Lets {
    const sources: Sources =
      kind === 'load-balancer' ? sourcesOf(object, this.#cluster) : { cidrs: [], set: PUBLIC, because: [] }
    // What comes to a port of a node keeps its address only where the node does not send it on to another.
    const keepsSource = object.kind !== 'Service' || at(object.body, 'spec', 'externalTrafficPolicy') === 'Local'
    const key = `${workload} ${object.id}`
    if (!this.#admitted.has(key)) this.#admitted.set(key, admittedBy(this.#cluster, this.#policies, workload, object))
    const admitted = keepsSource ? this.#admitted.get(key) : undefined
    if (!admitted || sources.tag || sources.unread !== undefined) return letsIn(sources, this.#ranges)
    const set = intersectAddresses(sources.set, admitted.set)
    const isNarrower = !noAddresses(subtractAddresses(sources.set, set))
    return letsIn({ ...sources, set, ...(isNarrower ? { cidrs: admitted.cidrs } : {}) }, this.#ranges)
  }
}

interface Admitted {
  readonly set: AddressSet
  readonly cidrs: readonly string[]
}

/**
 * The addresses that NetworkPolicies let in to the ports of a workload that a Service leads to; undefined where none
 * isolates it, or one lets everybody in.
 */
function admittedBy(
  cluster: Cluster,
  policies: ReadonlyMap<string, readonly KubeObject[]>,
  workload: string,
  service: KubeObject,
): Admitted | undefined {
  const own = cluster.workload(workload)
  const pod = own?.specs[0]?.pod
  // Policies do not hold for pods in the network of their node.
  if (!own || !pod || pod.hostNetwork) return undefined
  const ports = portsOf(service, pod)
  const blocks: { readonly cidr: string; readonly except: readonly string[] }[] = []
  let isIsolated = false
  for (const policy of policies.get(own.namespace) ?? []) {
    const selector = parseSelector(at(policy.body, 'spec', 'podSelector'))
    if (selector === undefined || typeof selector === 'string' || !selects(selector, pod.labels)) continue
    const types = list(at(policy.body, 'spec', 'policyTypes'))
    if (types.length > 0 && !types.includes('Ingress')) continue
    isIsolated = true
    for (const rule of list(at(policy.body, 'spec', 'ingress'))) {
      if (!opens(rule, ports, pod)) continue
      const peers = list(field(rule, 'from'))
      if (peers.length === 0) return undefined
      for (const peer of peers) {
        const cidr = string(at(peer, 'ipBlock', 'cidr'))
        if (cidr !== undefined) blocks.push({ cidr, except: strings(at(peer, 'ipBlock', 'except')) })
      }
    }
  }
  if (!isIsolated) return undefined
  const set = blocks
    .map(({ cidr, except }) => subtractAddresses(addressesOf([cidr]), addressesOf(except)))
    .reduce(uniteAddresses, NO_ADDRESSES)
  return { set, cidrs: blocks.map(({ cidr }) => cidr) }
}

/** Ports of the pod that a Service leads to; all of them, where it is no Service. */
function portsOf(service: KubeObject, pod: PodSpec): ReadonlySet<number> | undefined {
  if (service.kind !== 'Service') return undefined
  const targets = list(at(service.body, 'spec', 'ports')).map(
    (port) => field(port, 'targetPort') ?? field(port, 'port'),
  )
  return new Set(targets.flatMap((target) => numbersOf(target, pod)))
}

function numbersOf(target: Json | undefined, pod: PodSpec): readonly number[] {
  if (typeof target === 'number') return [target]
  return pod.containers.flatMap(({ ports }) => ports.flatMap(({ name, port }) => (name === target ? [port] : [])))
}

function opens(rule: Json, ports: ReadonlySet<number> | undefined, pod: PodSpec): boolean {
  const written = list(field(rule, 'ports'))
  if (written.length === 0 || ports === undefined) return true
  return written.some((each) => {
    const port = field(each, 'port')
    if (port === undefined || port === null) return true
    const end = number(field(each, 'endPort'))
    return numbersOf(port, pod).some((from) => [...ports].some((one) => one >= from && one <= (end ?? from)))
  })
}

/** Nodes were seen, and none of them has an address on the internet. */
function nodesArePrivate({ placement }: Cluster): boolean {
  return (
    placement.seen &&
    placement.nodes.every(({ addresses }) => {
      const set = addressesOf(addresses)
      return !noAddresses(set) && !overlap(set, PUBLIC)
    })
  )
}
