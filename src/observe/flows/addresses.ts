import { BlockList, isIP } from 'node:net'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, type Json, list, number, string, strings } from '../../cluster/json.ts'
import { plainSelector, selects } from '../../cluster/labels.ts'
import { type KubeObject, labelsOf } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'

/** RFC 1918, 6598 and 4193: where clusters have their pods. */
const PRIVATE = blocks(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'])

/** What answers at the address of a Service. */
export type Backend =
  | { readonly workload: string; readonly port: number }
  | { readonly apiServer: true; readonly port: number }
  | 'untold'

/** What the objects of a cluster say of addresses that no pod has. */
export class ClusterAddresses {
  readonly #cluster: Cluster
  readonly #nodes = new Map<string, string>()
  readonly #apiServer = new Set<string>()
  readonly #apiServerPorts = new Set<number>()
  readonly #services = new Map<string, KubeObject>()
  readonly #ranges: BlockList
  /** The ranges of the pods are known, so that other addresses are none of theirs. */
  readonly #knowsRanges: boolean

  constructor(cluster: Cluster) {
    this.#cluster = cluster
    for (const node of cluster.placement.nodes) for (const each of node.addresses) this.#nodes.set(each, node.name)
    const own = ({ id }: KubeObject): boolean => id === 'Endpoints/default/kubernetes'
    for (const { body } of cluster.ofKind('Endpoints').filter(own)) {
      for (const subset of list(field(body, 'subsets'))) {
        for (const each of list(field(subset, 'addresses'))) this.#addApiServer(string(field(each, 'ip')))
        this.#addPorts(subset)
      }
    }
    for (const slice of cluster.ofKind('EndpointSlice', 'discovery.k8s.io').filter(isOfApiServer)) {
      for (const each of list(field(slice.body, 'endpoints')))
        for (const address of strings(field(each, 'addresses'))) this.#addApiServer(address)
      this.#addPorts(slice.body)
    }
    for (const service of cluster.ofKind('Service')) {
      const { body } = service
      const given = at(body, 'status', 'loadBalancer', 'ingress')
      for (const address of [
        string(at(body, 'spec', 'clusterIP')),
        ...strings(at(body, 'spec', 'clusterIPs')),
        ...strings(at(body, 'spec', 'externalIPs')),
        ...list(given).map((each) => string(field(each, 'ip'))),
      ])
        if (address !== undefined && isIP(address) !== 0) this.#services.set(address, service)
    }
    const podRanges = cluster
      .ofKind('Node')
      .flatMap(({ body }) => [string(at(body, 'spec', 'podCIDR')) ?? [], strings(at(body, 'spec', 'podCIDRs'))].flat())
    const serviceRanges = cluster
      .ofKind('ServiceCIDR', 'networking.k8s.io')
      .flatMap(({ body }) => strings(at(body, 'spec', 'cidrs')))
    this.#knowsRanges = podRanges.length > 0
    this.#ranges = blocks([...podRanges, ...serviceRanges])
  }

  #addApiServer(address: string | undefined): void {
    if (address !== undefined) this.#apiServer.add(address)
  }

  #addPorts(value: Json): void {
    for (const each of list(field(value, 'ports'))) {
      const port = number(field(each, 'port'))
      if (port !== undefined) this.#apiServerPorts.add(port)
    }
  }

  /** The name of the node that has an address. */
  node(address: string): string | undefined {
    return this.#nodes.get(address)
  }

  /** Of a node that runs an API server, only the port of that one is the API server. */
  isApiServer(address: string, port: number | undefined): boolean {
    if (!this.#apiServer.has(address)) return false
    if (!this.#nodes.has(address)) return true
    return port !== undefined && (this.#apiServerPorts.size === 0 || this.#apiServerPorts.has(port))
  }

  /** What answers at the address of a Service, and where; undefined for other addresses. */
  service(address: string, protocol: string, port: number): Backend | undefined {
    const service = this.#services.get(address)
    if (!service) return undefined
    const spec = field(service.body, 'spec')
    const served = list(field(spec, 'ports')).find(
      (each) => field(each, 'port') === port && (string(field(each, 'protocol')) || 'TCP') === protocol,
    )
    if (service.id === 'Service/default/kubernetes') {
      const [only] = this.#apiServerPorts.size === 1 ? this.#apiServerPorts : [undefined]
      return { apiServer: true, port: only ?? numbered(field(served, 'targetPort')) ?? port }
    }
    // An external address of a Service may be a node's as well.
    if (served === undefined && this.#nodes.has(address)) return undefined
    const selector = plainSelector(field(spec, 'selector'))
    if (served === undefined || selector === undefined) return 'untold'
    const backing = this.#cluster.workloads.filter(
      (workload) =>
        workload.namespace === service.namespace && workload.specs.some((shape) => selects(selector, shape.pod.labels)),
    )
    const [workload] = backing
    const target = workload && targetPort(workload, served, protocol, port)
    return backing.length === 1 && workload && target !== undefined ? { workload: workload.id, port: target } : 'untold'
  }

  /** Whether an address can be a pod's: `no` outside the ranges of the pods, or of any private network. */
  mayBeOfPod(address: string): 'yes' | 'no' | 'unknown' {
    const family = isIP(address)
    if (family === 0) return 'unknown'
    const name = family === 6 ? 'ipv6' : 'ipv4'
    if (this.#ranges.check(address, name)) return 'yes'
    if (this.#knowsRanges) return 'no'
    return PRIVATE.check(address, name) ? 'unknown' : 'no'
  }
}

function isOfApiServer({ namespace, name, body }: KubeObject): boolean {
  if (namespace !== 'default') return false
  return name === 'kubernetes' || labelsOf(body).get('kubernetes.io/service-name') === 'kubernetes'
}

function numbered(value: Json | undefined): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}

/** A named target may be another number in another shape of the pod; then it is not known. */
function targetPort(workload: Workload, served: Json, protocol: string, port: number): number | undefined {
  const target = field(served, 'targetPort')
  if (typeof target !== 'string' || target === '') return numbered(target) ?? port
  const found = new Set<number>()
  for (const { pod } of workload.specs)
    for (const container of pod.containers)
      for (const each of container.ports) if (each.name === target && each.protocol === protocol) found.add(each.port)
  return found.size === 1 ? [...found][0] : undefined
}

function blocks(cidrs: readonly string[]): BlockList {
  const made = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', bits = ''] = cidr.split('/')
    const family = isIP(address)
    const width = Number(bits)
    if (family === 0 || !/^\d{1,3}$/.test(bits) || width > (family === 6 ? 128 : 32)) continue
    made.addSubnet(address, width, family === 6 ? 'ipv6' : 'ipv4')
  }
  return made
}
