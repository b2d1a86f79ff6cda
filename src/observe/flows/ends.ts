import type { Cluster } from '../../cluster/cluster.ts'
import { field, type Json, type JsonObject, object } from '../../cluster/json.ts'
import { isGeneratedLabel } from '../../cluster/workload.ts'
import type { End, UnresolvedWhy } from '../record.ts'
import { ClusterAddresses } from './addresses.ts'
import { Leases } from './leases.ts'
import { Owners } from './owners.ts'

/** One end of a flow as it was recorded. */
export interface RecordedEnd {
  readonly endpoint: JsonObject
  readonly address: string
  /** Only a destination has the port that it is known by. */
  readonly port: number | undefined
  /** The node that reported the flow. */
  readonly reporter: string
  readonly time: number
}

const MOST_REMEMBERED = 100_000
const RESERVED = 'reserved:'
/** Nobody's address: where one stands that is not to be told. */
const UNSPECIFIED = /^(0\.0\.0\.0|[0:]*::?[0:]*)$/
const LABEL_SOURCES = /^(k8s|any|container|unspec):/

/** Resolves the ends of flows, in the order in which they were recorded. */
export class Ends {
  readonly addresses: ClusterAddresses
  readonly #cluster: Cluster
  readonly #owners: Owners
  readonly #leases: Leases
  /** By namespace and pod, with what else the record told of it. */
  readonly #pods = new Map<string, Map<string, Named & { readonly end: End }>>()
  readonly #identities = new Map<string, string | undefined>()
  #remembered = 0
  readonly #ranges = new Map<string, 'yes' | 'no' | 'unknown'>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.addresses = new ClusterAddresses(cluster)
    this.#owners = new Owners(cluster)
    this.#leases = new Leases(cluster)
  }

  /**
   * What the record itself says comes first, then whose address it was; an address by itself is never matched to a pod
   * that is not known to have had it at that time.
   */
  resolve(recorded: RecordedEnd): End {
    const { endpoint, address, reporter } = recorded
    const reserved = reservedLabel(endpoint.labels)
    switch (reserved) {
      case 'kube-apiserver':
        return API_SERVER
      case 'host':
      case 'health':
      case 'ingress':
        return { kind: 'node', name: reporter }
      case 'remote-node':
        return { kind: 'node', name: this.addresses.node(address) ?? '' }
    }
    const pod = textOf(endpoint.pod_name)
    const named = workloadOf(endpoint.workloads)
    if (pod !== '' || named.kind !== '') {
      const namespace = textOf(endpoint.namespace)
      if (namespace !== '') return this.#ofPod(recorded, namespace, pod, named)
    }
    return this.#unnamed(recorded, reserved)
  }

  #unnamed({ endpoint, address, port, time }: RecordedEnd, reserved: string | undefined): End {
    const labels = readLabels(endpoint.labels)
    const namespace = textOf(endpoint.namespace) || labels.namespace
    const workload = this.#ofIdentity(namespace, labels)
    if (workload !== undefined) return { kind: 'workload', workload, pod: '' }
    if (address.includes('*') || UNSPECIFIED.test(address)) return unresolved('masked', namespace, address)
    if (address === '') return unresolved('unknown', namespace, address)
    if (this.addresses.isApiServer(address, port)) return API_SERVER
    const node = this.addresses.node(address)
    if (node !== undefined) return { kind: 'node', name: node }
    const leased = this.#leases.at(address, time)
    if (leased !== undefined) return leased === 'reused' ? unresolved('reused', namespace, address) : leased
    if (namespace !== '') return unresolved('unknown', namespace, address)
    const mayBeOfPod = this.#mayBeOfPod(address)
    const isOutside = mayBeOfPod === 'no' || (mayBeOfPod === 'unknown' && reserved?.startsWith('world') === true)
    return isOutside ? { kind: 'address', address } : unresolved('unknown', '', address)
  }

  #ofPod(recorded: RecordedEnd, namespace: string, pod: string, named: Named): End {
    const { endpoint, address, time } = recorded
    let pods = this.#pods.get(namespace)
    if (!pods) {
      pods = new Map()
      this.#pods.set(namespace, pods)
    }
    let known = pods.get(pod)
    if (known?.kind !== named.kind || known.name !== named.name) {
      if (this.#remembered++ >= MOST_REMEMBERED) {
        this.#pods.clear()
        this.#remembered = 0
      }
      known = { ...named, end: this.#lookUp(endpoint, namespace, pod, named) }
      pods.set(pod, known)
    }
    const { end } = known
    if (end.kind === 'unresolved') return { ...end, address }
    if (end.kind === 'workload') {
      if (pod !== '' && address !== '') this.#leases.saw(address, end, time)
    } else if (end.kind === 'node' && end.name === '') {
      return { kind: 'node', name: this.addresses.node(address) ?? '' }
    }
    return end
  }

  #lookUp(endpoint: JsonObject, namespace: string, pod: string, named: Named): End {
    const id =
      named.kind !== ''
        ? this.#owners.named(namespace, named.kind, named.name)
        : this.#owners.ofPod(namespace, pod, readLabels(endpoint.labels).ofPod)
    const recorded = readLabels(endpoint.labels).ofPod
    const labels = new Map([...recorded].filter(([key]) => !isGeneratedLabel(key)))
    const told = labels.size === 0 ? {} : { labels }
    if (id === undefined) return { ...unresolved('unknown pod', namespace, ''), ...told }
    const workload = this.#cluster.workload(id)
    const live = workload?.pods.find((each) => each.name === pod)
    const shapes = live ? [field(live.object.body.spec, 'hostNetwork') === true] : workload?.specs.map(onHostNetwork)
    // Its address is the node's, and so are its connections to everyone who looks at addresses.
    if (shapes && shapes.length > 0 && shapes.every((each) => each)) return { kind: 'node', name: live?.node ?? '' }
    return { kind: 'workload', workload: id, pod, ...(workload ? {} : told) }
  }

  /** The address of an identity may be that of a proxy or a tunnel in between; its labels stay those of the pod. */
  #ofIdentity(namespace: string, labels: Labels): string | undefined {
    if (namespace === '' || labels.ofPod.size === 0) return undefined
    const key = JSON.stringify([namespace, labels.serviceAccount, ...labels.ofPod])
    if (!this.#identities.has(key))
      remember(this.#identities, key, this.#owners.ofLabels(namespace, labels.ofPod, labels.serviceAccount))
    return this.#identities.get(key)
  }

  #mayBeOfPod(address: string): 'yes' | 'no' | 'unknown' {
    const known = this.#ranges.get(address)
    if (known) return known
    const found = this.addresses.mayBeOfPod(address)
    remember(this.#ranges, address, found)
    return found
  }
}

