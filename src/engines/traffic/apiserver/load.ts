import type { Access, RecordPlace } from '../../../history/history.ts'
import { bounded } from './bounded.ts'
import type { Weighed } from './heavy.ts'
import { Peak } from './peak.ts'

/** A watch that ends sooner is made anew so often that making it is the work. */
export const SHORT_WATCH_MS = 30_000
const MOST_PODS = 20
const MOST_GROUPS = 100

/** What one client did of one kind: a user with a user agent, a verb, a resource. */
export class Load implements Weighed {
  /** Milliseconds of seats, and one for each request, so that what took no time is ranked too. */
  weight = 0
  missed = 0
  readonly user: string
  readonly groups: readonly string[]
  readonly userAgent: string
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly place: RecordPlace
  requests = 0
  /** From the request to the end of its answer, without what stood in a queue and without what is long-running. */
  latencyMs = 0
  waitedMs = 0
  /** Estimated: seats of each request times the time that it was served. */
  seatMs = 0
  /** Of one request. */
  mostSeats = 0
  /** Less than a millisecond, or the log does not tell how long they took. */
  instant = 0
  longRunning = 0
  shortWatches = 0
  /** Lists of all that is stored, by what they left out. */
  withoutVersion = 0
  withoutLimit = 0
  fromStorage = 0
  /** Lists of a resource of which the input does not tell how much is stored: a seat each was taken. */
  unmeasured = 0
  forbidden = 0
  /** Answered 429: too many requests, which take no seat. */
  limited = 0
  failed = 0
  first = Number.POSITIVE_INFINITY
  last = 0
  /** The one namespace; undefined for several, empty for requests over all of them. */
  namespace: string | undefined
  /** `namespace/name`, of the tokens that say so. */
  readonly pods = new Set<string>()
  readonly #peak = new Peak()

  constructor(access: Access) {
    this.user = bounded(access.user)
    this.groups = access.groups.slice(0, MOST_GROUPS).map(bounded)
    this.userAgent = bounded(access.userAgent)
    this.verb = bounded(access.verb)
    this.group = bounded(access.group)
    this.resource = bounded(access.resource)
    this.subresource = bounded(access.subresource)
    this.namespace = bounded(access.namespace)
    this.place = { ...access.place }
  }

  /** `seats`: of this request; 0 for one that was refused or is served as long as it lasts. */
  add(access: Access, seats: number, isLong: boolean): void {
    const { time, end, code, namespace, pod } = access
    this.requests++
    this.weight++
    this.#peak.add(time)
    if (time < this.first) this.first = time
    if (end > this.last) this.last = end
    if (this.namespace !== undefined && this.namespace !== bounded(namespace)) this.namespace = undefined
    if (code === 403) this.forbidden++
    else if (code === 429) this.limited++
    else if (code >= 500) this.failed++
    if (pod && this.pods.size < MOST_PODS) this.pods.add(bounded(`${podNamespace(access)}/${pod.name}`))
    const tookMs = end - time
    if (isLong) {
      this.longRunning++
      if (this.verb === 'watch' && tookMs > 0 && tookMs < SHORT_WATCH_MS) this.shortWatches++
      return
    }
    if (tookMs <= 0) {
      this.instant++
      return
    }
    const waited = Math.min(access.waited, tookMs)
    this.waitedMs += waited
    this.latencyMs += tookMs - waited
    const work = seats * (tookMs - waited)
    this.seatMs += work
    this.weight += work
    if (seats > this.mostSeats) this.mostSeats = seats
  }

  get peak(): number {
    return this.#peak.most
  }
}

/** A token's pod is in the namespace of its service account. */
function podNamespace({ user, impersonator }: Access): string {
  return (impersonator?.user ?? user).split(':')[2] ?? ''
}
