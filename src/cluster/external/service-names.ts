import { podSelection } from '../application/pods.ts'
import { visitAt } from '../application/references.ts'
import type { Cluster } from '../cluster.ts'
import { at, field, type Json, list, number, string, strings } from '../json.ts'
import { plainSelector } from '../labels.ts'
import { idOf, type KubeObject } from '../object.ts'
import { addressOf } from './domains.ts'

/** What a host name means inside the cluster, by the search domains that the kubelet gives a pod. */
export type Meaning =
  | { readonly kind: 'service'; readonly service: KubeObject }
  /** A name that only the cluster's DNS could answer, of a Service that is not in the input; `isSure` by its `svc`. */
  | { readonly kind: 'unseen'; readonly name: string; readonly isSure: boolean }
  /** The API server, the cluster's DNS, or a node. */
  | { readonly kind: 'system' }
  /** A host of an Ingress or route of this cluster: what it leads to. */
  | { readonly kind: 'published'; readonly services: readonly string[]; readonly by: KubeObject }
  | { readonly kind: 'outside' }

export interface ServiceNames {
  meaning(host: string, namespace: string): Meaning
  /** Ids of the workloads that a Service selects. */
  workloadsOf(service: KubeObject): readonly string[]
  /** Whether the Service takes connections on this port; a headless one takes them on every port of its pods. */
  serves(service: KubeObject, port: number): boolean
}

const SYSTEM = /^(kubernetes(\.default)?|kube-dns\.kube-system|coredns\.kube-system)(\.svc(\..+)?)?$/

const CLUSTER_DOMAIN = 'cluster.local'
/** `10-0-3-7.shop.pod.cluster.local`, the name that the cluster's DNS gives the address of a pod. */
const POD_NAME = /^[0-9-]+\.[^.]+\.pod(\.|$)/

export function serviceNames(cluster: Cluster): ServiceNames {
  const pods = podSelection(cluster)
  const services = new Map(cluster.ofKind('Service').map((service) => [service.id, service]))
  const byAddress = new Map<string, KubeObject>()
  for (const service of services.values()) {
    const addresses = [
      string(at(service.body, 'spec', 'clusterIP')),
      ...strings(at(service.body, 'spec', 'clusterIPs')),
      ...strings(at(service.body, 'spec', 'externalIPs')),
    ]
    for (const address of addresses)
      if (address !== undefined && addressOf(address) === 'other') byAddress.set(address, service)
  }
  const podAddresses = new Set(cluster.ofKind('Pod').flatMap(({ body }) => string(at(body, 'status', 'podIP')) ?? []))
  const nodes = new Set(cluster.placement.nodes.flatMap(({ addresses }) => addresses))
  const published = publishedHosts(cluster)
  const service = (name: string | undefined, namespace: string | undefined): KubeObject | undefined =>
    name === undefined || namespace === undefined ? undefined : services.get(idOf('Service', namespace, name))

  const meaning = (host: string, namespace: string): Meaning => {
    if (SYSTEM.test(host) || nodes.has(host) || host === CLUSTER_DOMAIN) return { kind: 'system' }
    const found = byAddress.get(host)
    if (found) return { kind: 'service', service: found }
    if (podAddresses.has(host) || POD_NAME.test(host)) return { kind: 'unseen', name: host, isSure: true }
    if (addressOf(host) !== 'none') return { kind: 'outside' }
    const labels = host.split('.')
    const svc = labels.indexOf('svc', 2)
    if (svc >= 2) {
      const [name, of] = [labels[svc - 2] as string, labels[svc - 1] as string]
      const known = service(name, of)
      return known ? { kind: 'service', service: known } : { kind: 'unseen', name: `${name}.${of}`, isSure: true }
    }
    const [first, second, third] = labels
    const near =
      labels.length === 1
        ? service(first, namespace)
        : labels.length === 2
          ? (service(first, second) ?? headless(service(second, namespace)))
          : labels.length === 3
            ? headless(service(second, third))
            : undefined
    if (near) return { kind: 'service', service: near }
    const by = publisherOf(host, published)
    if (by) return { kind: 'published', ...by }
    if (labels.length === 1) return { kind: 'unseen', name: `${host}.${namespace}`, isSure: false }
    if (labels.length === 2 && second !== undefined && cluster.namespaces.has(second))
      return { kind: 'unseen', name: host, isSure: false }
    return { kind: 'outside' }
  }
  return {
    meaning,
    workloadsOf: ({ namespace, body }) => {
      const selector = plainSelector(at(body, 'spec', 'selector'))
      return selector ? [...pods.select(namespace, selector)].sort() : []
    },
    serves: ({ body }, port) => {
      const ports = list(at(body, 'spec', 'ports'))
      if (at(body, 'spec', 'clusterIP') === 'None' || ports.length === 0) return true
      return ports.some((each) => number(field(each, 'port')) === port)
    },
  }
}

/** `mysql-0.mysql` is a pod only where `mysql` is a headless Service. */
function headless(service: KubeObject | undefined): KubeObject | undefined {
  return service && at(service.body, 'spec', 'clusterIP') === 'None' ? service : undefined
}

interface Publisher {
  readonly services: readonly string[]
  readonly by: KubeObject
}

/** Each entry of `rules` has its hosts and its Services; without `rules` the object as a whole has. */
const PUBLISHERS = [
  {
    kind: 'Ingress',
    group: 'networking.k8s.io',
    rules: 'spec.rules.*',
    hosts: ['host'],
    services: ['http.paths.*.backend.service.name', 'http.paths.*.backend.serviceName'],
  },
  ...['HTTPRoute', 'GRPCRoute', 'TLSRoute'].map((kind) => ({
    kind,
    group: 'gateway.networking.k8s.io',
    rules: 'spec',
    hosts: ['hostnames.*'],
    services: ['rules.*.backendRefs.*.name'],
  })),
  { kind: 'Gateway', group: 'gateway.networking.k8s.io', rules: 'spec', hosts: ['listeners.*.hostname'], services: [] },
  { kind: 'Route', group: 'route.openshift.io', rules: 'spec', hosts: ['host'], services: ['to.name'] },
] as const

function publishedHosts(cluster: Cluster): ReadonlyMap<string, Publisher> {
  const hosts = new Map<string, Publisher>()
  for (const { kind, group, rules, hosts: hostPaths, services: servicePaths } of PUBLISHERS) {
    for (const by of cluster.ofKind(kind, group)) {
      visitAt(by.body, rules.split('.'), (rule) => {
        const services = namesAt(rule, servicePaths).map((name) => idOf('Service', by.namespace, name))
        for (const host of namesAt(rule, hostPaths)) {
          const name = host.toLowerCase()
          if (name !== '*' && (hosts.get(name)?.services.length ?? 0) === 0) hosts.set(name, { services, by })
        }
      })
    }
  }
  return hosts
}

function namesAt(value: Json, paths: readonly string[]): readonly string[] {
  const names = new Set<string>()
  for (const path of paths) visitAt(value, path.split('.'), (name) => typeof name === 'string' && names.add(name))
  return [...names]
}

function publisherOf(host: string, published: ReadonlyMap<string, Publisher>): Publisher | undefined {
  const dot = host.indexOf('.')
  return published.get(host) ?? (dot < 0 ? undefined : published.get(`*${host.slice(dot)}`))
}
