import type { Access } from '../../../history/history.ts'
import type { Fold } from '../../../history/pass.ts'
import { bounded } from './bounded.ts'
import type { FlowRequest } from './flow-request.ts'
import { isLongRunning } from './long-running.ts'
import type { StoredOf } from './stored.ts'
import { workOf } from './work.ts'

const MOST_SPANS = 4_000_000
const MOST_KINDS = 2000
const SPAN_CHUNK = 1 << 16
/** Of what began and ended in one millisecond. */
const INSTANT_MS = 0.5

/** Requests of one identity, in the order in which they came: when, for how long they were served, and their seats. */
export interface Spans {
  readonly count: number
  /** When each came. */
  readonly startMs: Float64Array
  /** How long it stood in a queue before it was served. */
  readonly waitedMs: Float32Array
  readonly servedMs: Float32Array
  /** As far as no level bounds them. */
  readonly seats: Uint8Array
}

export interface Identity {
  readonly user: string
  /** Of the last request; empty where none was recorded. */
  readonly groups: readonly string[]
  readonly requests: number
  readonly spans: Spans
  /** Requests that took less than a millisecond, or of which the log does not tell how long they took. */
  readonly instant: number
  /** Lists of what the input does not tell the amount of: each counts as one seat. */
  readonly unmeasured: number
  /** Those that were refused with 429 already. */
  readonly limited: number
  readonly longRunning: number
  /** More than are kept. */
  readonly left: number
  /** What differs for flow control, of at most 2,000 kinds. */
  readonly kinds: readonly FlowRequest[]
  readonly renewsLeases: boolean
  readonly from: number
  readonly to: number
  readonly days: number
}

/** Keeps of one user what a cap is sized by and replayed on: 17 bytes a request. */
export class IdentityFold implements Fold {
  readonly #user: string
  readonly #minor: number
  readonly #stored: StoredOf
  readonly #most: number
  #groups: readonly string[] = []
  #start = new Float64Array(SPAN_CHUNK)
  #waited = new Float32Array(SPAN_CHUNK)
  #served = new Float32Array(SPAN_CHUNK)
  #seats = new Uint8Array(SPAN_CHUNK)
  #count = 0
  #requests = 0
  #instant = 0
  #unmeasured = 0
  #limited = 0
  #longRunning = 0
  #left = 0
  #renews = false
  #from = Number.POSITIVE_INFINITY
  #to = 0
  readonly #days = new Set<number>()
  readonly #kinds = new Map<string, FlowRequest>()

  constructor(user: string, options: { readonly minor: number; readonly stored: StoredOf; readonly most?: number }) {
    this.#user = user
    this.#minor = options.minor
    this.#stored = options.stored
    this.#most = options.most ?? MOST_SPANS
  }

  add(access: Access): void {
    if (access.user !== this.#user) return
    const { user, groups, verb, group, resource, subresource, namespace, time, end, code } = access
    this.#requests++
    this.#groups = groups
    if (time < this.#from) this.#from = time
    if (end > this.#to) this.#to = end
    if (this.#days.size < 1000) this.#days.add(Math.floor(time / 86_400_000))
    if (resource === 'leases' && (verb === 'update' || verb === 'patch')) this.#renews = true
    const path = resource === '' ? bounded(access.path) : ''
    const key = bounded(`${verb}\n${group}\n${resource}\n${subresource}\n${namespace}\n${path}`)
    if (this.#kinds.size < MOST_KINDS && !this.#kinds.has(key))
      this.#kinds.set(key, {
        ...{ user, groups, verb: bounded(verb), group: bounded(group), resource: bounded(resource) },
        ...{ subresource: bounded(subresource), namespace: bounded(namespace), path },
      })
    if (isLongRunning({ verb, resource, subresource, path })) this.#longRunning++
    else if (code === 429) this.#limited++
    else if (this.#count >= this.#most) this.#left++
    else this.#keep(access)
  }

  #keep(access: Access): void {
    const { verb, group, resource, subresource, name, time, end } = access
    if (this.#count === this.#start.length) this.#grow()
    const took = Math.max(INSTANT_MS, end - time)
    if (end <= time) this.#instant++
    const waited = Math.min(access.waited, took)
    const query = verb === 'list' ? access.query : ''
    const stored = this.#stored(group, resource) ?? ('unknown' as const)
    if (stored === 'unknown' && verb === 'list' && name === '' && access.code < 400) this.#unmeasured++
    const options = { minor: this.#minor, stored, watchers: 0, most: 0 }
    this.#start[this.#count] = time
    this.#waited[this.#count] = waited
    this.#served[this.#count] = took - waited
    this.#seats[this.#count] = workOf({ verb, resource, subresource, name, query }, options).seats
    this.#count++
  }

  #grow(): void {
    const size = this.#start.length * 2
    const grown = <T extends Float64Array | Float32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    this.#start = grown(this.#start, new Float64Array(size))
    this.#waited = grown(this.#waited, new Float32Array(size))
    this.#served = grown(this.#served, new Float32Array(size))
    this.#seats = grown(this.#seats, new Uint8Array(size))
  }

  finish(): Identity {
    const order = Uint32Array.from({ length: this.#count }, (_, at) => at)
    order.sort((a, b) => (this.#start[a] as number) - (this.#start[b] as number))
    return {
      user: this.#user,
      groups: this.#groups,
      requests: this.#requests,
      spans: {
        count: this.#count,
        startMs: Float64Array.from(order, (at) => this.#start[at] as number),
        waitedMs: Float32Array.from(order, (at) => this.#waited[at] as number),
        servedMs: Float32Array.from(order, (at) => this.#served[at] as number),
        seats: Uint8Array.from(order, (at) => this.#seats[at] as number),
      },
      instant: this.#instant,
      unmeasured: this.#unmeasured,
      limited: this.#limited,
      longRunning: this.#longRunning,
      left: this.#left,
      kinds: [...this.#kinds.values()],
      renewsLeases: this.#renews,
      from: this.#requests === 0 ? 0 : this.#from,
      to: this.#to,
      days: this.#days.size,
    }
  }
}
