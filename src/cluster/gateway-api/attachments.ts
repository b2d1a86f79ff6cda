import { type Because, because } from '../because.ts'
import type { Cluster } from '../cluster.ts'
import { at, field, type Json, list, number, string, stringMap, strings } from '../json.ts'
import { both, either, mayMatch, parseSelector, type Truth } from '../labels.ts'
import { idOf, type KubeObject } from '../object.ts'
import { namesMeet } from './host-names.ts'

const GROUP = 'gateway.networking.k8s.io'

/** A gateway that a route is attached to, or may be. */
export interface Attachment {
  readonly gateway: KubeObject | undefined
  readonly truth: Truth
  /** The listeners that carry it, or may. */
  readonly listeners: readonly Listener[]
  readonly because: readonly Because[]
}

export interface Listener {
  readonly name: string
  /** Empty for all. */
  readonly hostname: string
  readonly port: number | undefined
  readonly protocol: string
}

/** What each of a route's parents says of it: Gateways and ListenerSets admit routes by listener and namespace. */
export function attachments(cluster: Cluster, route: KubeObject): readonly Attachment[] {
  return list(at(route.body, 'spec', 'parentRefs')).flatMap((parent) => {
    const kind = string(field(parent, 'kind')) ?? 'Gateway'
    const namespace = string(field(parent, 'namespace')) ?? route.namespace
    const name = string(field(parent, 'name')) ?? ''
    if (kind === 'Gateway') return [toGateway(cluster, route, parent, namespace, name)]
    if (kind === 'ListenerSet' || kind === 'XListenerSet')
      return [toListenerSet(cluster, route, parent, kind, namespace, name)]
    // A Service as parent is traffic inside the mesh (GAMMA).
    return []
  })
}

function toGateway(cluster: Cluster, route: KubeObject, parent: Json, namespace: string, name: string): Attachment {
  const gateway = cluster.get(idOf(`Gateway.${GROUP}`, namespace, name))
  if (!gateway)
    return {
      gateway,
      truth: 'unknown',
      listeners: [],
      because: [because(`its Gateway ${namespace}/${name} is not in the input`, route, ['spec', 'parentRefs'])],
    }
  return {
    gateway,
    ...admittedBy(cluster, route, parent, gateway),
    because: [because('is its Gateway', gateway, ['spec', 'listeners'])],
  }
}

/** A Gateway takes ListenerSets of no namespace unless it says so. */
function toListenerSet(
  cluster: Cluster,
  route: KubeObject,
  parent: Json,
  kind: string,
  namespace: string,
  name: string,
): Attachment {
  const group = kind === 'ListenerSet' ? GROUP : 'gateway.networking.x-k8s.io'
  const listeners = cluster.get(idOf(`${kind}.${group}`, namespace, name))
  if (!listeners)
    return {
      gateway: undefined,
      truth: 'unknown',
      listeners: [],
      because: [because(`its ${kind} ${namespace}/${name} is not in the input`, route, ['spec', 'parentRefs'])],
    }
  const owner = at(listeners.body, 'spec', 'parentRef')
  const gateway = cluster.get(
    idOf(`Gateway.${GROUP}`, string(field(owner, 'namespace')) ?? namespace, string(field(owner, 'name')) ?? ''),
  )
  const admitted = admittedBy(cluster, route, parent, listeners)
  const taken: Truth = gateway
    ? fromNamespace(
        cluster,
        at(gateway.body, 'spec', 'allowedListeners', 'namespaces'),
        'None',
        gateway.namespace,
        namespace,
      )
    : 'unknown'
  return {
    gateway,
    truth: both(admitted.truth, taken),
    listeners: admitted.listeners,
    because: [because(`is its ${kind}`, listeners, ['spec', 'listeners'])],
  }
}

