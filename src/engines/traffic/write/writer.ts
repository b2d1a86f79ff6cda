import type { Product, Written } from '../dialects/dialect.ts'
import type { Limit } from '../limit.ts'

/** Products whose configuration is written here. */
export type Writable = Extract<
  Product,
  'ingress-nginx' | 'f5-nginx' | 'envoy-gateway' | 'haproxy' | 'haproxy-ingress' | 'traefik'
>

export interface WriteTarget {
  /** What objects that are made are called, and where they are. */
  readonly name: string
  readonly namespace: string
  /** What carries the route, for policies that are attached to it: an HTTPRoute named `name`, if not said. */
  readonly route?: { readonly group: string; readonly kind: string; readonly name: string }
  /** The Gateway of the route, for limits that hold for a listener: named `name`, if not said. */
  readonly gateway?: string
  /** Also write the engine's own configuration. */
  readonly native?: NativeTarget
}

/** Where an engine runs by itself: everything that its own configuration needs besides the limits. */
export interface NativeTarget {
  /** `127.0.0.1:8080` */
  readonly listen: string
  readonly backend: string
  /** Where it may write its process id, its temporary files and its access log `access.log`: an absolute folder. */
  readonly folder: string
  /** As the controller of ingress-nginx sets it: whose X-Forwarded-For is believed. */
  readonly realIp?: { readonly trusted: readonly string[]; readonly header: string }
  /** Whom the route lets in (`allowlist-source-range`), by the address that is counted. */
  readonly allow?: readonly string[]
}

/** What was written, and which limit each of `kept` was made of. */
export interface WrittenLimits extends Written {
  readonly origins: ReadonlyMap<Limit, Limit>
}

export type Writer = (limits: readonly Limit[], target: WriteTarget) => WrittenLimits
