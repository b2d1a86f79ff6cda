import { type Because, because } from '../../../../cluster/because.ts'
import { at, field, type Json, list, number, string, strings } from '../../../../cluster/json.ts'
import type { KubeObject } from '../../../../cluster/object.ts'
import type { Draft } from '../draft.ts'
import { type RouteInput, whole } from './kind.ts'

/** Ports that a Service itself opens: of a load balancer, of each node, of addresses that are routed to nodes. */
export function* serviceRoutes({ cluster, known, behind }: RouteInput): Iterable<Draft> {
  const ways = Map.groupBy(known.exposures(), ({ rule }) => rule)
  for (const object of cluster.ofKind('Service')) {
    const type = string(at(object.body, 'spec', 'type'))
    const isBalanced = type === 'LoadBalancer'
    const outside = isBalanced || type === 'NodePort' || strings(at(object.body, 'spec', 'externalIPs')).length > 0
    if (!outside || type === 'ExternalName') continue
    const found = ways.get(object.id) ?? []
    const faces = isBalanced ? known.facesOutside(object, undefined) : NODE
    const isInternal = isBalanced && faces.truth === 'no'
    const byNode = found.some(({ kind }) => kind === 'exposed-node-port')
    for (const port of list(at(object.body, 'spec', 'ports')))
      yield {
        object,
        host: '',
        path: '',
        only: portText(port, isBalanced && !isInternal ? 'port' : 'nodePort'),
        protocol: field(port, 'protocol') === 'UDP' ? 'udp' : isHttp(port) ? 'http' : 'tcp',
        backends: [
          { namespace: object.namespace, name: object.name, port: field(port, 'port'), path: ['spec', 'ports'] },
        ],
        controller: undefined,
        faces: isInternal && byNode && behind.workloadsOf(object).length > 0 ? 'unknown' : faces.truth,
        places: whole(object),
        parents: [],
        rule: ['spec', 'type'],
        because: [...faces.because, ...reasonOf(object, isInternal, type)],
      }
  }
}

const NODE = { truth: 'unknown', because: [] } as const

function reasonOf(object: KubeObject, isInternal: boolean, type: string | undefined): readonly Because[] {
  if (isInternal)
    return [
      because('its load balancer is internal, its ports of nodes are open unless a firewall closes them', object, [
        'spec',
        'type',
      ]),
    ]
  if (type === 'NodePort')
    return [because('opens a port of every node, unless a firewall closes it', object, ['spec', 'type'])]
  return []
}

function portText(port: Json, which: 'port' | 'nodePort'): string {
  const written = number(field(port, which))
  if (which === 'port') return `:${written ?? '?'}`
  return written === undefined
    ? `:${number(field(port, 'port')) ?? '?'} (a port of each node)`
    : `:${written} (each node)`
}

const HTTP_PORTS = new Set<Json>([80, 443, 8000, 8080, 8443])

/** By its name, as Istio reads it, or by custom. */
function isHttp(port: Json): boolean {
  const name = string(field(port, 'appProtocol')) ?? string(field(port, 'name')) ?? ''
  return /^(kubernetes\.io\/)?(http|https|grpc|web|h2c|ws)/i.test(name) || HTTP_PORTS.has(field(port, 'port') ?? null)
}