export function unresolved(why: UnresolvedWhy, namespace: string, address: string): End {
  return { kind: 'unresolved', why, namespace, address }
}

const API_SERVER: End = { kind: 'api-server' }

function onHostNetwork(shape: { readonly pod: { readonly hostNetwork: boolean } }): boolean {
  return shape.pod.hostNetwork
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= MOST_REMEMBERED) map.clear()
  map.set(key, value)
}

/**
 * An API server on a node of the cluster is labelled as both; so are the other processes of that node, which no policy
 * can tell apart.
 */
function reservedLabel(labels: Json | undefined): string | undefined {
  if (!Array.isArray(labels)) return undefined
  let found: string | undefined
  for (const label of labels as readonly Json[]) {
    if (typeof label !== 'string' || !label.startsWith(RESERVED)) continue
    const name = label.slice(RESERVED.length)
    if (name === 'kube-apiserver') return name
    found ??= name
  }
  return found
}

interface Named {
  readonly kind: string
  readonly name: string
}

const UNNAMED: Named = { kind: '', name: '' }

function workloadOf(workloads: Json | undefined): Named {
  if (!Array.isArray(workloads) || workloads.length !== 1) return UNNAMED
  const { kind, name } = object(workloads[0])
  return typeof kind === 'string' && kind !== '' && typeof name === 'string' && name !== '' ? { kind, name } : UNNAMED
}

interface Labels {
  /** Without what Cilium adds about its namespace, cluster and service account. */
  readonly ofPod: ReadonlyMap<string, string>
  readonly namespace: string
  readonly serviceAccount: string
}

const NAMESPACE = 'io.kubernetes.pod.namespace'
const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount'

function readLabels(labels: Json | undefined): Labels {
  const ofPod = new Map<string, string>()
  const added = new Map<string, string>()
  for (const label of Array.isArray(labels) ? (labels as readonly Json[]) : []) {
    if (typeof label !== 'string' || !LABEL_SOURCES.test(label)) continue
    const text = label.replace(LABEL_SOURCES, '')
    const equals = text.indexOf('=')
    const key = equals < 0 ? text : text.slice(0, equals)
    const isAdded = key === NAMESPACE || key.startsWith('io.cilium.')
    ;(isAdded ? added : ofPod).set(key, equals < 0 ? '' : text.slice(equals + 1))
  }
  return { ofPod, namespace: added.get(NAMESPACE) ?? '', serviceAccount: added.get(SERVICE_ACCOUNT) ?? '' }
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}
