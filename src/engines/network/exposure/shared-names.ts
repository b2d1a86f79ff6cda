import { type Because, because } from '../../../cluster/because.ts'
import { attachments, takesFrom } from '../../../cluster/gateway-api/attachments.ts'
import { at, field, list } from '../../../cluster/json.ts'
import { both, type Truth } from '../../../cluster/labels.ts'
import { idParts, type KubeObject } from '../../../cluster/object.ts'
import { isManaged, type ProxyProduct } from '../../../cluster/proxies.ts'
import { ingressClassOf } from '../../../cluster/serving-class.ts'
import { CHANCE } from '../../engine.ts'
import type { Opened, SharedNames } from '../../known.ts'
import type { NetworkModel } from '../model.ts'
import { INGRESS, type RouteKind } from './doors.ts'
import type { Exposure } from './exposure.ts'
import { exposuresOf } from './exposures.ts'

/**
 * Routes of several namespaces that are served under one name: the more specific path gets a request, whoever wrote it, and
 * where TLS ends at the proxy in clear text.
 */
export function sharedNames(model: NetworkModel, route: RouteKind): readonly SharedNames[] {
  if (route === INGRESS) return ofIngresses(model)
  return route.kind === 'HTTPRoute' ? ofHttpRoutes(model) : []
}

/** Products that join the rules of Ingresses of any namespace under one host, the longest path first. */
const JOINING: ReadonlySet<ProxyProduct> = new Set(['ingress-nginx', 'traefik'])
/** Those that let one Ingress, or one namespace, have a host alone. */
const APART: ReadonlySet<ProxyProduct> = new Set(['f5-nginx', 'openshift'])

function joins(product: ProxyProduct | undefined): Truth {
  if (product === undefined) return 'unknown'
  if (JOINING.has(product)) return 'yes'
  return APART.has(product) || isManaged(product) ? 'no' : 'unknown'
}

interface Draft {
  readonly takes: (namespace: string) => Truth
  readonly served: Map<string, Opened>
  /** Of the routes. */
  readonly namespaces: Set<string>
}

function ofIngresses(model: NetworkModel): readonly SharedNames[] {
  const groups = new Map<string, Draft>()
  for (const exposure of exposuresOf(model)) {
    if (exposure.kind !== 'exposed-ingress') continue
    const ingress = model.cluster.get(exposure.rule)
    if (!ingress) continue
    const { product, controller } = ingressClassOf(model.cluster, ingress)
    const joined = joins(product)
    if (joined === 'no') continue
    const why = because(
      product !== undefined && joined === 'yes'
        ? `${product} joins Ingresses of all namespaces under one host, the longest path first`
        : 'what serves it may join Ingresses of all namespaces under one host',
      ingress,
      ['spec', 'rules'],
    )
    add(groups, `names of ${product ?? controller ?? 'Ingresses without a class'}`, () => 'yes', exposure, joined, why)
  }
  return told(groups)
}

/** Gateway API: of the routes of one listener the most specific match gets a request, whatever its namespace. */
function ofHttpRoutes(model: NetworkModel): readonly SharedNames[] {
  const byRule = Map.groupBy(
    exposuresOf(model).filter(({ kind }) => kind === 'exposed-gateway'),
    ({ rule }) => rule,
  )
  const groups = new Map<string, Draft>()
  for (const route of model.cluster.ofKind('HTTPRoute', 'gateway.networking.k8s.io')) {
    const exposed = byRule.get(route.id)
    if (!exposed) continue
    for (const { gateway, truth, listeners } of attachments(model.cluster, route)) {
      if (!gateway || truth === 'no') continue
      for (const listener of listenersOf(gateway, new Set(listeners.map(({ name }) => name)))) {
        const rule = at(listener, 'allowedRoutes', 'namespaces')
        const from = field(rule, 'from') ?? 'Same'
        const whose = from === 'All' ? 'any namespace' : from === 'Same' ? gateway.namespace : JSON.stringify(rule)
        const why = because('its listener takes routes of others, the most specific path first', gateway, [
          'spec',
          'listeners',
        ])
        for (const exposure of exposed)
          add(
            groups,
            `names of Gateways for routes of ${whose}`,
            (namespace) => takesFrom(model.cluster, rule, gateway.namespace, namespace),
            exposure,
            truth,
            why,
          )
      }
    }
  }
  return told(groups)
}

function listenersOf(gateway: KubeObject, names: ReadonlySet<string>) {
  return list(at(gateway.body, 'spec', 'listeners')).filter((each) => names.has(String(field(each, 'name') ?? '')))
}

function add(
  groups: Map<string, Draft>,
  name: string,
  takes: Draft['takes'],
  exposure: Exposure,
  joined: Truth,
  why: Because,
): void {
  const group = groups.get(name) ?? { takes, served: new Map<string, Opened>(), namespaces: new Set<string>() }
  groups.set(name, group)
  group.namespaces.add(idParts(exposure.rule).namespace)
  const truth = both(exposure.truth, joined) === 'yes' ? 'yes' : 'unknown'
  const same = group.served.get(exposure.workload)
  if (same && (same.truth === 'yes' || truth === 'unknown')) return
  group.served.set(exposure.workload, {
    to: exposure.workload,
    chance: CHANCE.served,
    truth,
    because: [why, ...exposure.because.slice(0, 1)],
  })
}

function told(groups: ReadonlyMap<string, Draft>): readonly SharedNames[] {
  return [...groups].map(([name, { takes, served, namespaces }]) => ({
    name,
    takes: (namespace) => (namespaces.size === 1 && namespaces.has(namespace) ? 'no' : takes(namespace)),
    served: [...served.values()],
  }))
}