function admittedBy(
  cluster: Cluster,
  route: KubeObject,
  parent: Json,
  owner: KubeObject,
): Pick<Attachment, 'truth' | 'listeners'> {
  const section = string(field(parent, 'sectionName'))
  const port = number(field(parent, 'port'))
  let truth: Truth = 'no'
  const listeners: Listener[] = []
  for (const listener of list(at(owner.body, 'spec', 'listeners'))) {
    if (section !== undefined && field(listener, 'name') !== section) continue
    if (port !== undefined && field(listener, 'port') !== port) continue
    const kinds = list(at(listener, 'allowedRoutes', 'kinds')).map((each) => string(field(each, 'kind')))
    if (kinds.length > 0 ? !kinds.includes(route.kind) : !speaks(string(field(listener, 'protocol')) ?? '', route.kind))
      continue
    if (!hostsMeet(string(field(listener, 'hostname')) ?? '', route)) continue
    const rule = at(listener, 'allowedRoutes', 'namespaces')
    const taken = takesFrom(cluster, rule, owner.namespace, route.namespace)
    truth = either(truth, taken)
    if (taken !== 'no')
      listeners.push({
        name: string(field(listener, 'name')) ?? '',
        hostname: string(field(listener, 'hostname')) ?? '',
        port: number(field(listener, 'port')),
        protocol: string(field(listener, 'protocol')) ?? '',
      })
  }
  return { truth, listeners }
}

/** A listener or a route without a name is for all of them; routes of connections have none. */
function hostsMeet(hostname: string, { kind, body }: KubeObject): boolean {
  const names = strings(at(body, 'spec', 'hostnames'))
  const isNamed = kind === 'HTTPRoute' || kind === 'GRPCRoute' || kind === 'TLSRoute'
  return !isNamed || hostname === '' || names.length === 0 || names.some((name) => namesMeet(name, hostname))
}

/** The kinds of route that a listener's protocol supports where it names none. */
function speaks(protocol: string, kind: string): boolean {
  if (protocol === 'HTTP' || protocol === 'HTTPS') return kind === 'HTTPRoute' || kind === 'GRPCRoute'
  if (protocol === 'TLS') return kind === 'TLSRoute' || kind === 'TCPRoute'
  if (protocol === 'TCP') return kind === 'TCPRoute'
  if (protocol === 'UDP') return kind === 'UDPRoute'
  return true
}

/** Whether a listener of this `allowedRoutes.namespaces` takes routes of a namespace. */
export function takesFrom(cluster: Cluster, rule: Json | undefined, own: string, asking: string): Truth {
  return fromNamespace(cluster, rule, 'Same', own, asking)
}

function fromNamespace(
  cluster: Cluster,
  rule: Json | undefined,
  usual: 'Same' | 'None',
  own: string,
  asking: string,
): Truth {
  const from = string(field(rule, 'from')) ?? usual
  if (from === 'All') return 'yes'
  if (from === 'Same') return own === asking ? 'yes' : 'no'
  if (from !== 'Selector') return 'no'
  const selector = parseSelector(field(rule, 'selector'))
  if (selector === undefined || typeof selector === 'string') return 'no'
  const namespace = cluster.namespaces.get(asking)
  return mayMatch(selector, namespace?.labels ?? new Map(), namespace?.seen ?? false)
}

/** A reference into another namespace counts only where a ReferenceGrant there allows it. */
export function isGranted(cluster: Cluster, route: KubeObject, namespace: string, service: string): boolean {
  if (namespace === route.namespace) return true
  return cluster.ofKind('ReferenceGrant', GROUP).some((grant) => {
    if (grant.namespace !== namespace) return false
    const from = list(at(grant.body, 'spec', 'from')).some((each) => {
      return (
        field(each, 'group') === GROUP &&
        field(each, 'kind') === route.kind &&
        field(each, 'namespace') === route.namespace
      )
    })
    const to = list(at(grant.body, 'spec', 'to')).some((each) => {
      const name = string(field(each, 'name'))
      return (
        (string(field(each, 'group')) ?? '') === '' &&
        field(each, 'kind') === 'Service' &&
        (name === undefined || name === '' || name === service)
      )
    })
    return from && to
  })
}

/** Annotations that a Gateway puts on what is made for it, with its own. */
export function infrastructureAnnotations(gateway: KubeObject): ReadonlyMap<string, string> {
  return new Map([
    ...stringMap(at(gateway.body, 'metadata', 'annotations')),
    ...stringMap(at(gateway.body, 'spec', 'infrastructure', 'annotations')),
  ])
}
