import type { Because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { FoundLimit } from '../dialects/dialect.ts'
import type { Evidence } from '../front/evidence.ts'
import type { Ranges } from '../front/ranges.ts'
import type { Placed } from '../routes/finish.ts'
import type { Trust } from './trust.ts'
import type { Way } from './way.ts'

/** What the rules look at: a route, how requests come to its controller, and whom that believes. */
export interface Judging {
  readonly cluster: Cluster
  readonly placed: Placed
  readonly trust: Trust
  readonly ways: readonly Way[]
  /** Who stands in front. */
  readonly front: readonly Evidence[]
  readonly ranges: Ranges
  /** Gateways that carry the route. */
  readonly parents: readonly KubeObject[]
  readonly capacities: readonly Capacity[]
}

/** What `traffic probe` measured at a URL: requests per second of all replicas that answered. */
export interface Capacity {
  readonly url: string
  /** The id of the route, where the probe was told. */
  readonly route?: string
  readonly low: number
  /** `Infinity` where nothing broke. */
  readonly high: number
}

export type Ruling =
  | { readonly state: 'bypassable' | 'inert'; readonly rule: string; readonly because: readonly Because[] }
  | { readonly state: 'unknown'; readonly rule: string; readonly missing: string; readonly because: readonly Because[] }

/** One rule of domain 1.3: what it says against a limit; undefined where it has nothing to say. */
export type Rule = (judging: Judging, limit: FoundLimit) => Ruling | undefined
