import type { Cluster } from '../../cluster/cluster.ts'
import type { Edit } from '../../cluster/edit/change.ts'
import { at, field, list, number, string } from '../../cluster/json.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'
import type { Controller } from '../../engines/traffic/controllers/controller.ts'
import { allowlistOf } from '../../engines/traffic/front/allowlists.ts'
import type { Door } from '../../engines/traffic/front/doors.ts'
import { allowlistAfterRealIp } from '../../engines/traffic/front/findings.ts'
import type { Front } from '../../engines/traffic/front/front.ts'
import { providerFacts } from '../../engines/traffic/front/provider.ts'
import type { ProviderRanges, Ranges } from '../../engines/traffic/front/ranges.ts'
import type { Fix } from '../fix.ts'
import { fixIds } from '../slug.ts'

/**
 * Changes after which only whoever stands in front comes in: source ranges of load balancers, second doors closed, real-IP
 * settings that believe exactly the provider, an allowlist moved to where the edge's address still stands.
 */
export function originLocks(fronts: readonly Front[], ranges: Ranges, cluster: Cluster): readonly Fix[] {
  const fixes = new Map<string, Fix>()
  const idFor = fixIds('origin')
  const add = (key: string, make: (id: (what: string, object: KubeObject) => string) => Fix | undefined): void => {
    if (fixes.has(key)) return
    const made = make((what, object) => idFor(`${what} ${object.id}`, what, object.namespace, object.name))
    if (made) fixes.set(key, made)
  }
  // Once the client's address stands in the edge's place, a list of edges lets nobody in.
  const listed = new Set(
    fronts.flatMap(({ routes }) =>
      routes.flatMap((route) => {
        const list = allowlistOf(route)
        return list && list.setting === undefined ? [route.controller?.settingsObject?.id] : []
      }),
    ),
  )
  for (const front of fronts) {
    const lists = listsOf(front, ranges)
    const isTunnel = front.evidence.some(({ by }) => by === 'tunnel')
    for (const door of front.around)
      add(`door ${door.object.id}`, (id) => closed(door, front, { lists, isTunnel, id, bare: bareHosts(door, fronts) }))
    for (const { controller, object } of front.routes) {
      if (lists.length > 0 && controller) {
        if (!listed.has(controller.settingsObject?.id))
          add(`settings ${controller.settingsObject?.id}`, (id) => believed(controller, lists, id))
        add(`policy ${controller.workload?.id}`, (id) => guarded(controller, front, lists, cluster, id))
      }
      const route = front.routes.find((each) => each.object === object)
      const found = route && allowlistAfterRealIp(object, route, ranges)
      if (found) add(`allowlist ${object.id}`, (id) => withoutAllowlist(object, found.key, id))
    }
  }
  return [...fixes.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

type Id = (what: string, object: KubeObject) => string

/** The lists of those in front whose edges connect to the origin. */
function listsOf({ providers }: Front, ranges: Ranges): readonly ProviderRanges[] {
  return providers.flatMap(({ provider }) => {
    const own = ranges.get(provider)
    return own && own.cidrs.length > 0 && providerFacts(provider).kind === 'cdn' ? [own] : []
  })
}

interface Lock {
  readonly lists: readonly ProviderRanges[]
  readonly isTunnel: boolean
  readonly id: Id
  /** Hosts that come by the same door with nobody in front. */
  readonly bare: readonly string[]
}

function bareHosts({ object, leadsTo }: Door, fronts: readonly Front[]): readonly string[] {
  return fronts
    .filter(({ providers }) => providers.every(({ provider }) => providerFacts(provider).kind !== 'cdn'))
    .filter(({ doors }) => doors.some((door) => door.object.id === object.id && door.leadsTo === leadsTo && !door.by))
    .map(({ host, objects }) => (host === '' ? (objects[0]?.id ?? '') : host))
}

const MOST_HOSTS = 5

function shutOut(bare: readonly string[]): readonly string[] {
  if (bare.length === 0) return []
  const more = bare.length > MOST_HOSTS ? ` and ${bare.length - MOST_HOSTS} more` : ''
  return [
    `Nobody stands before ${bare.slice(0, MOST_HOSTS).join(', ')}${more}, which come by the same door: their clients are shut out until somebody does.`,
  ]
}

/** As many sources as the rules of a security group take by default, less a few. */
const MANY = 50

function closed(door: Door, front: Front, { lists, isTunnel, id, bare }: Lock): Fix | undefined {
  const { object, kind, leadsTo } = door
  if (object.kind !== 'Service') return undefined
  const isFirst = leadsTo === 'controller' || front.routes.some((route) => route.object.id === object.id)
  if (kind === 'external-ip')
    return fix(id('no-external-ip', object), `Take the external addresses from ${titleOf(object)}`, object, [
      { op: 'remove', path: ['spec', 'externalIPs'] },
    ])
  if (isTunnel || !isFirst) {
    if (kind === 'host-port') return undefined
    // A port of each node that a load balancer in front uses is its own way.
    if (kind === 'node-port' && string(at(object.body, 'spec', 'type')) === 'LoadBalancer') return undefined
    const why = isTunnel ? 'the tunnel needs no way in' : 'it leads past the proxy'
    return fix(
      id('close', object),
      `Make ${titleOf(object)} reachable inside the cluster only: ${why}`,
      object,
      toClusterIp(object),
      ['Whoever uses its address, or its port of the nodes, is cut off.'],
    )
  }
  if (kind !== 'load-balancer' || lists.length === 0) return undefined
  const cidrs = lists.flatMap((each) => [...each.cidrs])
  const who = lists.map(({ provider }) => providerFacts(provider).title).join(' and ')
  const dates = lists.map(({ provider, date }) => `${providerFacts(provider).title}: ${date ?? 'undated'}`).join(', ')
  return fix(
    id('sources', object),
    `Let only ${who} reach ${titleOf(object)}`,
    object,
    [{ op: 'set', path: ['spec', 'loadBalancerSourceRanges'], value: cidrs }],
    [
      ...shutOut(bare),
      `The ranges are those of ${dates}; they change, and the list must follow.`,
      `Every customer of ${who} passes: a client certificate or a secret header keeps the others out.`,
      ...(cidrs.length > MANY
        ? [`${cidrs.length} ranges may be more than one security group takes (60 rules on AWS, unless raised).`]
        : []),
    ],
  )
}

/** The fields that only other types of Service may have go, or the API server refuses the object. */
function toClusterIp({ body }: KubeObject): readonly Edit[] {
  const spec = field(body, 'spec')
  const gone = [
    'allocateLoadBalancerNodePorts',
    'loadBalancerSourceRanges',
    'loadBalancerClass',
    'loadBalancerIP',
    'externalTrafficPolicy',
    'healthCheckNodePort',
  ].filter((key) => field(spec, key) !== undefined)
  const ports = list(field(spec, 'ports')).flatMap((port, index): Edit[] =>
    field(port, 'nodePort') === undefined ? [] : [{ op: 'remove', path: ['spec', 'ports', index, 'nodePort'] }],
  )
  return [
    { op: 'set', path: ['spec', 'type'], value: 'ClusterIP' },
    ...gone.map((key): Edit => ({ op: 'remove', path: ['spec', key] })),
    ...ports,
  ]
}

/** Headers that hold one address, the client's, and that the edge writes anew. */
const CLIENT: Readonly<Record<string, string>> = { cloudflare: 'CF-Connecting-IP', fastly: 'Fastly-Client-IP' }

function believed({ product, settingsObject }: Controller, lists: readonly ProviderRanges[], id: Id): Fix | undefined {
  if (product !== 'ingress-nginx' || settingsObject?.kind !== 'ConfigMap') return undefined
  // A load balancer that speaks the PROXY protocol has told the edge's address before any header is read.
  const header = lists.length === 1 ? CLIENT[(lists[0] as ProviderRanges).provider] : undefined
  const wanted = {
    'use-forwarded-headers': 'true',
    'proxy-real-ip-cidr': lists.flatMap((each) => [...each.cidrs]).join(','),
    ...(header === undefined ? {} : { 'forwarded-for-header': header }),
  }
  const edits = Object.entries(wanted).flatMap(([key, value]): Edit[] =>
    at(settingsObject.body, 'data', key) === value ? [] : [{ op: 'set', path: ['data', key], value }],
  )
  if (edits.length === 0) return undefined
  return fix(
    id('real-ip', settingsObject),
    `Believe exactly ${lists.map(({ provider }) => providerFacts(provider).title).join(' and ')} about who the client is`,
    settingsObject,
    edits,
    [
      'Limits then count clients and not edges. Behind a load balancer that replaces the source address (externalTrafficPolicy: Cluster without PROXY protocol), its own range must be added.',
    ],
  )
}

/** Where ports of nodes lead to the proxy, source ranges do not hold; a NetworkPolicy does, if the address arrives. */
function guarded(
  { workload, services }: Controller,
  front: Front,
  lists: readonly ProviderRanges[],
  cluster: Cluster,
  id: Id,
): Fix | undefined {
  const pod = workload?.specs[0]?.pod
  const byNode = front.around.some(({ kind, workload: own }) => kind === 'node-port' && own === workload?.id)
  if (!workload || !pod || pod.hostNetwork || !byNode || lists.length === 0) return undefined
  const outer = services.filter(({ body }) => string(at(body, 'spec', 'type')) !== 'ClusterIP')
  if (!outer.every(({ body }) => at(body, 'spec', 'externalTrafficPolicy') === 'Local')) return undefined
  const name = `${workload.name}-origin-lock`.slice(0, 63).replace(/[^a-z0-9]+$/, '')
  const policyId = idOf('NetworkPolicy.networking.k8s.io', workload.namespace, name)
  if (cluster.get(policyId)) return undefined
  const open = new Set(outer.flatMap(({ body }) => portsOf(body)))
  const ports = pod.containers.flatMap((container) => container.ports)
  const isOpen = (port: (typeof ports)[number]): boolean =>
    open.has(String(port.port)) || (port.name !== undefined && open.has(port.name))
  const written = (all: typeof ports) => [
    ...new Map(all.map(({ port, protocol }) => [`${protocol} ${port}`, { protocol, port }])).values(),
  ]
  const served = written(ports.filter(isOpen))
  const rest = written(ports.filter((port) => !isOpen(port)))
  if (served.length === 0 || pod.labels.size === 0) return undefined
  const object: KubeObject = {
    id: policyId,
    group: 'networking.k8s.io',
    version: 'v1',
    kind: 'NetworkPolicy',
    namespace: workload.namespace,
    name,
    body: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name, namespace: workload.namespace },
      spec: {
        podSelector: { matchLabels: Object.fromEntries(pod.labels) },
        policyTypes: ['Ingress'],
        ingress: [
          { from: lists.flatMap((each) => each.cidrs.map((cidr) => ({ ipBlock: { cidr } }))), ports: served },
          { from: [{ namespaceSelector: {} }] },
          ...(rest.length === 0 ? [] : [{ ports: rest }]),
        ],
      },
    },
  }
  return {
    id: id('policy', object),
    kind: 'origin-lock',
    title: `Let only ${lists.map(({ provider }) => providerFacts(provider).title).join(' and ')} in at the nodes' ports of ${workload.namespace}/${workload.name}`,
    changes: [{ action: 'add', object }],
    witness: 'connections',
    serves: workload.id,
    notes: [
      'It holds because externalTrafficPolicy is Local, so that the client’s address arrives. Ports that no load balancer leads to stay as they are.',
    ],
  }
}

function portsOf(body: KubeObject['body']): readonly string[] {
  return list(at(body, 'spec', 'ports')).flatMap((port) => {
    const target = field(port, 'targetPort')
    return typeof target === 'string' || typeof target === 'number'
      ? [String(target)]
      : [String(number(field(port, 'port')) ?? '')]
  })
}

function withoutAllowlist(object: KubeObject, key: string, id: Id): Fix {
  return fix(
    id('allowlist', object),
    `Take the ranges of the CDN from ${titleOf(object)}, where the client’s address stands by now`,
    object,
    [{ op: 'remove', path: ['metadata', 'annotations', key] }],
    ['The load balancer must hold the ranges before: apply the change of its sources first.'],
  )
}

function fix(
  id: string,
  title: string,
  object: KubeObject,
  edits: readonly Edit[],
  notes: readonly string[] = [],
): Fix {
  return {
    id,
    kind: 'origin-lock',
    title,
    changes: [{ action: 'edit', object, edits }],
    witness: 'connections',
    serves: object.id,
    notes,
  }
}

function titleOf({ kind, namespace, name }: KubeObject): string {
  return `${kind} ${namespace}/${name}`
}
