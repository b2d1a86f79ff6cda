import { type Because, because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Known } from '../../known.ts'
import { behindOf } from '../routes/behind.ts'
import type { Route } from '../routes/route.ts'
import { allowedAtProxy } from './allowlists.ts'
import { servicesOf } from './attached.ts'
import { clientCertificateOf, secretHeaderOf } from './client-certificates.ts'
import { type Door, Doors } from './doors.ts'
import { type Evidence, evidenceOf } from './evidence.ts'
import { proxiedOf } from './external-dns.ts'
import { type Provider, providerFacts } from './provider.ts'
import type { Ranges } from './ranges.ts'
import { ruleMeets, type Tunnel, type TunnelRule, tunnelsOf } from './tunnels.ts'

/**
 * `locked`: nothing comes in but what its owner's edge sends (a tunnel, a client certificate, a secret header).
 * `attached`: a protection belongs to the only load balancer. `shared-provider`: only the provider's edges come in, which
 * serve its other customers too. `open`: somebody stands in front and there is a way around. `none`: nobody stands there.
 */
export type FrontState = 'locked' | 'attached' | 'shared-provider' | 'open' | 'none' | 'unknown'

/** One host, or one thing without a host, as the internet comes to it. */
export interface Front {
  /** Empty for what is reached without a name. */
  readonly host: string
  readonly routes: readonly Route[]
  /** Objects that publish the host, of a tunnel those that it passes requests to. */
  readonly objects: readonly KubeObject[]
  readonly evidence: readonly Evidence[]
  /** In the order of how sure it is; those that are only believed by real-IP settings last. */
  readonly providers: readonly { readonly provider: Provider; readonly truth: 'yes' | 'unknown' }[]
  readonly doors: readonly Door[]
  /** Doors that lead around whoever is in front. */
  readonly around: readonly Door[]
  /** Why only the owner's edge is let in. */
  readonly lock: readonly Because[]
  readonly state: FrontState
  readonly because: readonly Because[]
}

/** Who stands in front of what, and what leads around. `routes`: all routes of the cluster. */
export function frontsOf(
  cluster: Cluster,
  known: Pick<Known, 'exposures'>,
  routes: readonly Route[],
  ranges: Ranges,
): readonly Front[] {
  const doors = new Doors(cluster, known, ranges)
  const tunnels = tunnelsOf(cluster)
  const byTarget = new Map<string, Route[]>()
  for (const route of routes)
    for (const workload of route.target.workloads) {
      const same = byTarget.get(workload)
      if (same) same.push(route)
      else byTarget.set(workload, [route])
    }
  const groups = Map.groupBy(routes, (route) => (route.host === '' ? route.object.id : route.host.toLowerCase()))
  const fronts = [...groups.values()].map((own) => {
    const host = (own[0] as Route).host
    return judged({ host, routes: own, rules: rulesFor(tunnels, own, cluster) }, { cluster, ranges, doors, byTarget })
  })
  const byTunnel = tunnelled(tunnels, groups, cluster).map((rule) =>
    judged({ host: rule.host, routes: [], rules: [rule] }, { cluster, ranges, doors, byTarget }),
  )
  return [...fronts, ...byTunnel].sort((a, b) => order(a) - order(b) || (keyOf(a) < keyOf(b) ? -1 : 1))
}

const ORDER: readonly FrontState[] = ['open', 'unknown', 'shared-provider', 'none', 'attached', 'locked']

function order({ state }: Front): number {
  return ORDER.indexOf(state)
}

function keyOf({ host, routes, objects }: Front): string {
  return `${host} ${routes[0]?.id ?? objects[0]?.id ?? ''}`
}

interface TunnelWay extends TunnelRule {
  readonly tunnel: Tunnel
}

/** The rules of tunnels by which requests for these routes come. */
function rulesFor(tunnels: readonly Tunnel[], routes: readonly Route[], cluster: Cluster): readonly TunnelWay[] {
  const services = new Set(
    routes.flatMap(({ target, controller }) => [
      ...servicesOf(target.service, cluster).map(({ id }) => id),
      ...(controller?.services ?? []).map(({ id }) => id),
    ]),
  )
  return tunnels.flatMap((tunnel) =>
    (tunnel.rules ?? []).flatMap((rule) => {
      const leads = rule.service !== undefined && services.has(rule.service) && cluster.get(rule.service)
      return leads && routes.some(({ host }) => ruleMeets(rule, host)) ? [{ ...rule, tunnel }] : []
    }),
  )
}

