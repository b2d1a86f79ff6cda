import type { Edit } from '../../../cluster/edit/change.ts'
import { at } from '../../../cluster/json.ts'
import type { Truth } from '../../../cluster/labels.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Product, Written } from '../../../engines/traffic/dialects/dialect.ts'
import { isAtLeast } from '../../../engines/traffic/dialects/versions.ts'
import type { Limit } from '../../../engines/traffic/limit.ts'
import type { Route } from '../../../engines/traffic/routes/route.ts'
import {
  bodyLimitOf,
  connectionLimitOf,
  type FitOptions,
  requestLimitOf,
  type Sustained,
} from '../../../engines/traffic/suggest/fit.ts'
import type { RouteNeeds } from '../../../engines/traffic/suggest/needs.ts'
import type { RouteProfile } from '../../../engines/traffic/suggest/profile.ts'
import { SHAPES, type Shape } from '../../../engines/traffic/suggest/shape.ts'
import type { Writable } from '../../../engines/traffic/write/writer.ts'
import { WRITERS } from '../../../engines/traffic/write/writers.ts'
import type { LimitsItem } from '../../../report/traffic/limits.ts'

/** The routes of one object, which share their limits; without a cluster all requests of the log. */
export interface Group {
  readonly object: KubeObject | undefined
  readonly routes: readonly Route[]
  readonly product: Writable | undefined
}

/** One group an object, in the order of the routes, and to which group each route belongs. */
export function groupsOf(
  routes: readonly Route[],
  to: Writable | undefined,
): { readonly groups: readonly Group[]; readonly of: readonly number[] } {
  const groups: { object: KubeObject; routes: Route[]; product: Writable | undefined }[] = []
  const places = new Map<string, number>()
  const of = routes.map((route) => {
    const { object, controller } = route
    let at = places.get(object.id)
    if (at === undefined) {
      at = groups.length
      places.set(object.id, at)
      groups.push({ object, routes: [], product: to ?? writable(controller?.product) })
    }
    groups[at]?.routes.push(route)
    return at
  })
  return { groups, of }
}

export function writable(product: Product | undefined): Writable | undefined {
  return product !== undefined && Object.hasOwn(SHAPES, product) ? (product as Writable) : undefined
}

/** What is measured for where no writer is: a bucket, as most engines have. */
const ANY: Shape = { ...SHAPES['f5-nginx'], code: 429, shadow: false }

export function shapeOf(group: Group): Shape {
  const { product } = group
  if (product === undefined) return ANY
  const shape = SHAPES[product]
  return product === 'envoy-gateway' && shadowsLocally(group) === 'no' ? { ...shape, shadow: false } : shape
}

/** Local rules of Envoy Gateway are shadowed since 1.8; where the route is another product's today, its version tells nothing. */
function shadowsLocally({ routes }: Group): Truth {
  const controller = routes[0]?.controller
  return controller?.product === 'envoy-gateway' ? isAtLeast(controller.settings, 1, 8) : 'unknown'
}

/** The limits that are suggested for a group, and what its engine is told of them. */
export function writtenOf(
  group: Group,
  found: Sustained,
  needs: RouteNeeds,
  profile: RouteProfile,
  options: FitOptions,
  isStaged: boolean,
): Written {
  const wanted = [
    requestLimitOf(found, needs.need, profile, options),
    connectionLimitOf(profile, options),
    bodyLimitOf(profile, options),
  ].flatMap((limit): readonly Limit[] =>
    limit === undefined
      ? []
      : [isStaged && options.shape.shadow && limit.kind === 'requests' ? { ...limit, shadow: true as const } : limit],
  )
  const writer = group.product === undefined ? undefined : WRITERS[group.product]
  if (!writer) return { objects: [], annotations: {}, settings: {}, kept: wanted, losses: [] }
  const { object } = group
  // A policy cannot be attached to what its engine does not read: then it is for the route to come, of the same name.
  const isOwn = object !== undefined && group.routes[0]?.controller?.product === group.product
  return writer(wanted, {
    name: object?.name ?? 'limits',
    namespace: object?.namespace || 'default',
    ...(isOwn ? { route: { group: object.group, kind: object.kind, name: object.name } } : {}),
  })
}

/** What is said of how a limit is staged: counted first, or with which risk enforced at once. */
export function stagingNotes(group: Group, { shadow }: Shape, isStaged: boolean): readonly string[] {
  const { product } = group
  if (product === undefined) return ['this engine is not written for: the limit is what to say in its own words']
  if (!isStaged) return []
  const since =
    product === 'envoy-gateway' && shadowsLocally(group) === 'unknown'
      ? '; Local rules have that since Envoy Gateway 1.8: before, the field is dropped and the limit refuses at once'
      : ''
  return shadow
    ? [`in shadow mode first: it counts and logs, and refuses nothing until you run this with --enforce${since}`]
    : [NO_SHADOW[product] ?? 'its engine has no shadow mode for this limit: it refuses from the first minute']
}

const NO_SHADOW: Partial<Record<Writable, string>> = {
  'ingress-nginx':
    'ingress-nginx has no shadow mode by annotation (limit_req_dry_run needs a snippet): it refuses from the first minute',
  'envoy-gateway':
    'Envoy Gateway before 1.8 has no shadow mode for Local limits: this one refuses from the first minute',
}

/** One group, and what is suggested for it; without an item where none of its requests was logged. */
export interface Suggested {
  readonly group: Group
  readonly written?: Written
  readonly item?: Omit<LimitsItem, 'patches'>
}

/** Annotations of one limit in two periods, of which ingress-nginx enforces both. */
const PERIODS = ['nginx.ingress.kubernetes.io/limit-rps', 'nginx.ingress.kubernetes.io/limit-rpm'] as const

/** Annotations of today that would limit beside the ones that are suggested. */
export function replaced({ annotations }: Written, { object }: Group): readonly string[] {
  if (!PERIODS.some((key) => Object.hasOwn(annotations, key))) return []
  return PERIODS.filter(
    (key) => !Object.hasOwn(annotations, key) && at(object?.body, 'metadata', 'annotations', key) !== undefined,
  )
}

export function annotationEdits(written: Written, group: Group): readonly Edit[] {
  const path = (key: string): readonly string[] => ['metadata', 'annotations', key]
  return [
    ...Object.entries(written.annotations).map(([key, value]): Edit => ({ op: 'set', path: path(key), value })),
    ...replaced(written, group).map((key): Edit => ({ op: 'remove', path: path(key) })),
  ]
}
