import type { Because } from '../../../cluster/because.ts'

/**
 * From where too much comes: a client at an exposed route, a pod that somebody has taken over, a workload that grows
 * without end, an identity at the API server.
 */
export const SOURCE_KINDS = ['client', 'pod', 'deployment', 'identity'] as const
export type SourceKind = (typeof SOURCE_KINDS)[number]

export const RESOURCE_KINDS = ['workload', 'proxy', 'store', 'node', 'quota', 'capacity', 'api-server', 'dns'] as const
export type ResourceKind = (typeof RESOURCE_KINDS)[number]

/** How many there are, and some of them: a document of a large cluster stays small. */
export interface Counted {
  readonly count: number
  readonly examples: readonly string[]
}

/** What is used up. */
export interface Resource {
  readonly kind: ResourceKind
  /** The id of a workload, node pool, quota or priority level; empty where each source uses up one of its own. */
  readonly id: string
  /** For people: `memory of nodes in pool default`. */
  readonly title: string
}

/**
 * What one source can use up, and whose availability suffers with it. Sources that differ in nothing but their name are
 * one: `count` of them, the worst first.
 */
export interface Exhaustion {
  readonly source: SourceKind
  readonly sources: Counted
  /** Ids from the worst source to the resource, both left out. */
  readonly via: readonly string[]
  readonly exhausts: Resource
  /** By the worst source: how many, and the first of them by id. */
  readonly hits: { readonly workloads: Counted; readonly applications: Counted }
  /** The share of all availability that is at stake with the worst source: 0 to 1. */
  readonly share: number
  readonly truth: 'yes' | 'unknown'
  readonly because: readonly Because[]
  /** What would cut it, shortest first. */
  readonly caps: readonly string[]
}

/** What availability is worth, by application, and how likely each kind of source is taken to be. */
export interface Worth {
  of(application: string): number
  /** Of all applications together. */
  readonly total: number
  readonly likely: Readonly<Record<SourceKind, number>>
}

/** What is expected to be lost: the order in which exhaustions are told. What is unknown counts half. */
export function expected({ source, share, truth }: Exhaustion, { likely }: Worth): number {
  return likely[source] * share * (truth === 'yes' ? 1 : 0.5)
}
