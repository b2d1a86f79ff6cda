import type { Because } from '../../../../cluster/because.ts'
import type { Cluster } from '../../../../cluster/cluster.ts'
import type { Path } from '../../../../cluster/json.ts'
import type { KubeObject } from '../../../../cluster/object.ts'
import type { Product } from '../../dialects/dialect.ts'
import type { Placed } from '../finish.ts'

/** An object whose limits hold for a route. */
export interface Attached {
  readonly object: KubeObject
  /** Only what these parts of it say; without them all of it. */
  readonly within?: readonly Path[]
  /** Whose words it is in, where that is not the controller of the route (a mesh behind it). */
  readonly product?: Product
  /** The pods of the target count themselves (a sidecar), not the controller that carries the route. */
  readonly behind?: true
  /** How it came to hold for the route. */
  readonly because: readonly Because[]
  /** It holds for the route and does nothing there. */
  readonly inert?: { readonly rule: string; readonly because: readonly Because[] }
  /** Whether it holds cannot be told. */
  readonly unknown?: { readonly missing: string; readonly because: readonly Because[] }
}

/** What a route names and the input does not hold: it may limit the route. */
export interface Absent {
  /** As people write it: `Middleware shop/rate`. */
  readonly absent: string
  readonly because: readonly Because[]
}

/** One way by which objects come to limit routes; made once for a cluster, asked for each route. */
export type Attacher = (cluster: Cluster) => {
  /** For which controllers; undefined for all. */
  readonly products?: readonly Product[]
  of(placed: Placed): readonly (Attached | Absent)[]
}