/** Names that only a tunnel publishes. */
function tunnelled(
  tunnels: readonly Tunnel[],
  groups: ReadonlyMap<string, readonly Route[]>,
  cluster: Cluster,
): readonly TunnelWay[] {
  return tunnels.flatMap((tunnel) =>
    (tunnel.rules ?? []).flatMap((rule) =>
      rule.host !== '' && !groups.has(rule.host) && rule.service !== undefined && cluster.get(rule.service)
        ? [{ ...rule, tunnel }]
        : [],
    ),
  )
}

interface Found {
  readonly host: string
  readonly routes: readonly Route[]
  readonly rules: readonly TunnelWay[]
}

interface View {
  readonly cluster: Cluster
  readonly ranges: Ranges
  readonly doors: Doors
  readonly byTarget: ReadonlyMap<string, readonly Route[]>
}

const MOST_DOORS = 50

function judged({ host, routes, rules }: Found, view: View): Front {
  const { cluster, ranges } = view
  const passed = rules.flatMap(({ service }) => (service === undefined ? [] : (cluster.get(service) ?? [])))
  const allowed = allowedAtProxy(routes, ranges)
  const evidence = distinct([
    ...(allowed
      ? [{ provider: allowed.provider, by: 'source-ranges', truth: 'yes', because: allowed.because } as const]
      : []),
    ...rules.map(
      ({ tunnel, because: why }): Evidence => ({
        provider: 'cloudflare',
        by: 'tunnel',
        truth: 'yes',
        because: [why, ...tunnel.because],
      }),
    ),
    ...routes.flatMap((route) => evidenceOf(route, cluster, ranges)),
  ])
  const doors = doorsOf(routes, passed, view)
    .slice(0, MOST_DOORS)
    .map((door) => (allowed ? narrowed(door, allowed) : door))
  const locks = routes.map(({ object }) => clientCertificateOf(object, cluster) ?? secretHeaderOf(object))
  const lock = routes.length > 0 && locks.every((each) => each !== undefined) ? locks.flatMap((each) => each ?? []) : []
  const objects = [...new Set([...routes.map(({ object }) => object), ...passed])]
  const base = { host, routes, objects, evidence, providers: providersOf(evidence), doors, lock: unique(lock) }
  return { ...base, ...stateOf(base, cluster) }
}

/** The proxy answers nobody else on these routes; of another route to the same backend nothing is said. */
function narrowed(door: Door, { provider, because: why }: NonNullable<ReturnType<typeof allowedAtProxy>>): Door {
  if (door.leadsTo !== 'controller' || door.by !== undefined || door.lets.who === 'provider') return door
  return { ...door, lets: { who: 'provider', provider }, because: [...door.because, ...why] }
}

/** Straight to the backends, to the proxies of these routes, and to other proxies with routes to the same backends. */
function doorsOf(routes: readonly Route[], passed: readonly KubeObject[], view: View): readonly Door[] {
  const { doors, byTarget, cluster } = view
  const found = new Map<string, Door>()
  const add = (all: readonly Door[], by?: string): void => {
    for (const door of all) {
      const key = `${door.kind} ${door.object.id} ${door.leadsTo}`
      const same = found.get(key)
      if (!same || (same.truth === 'unknown' && door.truth === 'yes'))
        found.set(key, by === undefined ? door : { ...door, by })
    }
  }
  const backends = new Set(routes.flatMap(({ target }) => target.workloads))
  for (const service of passed) for (const id of behindOf(cluster).workloadsOf(service)) backends.add(id)
  const through = new Set<string>()
  const own = new Set(routes)
  for (const route of [...routes, ...[...backends].flatMap((id) => byTarget.get(id) ?? [])]) {
    const by = own.has(route) ? undefined : route.id
    const proxy = route.controller?.workload?.id
    if (route.target.workloads.length === 0) add(doors.ofService(route), by)
    if (proxy === undefined) add(doors.ofCloud(route), by)
    else if (!through.has(proxy)) {
      through.add(proxy)
      add(doors.to(proxy, 'controller'), by)
    }
  }
  for (const id of backends) if (!through.has(id)) add(doors.to(id, 'backend'))
  const objects = new Set(routes.map(({ object }) => object.id))
  const isOwn = (door: Door): number => (objects.has(door.object.id) ? 0 : door.by === undefined ? 1 : 2)
  return [...found.values()].sort((a, b) => isOwn(a) - isOwn(b))
}

