import type { Access } from '../../../history/history.ts'
import type { Fold } from '../../../history/pass.ts'
import { bounded } from './bounded.ts'
import { classify, type FlowControl } from './flow-control.ts'
import { Heavy } from './heavy.ts'
import { listOptionsOf } from './list-options.ts'
import { Load } from './load.ts'
import { isLongRunning } from './long-running.ts'
import { Poller, type PollLoop } from './poll.ts'
import type { Seats } from './seats.ts'
import type { StoredOf } from './stored.ts'
import { readsStorage, workOf } from './work.ts'

const MOST_LOADS = 20_000
const MOST_POLLERS = 20_000
const MOST_LEVELS = 1000

export interface LoadOptions {
  readonly minor: number
  readonly control: FlowControl
  readonly seats: ReadonlyMap<string, Seats>
  readonly stored: StoredOf
  /** How many clients, and how many that may poll, are told apart. */
  readonly most?: number
}

/** What many light clients did together, which are not told one by one. */
export interface Rest {
  requests: number
  latencyMs: number
  seatMs: number
}

export interface Loaded {
  readonly requests: number
  readonly from: number
  readonly to: number
  readonly latencyMs: number
  readonly seatMs: number
  /** Requests that took less than a millisecond, or of which the log does not tell how long they took. */
  readonly instant: number
  readonly longRunning: number
  /** By estimated seat-seconds, the heaviest first. */
  readonly loads: readonly Load[]
  readonly loopsOf: (load: Load) => readonly PollLoop[]
  /** Undefined where every client is told. None of these had more than `mostSeatMs`. */
  readonly rest: (Readonly<Rest> & { readonly mostSeatMs: number }) | undefined
}

/** Folds requests into who loads the API server, with what: one reading, bounded memory whatever the log holds. */
export class LoadFold implements Fold {
  readonly #options: LoadOptions
  readonly #rest: Rest = { requests: 0, latencyMs: 0, seatMs: 0 }
  readonly #loads: Heavy<Load>
  readonly #pollers: Heavy<Poller>
  readonly #most = new Map<string, number>()
  #requests = 0
  #latencyMs = 0
  #seatMs = 0
  #instant = 0
  #longRunning = 0
  #from = Number.POSITIVE_INFINITY
  #to = 0

  constructor(options: LoadOptions) {
    this.#options = options
    this.#loads = new Heavy(options.most ?? MOST_LOADS, (gone) => {
      this.#rest.requests += gone.requests
      this.#rest.latencyMs += gone.latencyMs
      this.#rest.seatMs += gone.seatMs
    })
    this.#pollers = new Heavy(options.most ?? MOST_POLLERS, () => undefined)
  }

  add(access: Access): void {
    const { user, userAgent, verb, group, resource, subresource, time, end } = access
    const key = keyOf(user, userAgent, verb, group, resource, subresource)
    let load = this.#loads.get(key)
    if (!load) {
      load = new Load(access)
      this.#loads.set(key, load)
    }
    const isLong = isLongRunning(resource === '' ? access : { verb, resource, subresource, path: '' })
    const seats = isLong || access.code === 429 ? 0 : this.#seats(access, load)
    const { latencyMs, seatMs, instant } = load
    load.add(access, seats, isLong)
    this.#requests++
    if (isLong) this.#longRunning++
    this.#latencyMs += load.latencyMs - latencyMs
    this.#seatMs += load.seatMs - seatMs
    this.#instant += load.instant - instant
    if (time < this.#from) this.#from = time
    if (end > this.#to) this.#to = end
    // Of most there is one request, which needs no memory of its time.
    if (load.requests > 1 && isRead(verb) && resource !== '' && resource !== 'leases') this.#poll(access, key)
  }

  /** What the API server took for the work of the request, at the level that it belongs to today. */
  #seats(access: Access, load: Load): number {
    const { verb, group, resource, subresource, name } = access
    if (verb !== 'list') return 1
    const { minor, stored } = this.#options
    const { query } = access
    const known = stored(group, resource)
    if (known === undefined) load.unmeasured++
    const asked = listOptionsOf(query)
    // One that is refused reads nothing.
    if (asked && name === '' && access.code < 400) {
      if (asked.resourceVersion === '' && !asked.continued) load.withoutVersion++
      if (asked.limit <= 0) load.withoutLimit++
      if (readsStorage(asked, minor)) load.fromStorage++
    }
    const most = this.#mostOf(access)
    return workOf(
      { verb, resource, subresource, name, query },
      { minor, stored: known ?? 'unknown', watchers: 0, most },
    ).seats
  }

  #mostOf(access: Access): number {
    const { user, verb, group, resource, namespace } = access
    const key = `${keyOf(user, '', verb, group, resource, '')}\n${bounded(namespace)}`
    const known = this.#most.get(key)
    if (known !== undefined) return known
    const { control, seats } = this.#options
    const most = seats.get(classify(control, access).level.name)?.most ?? 0
    if (this.#most.size >= MOST_LEVELS) this.#most.clear()
    this.#most.set(key, most)
    return most
  }

  #poll(access: Access, key: string): void {
    const { verb, time } = access
    const namespace = bounded(access.namespace)
    const name = bounded(access.name)
    const source = bounded(access.sources.at(-1) ?? '')
    const full = `${key}\n${namespace}\n${name}\n${source}`
    let poller = this.#pollers.get(full)
    if (!poller) {
      poller = new Poller(verb, namespace, name, source)
      this.#pollers.set(full, poller)
      this.#keys.set(poller, key)
    }
    poller.add(time)
  }

  /** Of whom a poller is; it goes when the poller goes. */
  readonly #keys = new WeakMap<Poller, string>()

  finish(): Loaded {
    const byLoad = new Map<string, PollLoop[]>()
    for (const poller of this.#pollers.values()) {
      const loop = poller.loop()
      const key = loop && this.#keys.get(poller)
      if (!loop || key === undefined) continue
      const known = byLoad.get(key)
      if (known) known.push(loop)
      else byLoad.set(key, [loop])
    }
    for (const loops of byLoad.values()) loops.sort((a, b) => b.requests - a.requests)
    const loads = [...this.#loads.values()].sort(heaviest)
    const { dropped, mostMissed } = this.#loads
    return {
      requests: this.#requests,
      from: this.#requests === 0 ? 0 : this.#from,
      to: this.#to,
      latencyMs: this.#latencyMs,
      seatMs: this.#seatMs,
      instant: this.#instant,
      longRunning: this.#longRunning,
      loads,
      loopsOf: (load) =>
        byLoad.get(keyOf(load.user, load.userAgent, load.verb, load.group, load.resource, load.subresource)) ?? [],
      rest: dropped === 0 ? undefined : { ...this.#rest, mostSeatMs: mostMissed },
    }
  }
}

function heaviest(a: Load, b: Load): number {
  return b.seatMs - a.seatMs || b.requests - a.requests || (nameOf(a) < nameOf(b) ? -1 : 1)
}

function nameOf({ user, userAgent, verb, group, resource, subresource }: Load): string {
  return keyOf(user, userAgent, verb, group, resource, subresource)
}

function keyOf(
  user: string,
  userAgent: string,
  verb: string,
  group: string,
  resource: string,
  subresource: string,
): string {
  const what = `${bounded(verb)}\n${bounded(group)}\n${bounded(resource)}\n${bounded(subresource)}`
  return `${bounded(user)}\n${bounded(userAgent)}\n${what}`
}

function isRead(verb: string): boolean {
  return verb === 'list' || verb === 'get'
}
