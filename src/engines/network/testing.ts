import type { Cluster } from '../../cluster/cluster.ts'
import type { Json } from '../../cluster/json.ts'
import { clusterOf } from '../../cluster/testing.ts'
import type { Edge } from '../engine.ts'
import type { Known } from '../known.ts'
import type { NetworkOptions } from './model.ts'
import { networkEngine } from './network.ts'

/** For tests: the smallest manifests, and what the edges of the engine come to. */

export type Manifest = { readonly [key: string]: Json }

export const namespace = (name: string, labels: Manifest = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
})

export interface PodOptions {
  readonly labels?: Manifest
  readonly ports?: readonly Json[]
  readonly spec?: Manifest
  readonly kind?: string
}

/** A workload `namespace/name` with the label `app: name`; ports are numbers of TCP, or whole container ports. */
export function workload(
  id: string,
  { labels, ports = [], spec = {}, kind = 'Deployment' }: PodOptions = {},
): Manifest {
  const [space = '', name = ''] = id.split('/')
  const containerPorts = ports.map((port) => (typeof port === 'number' ? { containerPort: port } : port))
  const template = {
    metadata: { labels: labels ?? { app: name } },
    spec: { containers: [{ name: 'main', image: 'main', ports: containerPorts }], ...spec },
  }
  return { apiVersion: 'apps/v1', kind, metadata: { name, namespace: space }, spec: { template } }
}

/** A running pod, with its address. */
export function pod(id: string, ip: string, { labels, ports = [], spec = {} }: PodOptions = {}): Manifest {
  const [space = '', name = ''] = id.split('/')
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: space, labels: labels ?? { app: name } },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'main', ports }], ...spec },
    status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] },
  }
}

export function policy(id: string, spec: Json): Manifest {
  const [space = '', name = ''] = id.split('/')
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace: space }, spec }
}

export function made(id: string, apiVersion: string, kind: string, rest: Manifest): Manifest {
  const [space = '', name = ''] = id.split('/')
  const { metadata, ...body } = rest
  return { apiVersion, kind, metadata: { name, namespace: space, ...(metadata as Manifest | undefined) }, ...body }
}

export const service = (id: string, spec: Manifest, metadata: Manifest = {}): Manifest => {
  return made(id, 'v1', 'Service', { metadata, spec: { selector: { app: id.split('/')[1] ?? '' }, ...spec } })
}

export const cluster = (...manifests: readonly Manifest[]): Cluster =>
  clusterOf(manifests.map((each) => JSON.stringify(each)).join('\n---\n'))

/** Nothing that the network engine asks of others. */
export const NOTHING_KNOWN = {} as Known

export const edgesOf = (of: Cluster, options: NetworkOptions = {}): readonly Edge[] => [
  ...networkEngine(options).edges(of, NOTHING_KNOWN),
]

export interface Contact {
  readonly yes: number
  readonly any: number
}

/** The greatest chance from workload (or node) to workload over the classes: by certain edges alone, and by all. */
export function contacts(edges: readonly Edge[]): ReadonlyMap<string, Contact> {
  const sends = Map.groupBy(
    edges.filter(({ kind }) => kind === 'sends'),
    ({ to }) => to,
  )
  const receives = Map.groupBy(
    edges.filter(({ kind }) => kind === 'receives'),
    ({ from }) => from,
  )
  const found = new Map<string, Contact>()
  for (const { kind, from, to, chance, truth } of edges) {
    if (kind !== 'connects') continue
    for (const source of sends.get(from) ?? []) {
      for (const target of receives.get(to) ?? []) {
        const key = `${source.from} ${target.to}`
        const known = found.get(key) ?? { yes: 0, any: 0 }
        found.set(key, {
          yes: truth === 'yes' ? Math.max(known.yes, chance) : known.yes,
          any: Math.max(known.any, chance),
        })
      }
    }
  }
  return found
}
