import { addressesOf, holdsAll } from '../../../cluster/addresses.ts'
import { because } from '../../../cluster/because.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Finding } from '../../engine.ts'
import type { Known } from '../../known.ts'
import { controllersOf } from '../controllers/controllers.ts'
import type { Route } from '../routes/route.ts'
import { routesOf } from '../routes/routes.ts'
import { allowlistOf } from './allowlists.ts'
import type { Door } from './doors.ts'
import { proxiedOf } from './external-dns.ts'
import { type Front, frontsOf } from './front.ts'
import { providerFacts } from './provider.ts'
import { type Ranges, SHIPPED_RANGES } from './ranges.ts'
import { missingOf, sourcesOf } from './sources.ts'

/** What is wrong with who stands in front, by the routes of the cluster. */
export function* frontFindings(
  cluster: Cluster,
  known: Known,
  routes: readonly Route[] = routesOf(cluster, known),
  ranges: Ranges = SHIPPED_RANGES,
): Iterable<Finding> {
  const fronts = frontsOf(cluster, known, routes, ranges)
  yield* openOrigins(fronts)
  yield* unreadAnnotations(fronts, cluster)
  yield* afterRealIp(fronts, ranges)
  yield* outdated(cluster, ranges)
}

/** Once for each object that opens a door, with all hosts that it opens. */
function* openOrigins(fronts: readonly Front[]): Iterable<Finding> {
  const byDoor = new Map<string, { door: Door; fronts: Front[] }>()
  for (const front of fronts) {
    if (front.state !== 'open') continue
    for (const door of front.around) {
      if (door.truth !== 'yes' || door.lets.who === 'unknown') continue
      const key = `${door.object.id} ${isTunnel(front)}`
      const same = byDoor.get(key)
      if (same) same.fronts.push(front)
      else byDoor.set(key, { door, fronts: [front] })
    }
  }
  for (const { door, fronts: opened } of byDoor.values()) {
    const [first] = opened as [Front]
    const tunnel = isTunnel(first)
    const who = providerFacts((first.providers[0] as Front['providers'][number]).provider).title
    const hosts = hostsText(opened)
    yield {
      check: tunnel ? 'tunnel-with-load-balancer' : 'origin-open-beside-cdn',
      severity: 'high',
      object: door.object,
      message: tunnel
        ? `opens a way beside the tunnel to ${who} that ${hosts} ${verb(opened)} by`
        : `lets ${letsText(door)} reach ${hosts} without ${who}`,
      because: [...door.because, ...first.evidence.flatMap((each) => each.because)].slice(0, 8),
    }
  }
}

function isTunnel({ evidence }: Front): boolean {
  return evidence.some(({ by }) => by === 'tunnel')
}

const MOST_HOSTS = 3

function hostsText(fronts: readonly Front[]): string {
  const names = fronts.map(({ host, objects }) => (host === '' ? (objects[0]?.name ?? '') : host))
  const more = names.length - MOST_HOSTS
  return more > 0 ? `${names.slice(0, MOST_HOSTS).join(', ')} and ${more} more` : names.join(', ')
}

function verb(fronts: readonly Front[]): string {
  return fronts.length === 1 ? 'comes' : 'come'
}

/** `anyone`, `198.51.100.0/24`. */
export function letsText({ lets }: Pick<Door, 'lets'>): string {
  switch (lets.who) {
    case 'anyone':
      return 'anyone'
    case 'provider':
      return `every customer of ${providerFacts(lets.provider).title}`
    case 'wider':
    case 'others': {
      const listed = lets.who === 'wider' ? lets.extra : lets.cidrs
      return listed.length > MOST_HOSTS
        ? `${listed.slice(0, MOST_HOSTS).join(', ')} and ${listed.length - MOST_HOSTS} more ranges`
        : listed.join(', ')
    }
    case 'nobody':
      return 'nobody'
    case 'unknown':
      return lets.why
    default:
      return lets satisfies never
  }
}