/** Best first: what is sure before what is not. */
function providersOf(evidence: readonly Evidence[]): Front['providers'] {
  const truths = new Map<Provider, 'yes' | 'unknown'>()
  for (const { provider, truth } of evidence) if (truths.get(provider) !== 'yes') truths.set(provider, truth)
  return [...truths].map(([provider, truth]) => ({ provider, truth })).sort((a, b) => rank(a) - rank(b))
}

function rank({ truth }: { readonly truth: 'yes' | 'unknown' }): number {
  return truth === 'yes' ? 0 : 1
}

function stateOf(
  front: Pick<Front, 'providers' | 'doors' | 'lock' | 'evidence' | 'routes'>,
  cluster: Cluster,
): Pick<Front, 'state' | 'around' | 'because'> {
  const { providers, doors, lock, evidence, routes } = front
  const isCdn = providers.some(({ provider }) => providerFacts(provider).kind === 'cdn')
  if (providers.length === 0 && lock.length === 0) {
    const [first] = doors
    return first && doors.every(({ lets }) => lets.who === 'unknown')
      ? { state: 'unknown', around: [], because: [whyAround(first)] }
      : { state: 'none', around: [], because: unpublished(routes, cluster) }
  }
  const isTunnel = evidence.some(({ by }) => by === 'tunnel')
  const around = doors.filter((door) => leadsAround(door, { isTunnel, isCdn, isLocked: lock.length > 0, providers }))
  const sure = around.filter(({ truth, lets }) => truth === 'yes' && lets.who !== 'unknown')
  if (sure.length > 0 && providers.length > 0) return { state: 'open', around, because: sure.map(whyAround) }
  if (around.length > 0) return { state: 'unknown', around, because: around.map(whyAround) }
  if (lock.length > 0) return { state: 'locked', around, because: lock }
  if (isTunnel) return { state: 'locked', around, because: [because('no door leads past the tunnel')] }
  if (!isCdn) return { state: 'attached', around, because: evidence.flatMap((each) => each.because).slice(0, 3) }
  // A provider whose edges nothing was seen to let in: the doors themselves are not in the input.
  const lets = doors.filter((door) => door.lets.who === 'provider')
  return lets.length > 0
    ? { state: 'shared-provider', around, because: lets.map(whyShared) }
    : { state: 'unknown', around, because: [whyUnseen(doors)] }
}

function whyUnseen(doors: readonly Door[]): Because {
  const kept = doors.find(({ lets }) => lets.who === 'others')
  return kept
    ? because('lets in ranges of which no provider is known (--ranges names yours)', kept.object, ['spec'])
    : because('the load balancer that it is reached by is not in the input')
}

function leadsAround(
  { lets, leadsTo, kind }: Door,
  front: {
    readonly isTunnel: boolean
    readonly isCdn: boolean
    readonly isLocked: boolean
    readonly providers: Front['providers']
  },
): boolean {
  // The proxy asks every client for what only the edge has.
  if (front.isLocked && leadsTo === 'controller') return false
  // Certain addresses of somebody's own are no way in for the internet.
  if (lets.who === 'nobody' || lets.who === 'others') return false
  if (front.isTunnel) return true
  if (!front.isCdn) return front.isLocked || kind !== 'cloud-load-balancer'
  if (lets.who === 'provider') return !front.providers.some(({ provider }) => provider === lets.provider)
  return true
}

function whyAround({ object, because: why, kind }: Door): Because {
  return why[0] ?? because(`is a ${kind}`, object)
}

function whyShared({ object, lets }: Door): Because {
  const who = lets.who === 'provider' ? providerFacts(lets.provider).title : ''
  return because(`lets in every customer of ${who}`, object, ['spec'])
}

/** An annotation that was meant to put somebody in front. */
function unpublished(routes: readonly Route[], cluster: Cluster): readonly Because[] {
  return unique(routes.flatMap(({ object }) => proxiedOf(object, cluster).because)).slice(0, 3)
}

function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  const found = new Map<string, Evidence>()
  for (const each of evidence) {
    const first = each.because[0]
    found.set(`${each.provider} ${each.by} ${first?.object?.id ?? ''} ${first?.text ?? ''}`, each)
  }
  return [...found.values()]
}

function unique(all: readonly Because[]): readonly Because[] {
  return [...new Map(all.map((each) => [`${each.object?.id} ${each.text}`, each])).values()]
}
