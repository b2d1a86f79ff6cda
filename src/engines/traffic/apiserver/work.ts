import { NEWEST, OLDEST } from './defaults.ts'
import { type ListOptions, listOptionsOf } from './list-options.ts'

/** What the API server takes for the work of a request before it serves it. */
export interface Work {
  readonly seats: number
  /** Held after the answer, for the watchers of what was changed. */
  readonly finalSeats: number
  readonly finalNs: number
}

/** What an API server keeps of a resource: how many objects, and their bytes on average. */
export interface Stored {
  readonly objects: number
  readonly bytes: number
}

export interface WorkRequest {
  readonly verb: string
  readonly resource: string
  readonly subresource: string
  /** Of a list or watch: what a field selector asks for. */
  readonly name: string
  readonly query: string
}

export interface WorkOptions {
  readonly minor: number
  /** `unknown`: the API server does not count it, as what another server serves; `stale`: its count is old. */
  readonly stored: Stored | 'unknown' | 'stale'
  /** Of what is changed. */
  readonly watchers: number
  /** `Seats.most` of the priority level. */
  readonly most: number
}

const LEAST = 1
const MOST_BY_COUNT = 10
const MOST_BY_SIZE = 100
const MOST_OF_CHANGE = 10
const OBJECTS_PER_SEAT = 100
const BYTES_PER_SEAT = 100_000
const MOST_FROM_CACHE = 1_000_000
const LARGEST = 1_500_000
const INFINITE: Stored = { objects: 1_000_000_000, bytes: LARGEST }
const WATCHES_PER_SEAT = 10
const EVENT_NS = 5_000_000
/** The fixed point of seat-seconds (seat_seconds.go): ten nanoseconds. */
const TICK_NS = 10

/** The seats of a request (apiserver/pkg/util/flowcontrol/request: width.go and the estimators), feature gates at their defaults. */
export function workOf(request: WorkRequest, options: WorkOptions): Work {
  const minor = Math.min(Math.max(options.minor, OLDEST), NEWEST)
  switch (request.verb) {
    case 'list':
      return held(listSeats(request, options, minor))
    case 'watch':
      return held(watchesAsLists(minor) ? listSeats(request, options, minor) : LEAST)
    case 'create':
    case 'update':
    case 'patch':
    case 'delete':
      return changeOf(request, options)
    default:
      return held(LEAST)
  }
}

function held(seats: number): Work {
  return { seats, finalSeats: 0, finalNs: 0 }
}

/** The feature gate WatchList was on in 1.32, off in 1.33, and is on since. */
function watchesAsLists(minor: number): boolean {
  return minor === 32 || minor >= 34
}

/** SizeBasedListCostEstimate. */
export function countsBytes(minor: number): boolean {
  return minor >= 34
}

/** ConsistentListFromCache, where etcd tells its progress (3.4.31, 3.5.13 and newer). */
export function readsConsistentFromCache(minor: number): boolean {
  return minor >= 31
}

function listSeats({ verb, name, query }: WorkRequest, { stored, most }: WorkOptions, minor: number): number {
  const bound = countsBytes(minor) ? MOST_BY_SIZE : MOST_BY_COUNT
  const ceiling = most === 0 || most > bound ? bound : most
  if (name !== '' && minor <= 33) return LEAST
  const options = listOptionsOf(query)
  if (options === undefined) return ceiling
  if (verb === 'watch') {
    const isLegacy = minor >= 35 && (options.resourceVersion === '' || options.resourceVersion === '0')
    if (!options.sendInitialEvents && !isLegacy) return LEAST
  }
  const isCached = verb === 'watch' || !readsStorage(options, minor)
  if (stored === 'unknown') return LEAST
  if (stored === 'stale' && minor <= 33) return ceiling
  const known = stored === 'stale' ? INFINITE : stored
  const seats = countsBytes(minor)
    ? seatsBySize(known, options, isCached, name !== '')
    : seatsByCount(known.objects, options, isCached, name !== '')
  return Math.min(Math.max(seats, LEAST), ceiling)
}

/** Whether etcd is read, as the estimator believes (cacher/delegator, before 1.33 list_work_estimator.go). */
export function readsStorage(options: ListOptions, minor: number): boolean {
  const { resourceVersion, resourceVersionMatch: match, limit, continued } = options
  const isConsistent = resourceVersion === '' && !readsConsistentFromCache(minor)
  const isExactPage = limit > 0 && match === '' && resourceVersion !== '' && resourceVersion !== '0'
  const isOther = match !== '' && match !== 'NotOlderThan'
  if (minor <= 30) return isConsistent || continued || (limit > 0 && resourceVersion !== '0') || isOther
  if (minor <= 32) return isConsistent || continued || isExactPage || isOther
  if (match !== '') return isOther
  return continued || isExactPage || isConsistent
}

function seatsByCount(count: number, { limit, selects }: ListOptions, isCached: boolean, isSingle: boolean): number {
  const page = limit > 0 && limit < count ? limit : count
  const processed = isSingle ? 1 : isCached ? count : selects ? count + page : 2 * page
  return Math.ceil(processed / OBJECTS_PER_SEAT)
}

function seatsBySize(stored: Stored, { limit, selects }: ListOptions, isCached: boolean, isSingle: boolean): number {
  const { objects } = stored
  const bytes = stored.bytes <= 0 && objects !== 0 ? LARGEST : stored.bytes
  const page = limit > 0 && limit < objects ? limit : objects
  const loaded = isSingle ? 1 : !isCached && selects ? Math.max(page, Math.trunc(objects / 2)) : page
  const memory = isCached ? Math.min(loaded * bytes, MOST_FROM_CACHE) : loaded * bytes
  return Math.ceil(memory / BYTES_PER_SEAT)
}

function changeOf({ resource, subresource }: WorkRequest, { watchers, most }: WorkOptions): Work {
  if (watchers < WATCHES_PER_SEAT || (resource === 'serviceaccounts' && subresource === 'token')) return held(LEAST)
  const wanted = Math.ceil(watchers / WATCHES_PER_SEAT)
  const ticks = Math.round((wanted * EVENT_NS) / TICK_NS)
  const finalSeats = Math.min(wanted, most === 0 || most > MOST_OF_CHANGE ? MOST_OF_CHANGE : most)
  return { seats: LEAST, finalSeats, finalNs: Math.trunc((ticks / finalSeats) * TICK_NS) }
}
