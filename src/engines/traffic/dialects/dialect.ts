import type { Because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { Json } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { ProxyProduct } from '../../../cluster/proxies.ts'
import type { Limit } from '../limit.ts'

/** What reads limits: the proxies, and meshes that count at the workload. */
export type Product = ProxyProduct | 'linkerd'

/** How a controller is set: its ConfigMap, its flags and environment, what nobody has said of it. */
export interface Settings {
  /** Keys and values of its ConfigMap (or what plays that part), with where each is said. */
  readonly values: ReadonlyMap<string, { readonly value: string; readonly because: Because }>
  /** `--flag=value` of its container, without the dashes. */
  readonly flags: ReadonlyMap<string, { readonly value: string; readonly because: Because }>
  /** False where the controller or its ConfigMap was not in the input, so that defaults are a guess. */
  readonly seen: boolean
  /** The version of its image's tag, where it has one: `1.15.1`. */
  readonly version?: string
}

/** A limit that an object sets, as it is written; whether it works is decided by the routes. */
export interface FoundLimit {
  readonly limit: Limit
  readonly because: readonly Because[]
  /** It does nothing, whatever the route: a feature that was removed, a value that the engine refuses or ignores. */
  readonly inert?: { readonly rule: string; readonly because: readonly Because[] }
  /** What could not be read of it (an expression, a reference that is not in the input): the limit is then *unknown*. */
  readonly unknown?: { readonly missing: string; readonly because: readonly Because[] }
  /** A default of the engine, which nobody wrote. */
  readonly byDefault?: true
}

export interface Dialect {
  readonly product: Product
  /** For people: `ingress-nginx`, `NGINX Ingress Controller (F5)`. */
  readonly title: string
  /**
   * All limits that `object` sets by itself (annotations of an Ingress, the spec of a Policy, Middleware, …; of the
   * controller's ConfigMap with `object` undefined: what it sets for every route, defaults included).
   */
  read(object: KubeObject | undefined, settings: Settings, cluster: Cluster): readonly FoundLimit[]
}

/** What a writer makes of limits, and what its engine cannot keep. */
export interface Written {
  /** Objects to apply, complete, or parts of one (`annotations`) to merge into the object that carries the route. */
  readonly objects: readonly Json[]
  readonly annotations: Readonly<Record<string, string>>
  /** Keys of the controller's ConfigMap. */
  readonly settings: Readonly<Record<string, string>>
  /** The engine's own configuration, to be run outside a cluster: nginx.conf, envoy.yaml, haproxy.cfg. */
  readonly native?: string
  /** The limits as this engine will enforce them: reading what was written gives these. */
  readonly kept: readonly Limit[]
  readonly losses: readonly Loss[]
}

/** Something of a limit that the target does otherwise or not at all. Nothing is lost that is not told here. */
export interface Loss {
  readonly limit: Limit
  readonly field: string
  readonly severity: 'lost' | 'changed'
  /** `HAProxy counts refused requests: at 10 % over the limit it admits a fifth of what nginx does`. */
  readonly message: string
}