function* unreadAnnotations(fronts: readonly Front[], cluster: Cluster): Iterable<Finding> {
  const objects = new Set(fronts.flatMap((front) => front.objects))
  for (const object of objects) {
    const { unread } = proxiedOf(object, cluster)
    if (!unread) continue
    const effect = unread.value === 'true' ? 'its names may lead to the origin itself' : 'it has no effect'
    yield {
      check: 'proxied-annotation-unread',
      severity: unread.value === 'true' ? 'medium' : 'low',
      object,
      message: `the external-dns of the input reads ${unread.readers.join(' or ')} and not ${unread.key}: ${effect}`,
      because: [
        because(`${unread.key} is ${unread.value}`, object, ['metadata', 'annotations', unread.key]),
        ...proxiedOf(object, cluster).because.slice(0, 2),
      ],
    }
  }
}

/** The ranges of a CDN that an Ingress lets in, where the controller has put the client's address in the edge's place. */
export function allowlistAfterRealIp(
  object: KubeObject,
  route: Route,
  ranges: Ranges,
): { readonly key: string; readonly cidrs: readonly string[]; readonly setting: string } | undefined {
  const list = object === route.object ? allowlistOf(route) : undefined
  if (list?.setting === undefined) return undefined
  const { key, cidrs, setting } = list
  const set = addressesOf(cidrs)
  const isCdn = [...ranges.values()].some(
    (each) => each.cidrs.length > 0 && providerFacts(each.provider).kind === 'cdn' && holdsAll(each.set, set),
  )
  return isCdn && cidrs.length > 0 ? { key, cidrs, setting } : undefined
}

function* afterRealIp(fronts: readonly Front[], ranges: Ranges): Iterable<Finding> {
  const told = new Set<KubeObject>()
  for (const { routes } of fronts) {
    for (const route of routes) {
      const { object, controller } = route
      const found = told.has(object) ? undefined : allowlistAfterRealIp(object, route, ranges)
      if (!found || !controller) continue
      told.add(object)
      const said = controller.settings.values.get(found.setting)
      yield {
        check: 'allowlist-after-real-ip',
        severity: 'high',
        object,
        message: `lets in the edges of a CDN only, and ${found.setting} has put the client's address in their place: every user gets 403`,
        because: [
          because(`lets in ${found.cidrs.length} ranges`, object, ['metadata', 'annotations', found.key]),
          ...(said ? [said.because] : []),
        ],
      }
    }
  }
}

/** Keys of the settings of controllers in which a provider's ranges are copied. */
const TRUSTED = ['proxy-real-ip-cidr', 'set-real-ip-from']
const MOST_NAMED = 4

/** A copy of a provider's list that lacks ranges that it has today: whoever comes by those is refused, or not believed. */
function* outdated(cluster: Cluster, ranges: Ranges): Iterable<Finding> {
  for (const object of [...cluster.ofKind('Service'), ...cluster.ofKind('Ingress', 'networking.k8s.io')]) {
    const sources = sourcesOf(object, cluster)
    if (sources.cidrs.length === 0) continue
    yield* lacking(object, sources.cidrs, sources.because, 'whoever comes by them is shut out', ranges)
  }
  for (const { settings, settingsObject } of controllersOf(cluster)) {
    for (const key of TRUSTED) {
      const said = settings.values.get(key)
      if (!said || !settingsObject) continue
      const cidrs = said.value.slice(0, 100_000).split(/[\s,]+/)
      const effect = 'clients that come by them share one address, and one limit'
      yield* lacking(settingsObject, cidrs, [said.because], effect, ranges)
    }
  }
}

function* lacking(
  object: KubeObject,
  cidrs: readonly string[],
  why: Finding['because'],
  effect: string,
  ranges: Ranges,
): Iterable<Finding> {
  const found = missingOf(cidrs, ranges)
  if (!found || found.missing.length === 0) return
  const { meant, missing } = found
  const named = missing.slice(0, MOST_NAMED).join(', ')
  const rest = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : ''
  const day = meant.date === undefined ? '' : ` of ${meant.date}`
  yield {
    check: 'ranges-outdated',
    severity: 'medium',
    object,
    message: `lacks ${named}${rest} of the ranges of ${providerFacts(meant.provider).title}${day}: ${effect}`,
    because: why,
  }
}
