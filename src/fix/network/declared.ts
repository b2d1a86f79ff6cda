import { addressSet, overlap, PRIVATE } from '../../cluster/addresses.ts'
import type { Dependency } from '../../cluster/external/external.ts'
import { at, string } from '../../cluster/json.ts'
import { idParts } from '../../cluster/object.ts'
import type { Workload } from '../../cluster/workload.ts'
import { proxiesOf } from '../../engines/network/exposure/proxies.ts'
import type { NetworkModel } from '../../engines/network/model.ts'
import type { Service } from '../../engines/network/services.ts'
import type { FixContext } from '../fix.ts'
import type { Allowance, Port } from './allowance.ts'
import { blockOf, OUTSIDE } from './blocks.ts'
import { joinNeeds, type Needs, shortName, toWorkload } from './ends.ts'
import { scrapersOf } from './scrapes.ts'

/** A dependency with the pods' ports that it leads to, at one workload. */
interface Call {
  readonly from: string
  readonly to: string
  /** Empty: the Service names no port, so that any is meant. */
  readonly ports: readonly Port[]
}

/** What the cluster's own objects say that workloads call: variables, arguments and ConfigMaps that name Services. */
export interface Declared {
  /** Who calls it. */
  callersOf(workload: string): Needs
  /** What it calls in the cluster. */
  callsOf(workload: string): Needs
  /** What of the outside it must be left, where nothing was recorded; a text is the reason why that cannot be told. */
  outsideOf(workload: Workload): Needs | string
  /** It is configured to call hosts outside the cluster by their names. */
  callsNames(workload: string): boolean
  servicePorts(workload: string, port: Port): readonly Port[]
  /** Its pods find each other: by the names that a headless Service gives them. */
  callsItself(workload: Workload): boolean
}

export function declaredBy({ network: model, dependencies }: FixContext): Declared {
  const servicePorts = servicePortsOf(model)
  const headless = behindHeadless(model)
  const calls = dependencies.services.flatMap((each) => callsBy(model, each))
  const callers = Map.groupBy(calls, ({ to }) => to)
  const called = Map.groupBy(calls, ({ from }) => from)
  const unresolved = new Set(model.services.unresolved.map(({ object }) => object.id))
  const unknown = new Map<string, string>()
  for (const { workload, because } of dependencies.unknown)
    if (!unknown.has(workload)) unknown.set(workload, because.text)
  for (const { from, service, to } of dependencies.services)
    if (!unknown.has(from) && (unresolved.has(service) || (to.length === 0 && !isAliasOutside(model, service))))
      unknown.set(from, `it calls Service ${shortName(service)}, whose endpoints are not known`)
  const outside = new Map<string, string[]>()
  for (const { host, uses } of dependencies.external)
    for (const { workload } of uses) outside.set(workload, [...(outside.get(workload) ?? []), host])
  return {
    callersOf: (workload) =>
      joinNeeds((callers.get(workload) ?? []).map(({ from, ports }) => toWorkload(model, from, ports))),
    callsOf: (workload) =>
      joinNeeds(
        (called.get(workload) ?? []).map(({ to, ports }) =>
          toWorkload(model, to, [...ports, ...ports.flatMap((port) => servicePorts(to, port))]),
        ),
      ),
    outsideOf: (workload) =>
      unknown.get(workload.id) ?? whyOpen(model, workload) ?? toOutside(outside.get(workload.id) ?? []),
    callsNames: (workload) => (outside.get(workload) ?? []).some((host) => addressSet(host) === undefined),
    servicePorts,
    callsItself: ({ id, kind }) => kind === 'StatefulSet' || kind === 'DaemonSet' || headless.has(id),
  }
}

function behindHeadless({ services }: NetworkModel): ReadonlySet<string> {
  const all = services.all.filter(({ object }) => at(object.body, 'spec', 'clusterIP') === 'None')
  const backends = all.flatMap((service) => service.ports.flatMap((port) => services.backendsOf(service, port)))
  return new Set(backends.map(({ member }) => member.id))
}

/** A name of a host outside the cluster, which is left open with all others. */
function isAliasOutside({ services }: NetworkModel, id: string): boolean {
  const service = serviceOf(services, id)
  const host = string(at(service?.object.body, 'spec', 'externalName')) ?? ''
  return service?.type === 'ExternalName' && !host.split('.').includes('svc')
}

function serviceOf(services: NetworkModel['services'], id: string): Service | undefined {
  const { namespace, name } = idParts(id)
  return services.get(namespace, name)
}

