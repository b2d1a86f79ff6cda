import type { Because } from '../../../cluster/because.ts'
import type { Truth } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Controller } from '../controllers/controller.ts'
import type { FoundLimit } from '../dialects/dialect.ts'

/** One way from outside to a backend: a host and path of an Ingress or route, a port of a Service, a port of a host. */
export interface Route {
  /** Stable: `Ingress/shop/web shop.example.com/api`, `Service/shop/web :443`. */
  readonly id: string
  readonly object: KubeObject
  /** Empty where all hosts or paths lead here. */
  readonly host: string
  readonly path: string
  /** How the path is meant; absent: all paths below it. */
  readonly match?: 'exact' | 'prefix' | 'regex'
  readonly protocol: 'http' | 'tcp' | 'udp'
  readonly target: {
    /** `shop/web:80`; of a route without a Service the workload. */
    readonly service: string
    readonly workloads: readonly string[]
  }
  /** Whether outsiders reach it: `unknown` where a firewall or an unread class decides. */
  readonly exposed: Exclude<Truth, 'no'>
  /** What would tell whether outsiders reach it, or who serves it. */
  readonly missing?: string
  readonly controller: Controller | undefined
  readonly limits: readonly JudgedLimit[]
  /** What kinds of limits nothing sets here: `requests`, `connections`, `body`, `timeout`. */
  readonly without: readonly string[]
  readonly because: readonly Because[]
}

export type LimitState = 'none' | 'inert' | 'bypassable' | 'effective' | 'unknown'

export interface JudgedLimit extends FoundLimit {
  readonly state: Exclude<LimitState, 'none'>
  /** The rule that decided: `R1` to `R7`, or `removed-feature`, `wrong-class`, `unreferenced`, `not-accepted`, `overridden`, `unused-by-engine`, `second-door`, `shadow`, … */
  readonly rule?: string
  /** The part of `because` that decided, where a rule did. */
  readonly decided?: readonly Because[]
  /** Over all replicas: the limit with the fewest and with the most of them (rule R5). */
  readonly total?: { readonly least: number; readonly most: number | undefined }
}