function callsBy(model: NetworkModel, { from, service: id, port, to }: Dependency): readonly Call[] {
  const service = serviceOf(model.services, id)
  if (!service) return []
  const named = port === undefined ? service.ports : service.ports.filter((each) => each.port === port)
  const isHeadless = string(at(service.object.body, 'spec', 'clusterIP')) === 'None'
  // The name of a headless Service leads to its pods themselves, whatever ports it lists.
  const own: readonly Port[] = isHeadless && port !== undefined ? [{ protocol: 'TCP', port }] : []
  const meant = named.length > 0 || own.length > 0 ? named : service.ports
  const backends = meant.flatMap((each) => model.services.backendsOf(service, each))
  return to.flatMap((workload) => {
    const found = backends.filter(({ member }) => member.id === workload)
    const ports = [...found.map(({ protocol, port }) => ({ protocol, port })), ...own]
    // A Service whose ports lead to none of a pod's has no endpoint there.
    return ports.length === 0 && service.ports.length > 0 ? [] : [{ from, to: workload, ports }]
  })
}

/** Sidecars and routers call what is in no manifest of theirs. */
function whyOpen(model: NetworkModel, workload: Workload): string | undefined {
  const { id } = workload
  if (meshOf(model, workload) !== undefined) return 'its service mesh calls a control plane of its own'
  if (proxiesOf(model, undefined).some((proxy) => proxy.id === id))
    return 'it passes requests on to whatever routes name'
  if (scrapersOf(model).some((scraper) => scraper.id === id)) return 'it collects from whatever it discovers'
  return undefined
}

/** Why callers of a workload stand in no manifest, where that is known. */
export function whyUndeclared(model: NetworkModel, workload: Workload): string | undefined {
  if (meshOf(model, workload) === 'ambient') return 'a mesh tunnels it'
  const isControlPlane = workload.specs.some(
    ({ pod: { labels } }) => labels.get('app') === 'istiod' || labels.has('linkerd.io/control-plane-component'),
  )
  return isControlPlane ? 'every sidecar of its mesh calls it' : undefined
}

/** `ambient`: pods are reached through a tunnel (HBONE, port 15008), whatever port the caller names. */
function meshOf({ cluster }: NetworkModel, { namespace, specs }: Workload): 'sidecar' | 'ambient' | undefined {
  const { labels, annotations } = cluster.namespaces.get(namespace) ?? {}
  if (labels?.get('istio.io/dataplane-mode') === 'ambient') return 'ambient'
  const isInjected =
    labels?.get('istio-injection') === 'enabled' ||
    labels?.has('istio.io/rev') ||
    annotations?.get('linkerd.io/inject') === 'enabled' ||
    specs.some(
      ({ pod }) =>
        pod.labels.get('sidecar.istio.io/inject') === 'true' ||
        pod.annotations.get('linkerd.io/inject') === 'enabled' ||
        pod.containers.some(({ name }) => name === 'istio-proxy' || name === 'linkerd-proxy'),
    )
  return isInjected ? 'sidecar' : undefined
}

/** Hosts outside are names, which a NetworkPolicy cannot say, and some are in no manifest: the internet stays open. */
function toOutside(hosts: readonly string[]): Needs {
  const near = hosts.flatMap((host) => {
    const set = addressSet(host)
    const peer = set && overlap(set, PRIVATE) ? blockOf(host) : undefined
    return peer ? [{ peer, ports: [] }] : []
  })
  const allowances: readonly Allowance[] = [...near, ...OUTSIDE.map((peer) => ({ peer, ports: [] }))]
  const names = hosts.length === 0 ? '' : ` (${hosts.slice(0, 5).join(', ')}${hosts.length > 5 ? ', …' : ''})`
  return {
    allowances,
    notes: [
      `the internet${names}, and the cloud's metadata service with it, stays open: a NetworkPolicy cannot name hosts`,
    ],
  }
}

/**
 * The AWS VPC CNI enforces before a Service's port is replaced: aws/aws-network-policy-agent#166. Everywhere else only
 * the pod's own port counts.
 */
function servicePortsOf(model: NetworkModel): Declared['servicePorts'] {
  if (!model.enforcement.because.some(({ text }) => text.startsWith('Amazon VPC CNI'))) return () => []
  const leading = new Map<string, Port[]>()
  for (const service of model.services.all) {
    for (const each of service.ports) {
      for (const { member, protocol, port } of model.services.backendsOf(service, each)) {
        const key = `${member.id} ${protocol} ${port}`
        leading.set(key, [...(leading.get(key) ?? []), { protocol, port: each.port }])
      }
    }
  }
  return (workload, { protocol, port }) => leading.get(`${workload} ${protocol} ${port}`) ?? []
}
