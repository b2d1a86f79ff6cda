import { type AddressSet, addressSet, overlap, PUBLIC } from '../../../cluster/addresses.ts'
import type { Connection } from '../../../history/history.ts'

/** One recorded client whose address a lock would not let in. */
export interface ShutOut {
  readonly address: string
  readonly times: number
  /** Milliseconds since 1970. */
  readonly first: number
  readonly last: number
  readonly workload: string
}

/** What the recorded connections say of a lock that lets in certain ranges only. */
export interface LockReplay {
  readonly verdict: 'holds' | 'breaks' | 'unknown'
  readonly reasons: readonly string[]
  readonly seen: number
  readonly inside: number
  readonly shutOut: readonly ShutOut[]
  /** There were more clients than are kept. */
  readonly more: boolean
  readonly from: number
  readonly to: number
}

const MOST_CLIENTS = 10_000

/** Folds recorded connections to certain workloads: who of them comes from outside of the ranges that are to be let in. */
export class LockFold {
  readonly #allowed: AddressSet
  readonly #workloads: ReadonlySet<string>
  readonly #clients = new Map<string, { times: number; first: number; last: number; workload: string }>()
  /** Whether an address is let in, by its text: few addresses make most connections. */
  readonly #inside = new Map<string, 'inside' | 'outside' | 'private'>()
  #seen = 0
  #insideCount = 0
  #private = 0
  #lost = 0
  #untold = 0
  #more = false
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY

  constructor(allowed: AddressSet, workloads: Iterable<string>) {
    this.#allowed = allowed
    this.#workloads = new Set(workloads)
  }

  add({ time, source, destination, verdict, direction }: Connection): void {
    if (destination.kind !== 'workload' || !this.#workloads.has(destination.workload)) return
    if (verdict === 'dropped') return
    if (direction === 'untold') {
      this.#untold++
      return
    }
    if (source.kind === 'workload') return
    this.#span(time)
    if (source.kind !== 'address') {
      // A node that passes a connection on puts its own address in the client's place.
      this.#lost++
      return
    }
    this.#client(source.address, time, destination.workload)
  }

  /** One client of an access log, by the address of whoever held the connection. */
  peer(address: string, time: number, workload: string): void {
    this.#span(time)
    this.#client(address, time, workload)
  }

  /** A request whose log does not tell who held the connection. */
  peerless(time: number): void {
    this.#span(time)
    this.#lost++
  }

  #span(time: number): void {
    this.#seen++
    if (time < this.#from) this.#from = time
    if (time > this.#to) this.#to = time
  }

  #client(address: string, time: number, workload: string): void {
    const where = this.#whereIs(address)
    if (where === 'inside') this.#insideCount++
    else if (where === 'private') this.#private++
    else {
      const known = this.#clients.get(address)
      if (known) {
        known.times++
        known.first = Math.min(known.first, time)
        known.last = Math.max(known.last, time)
      } else if (this.#clients.size < MOST_CLIENTS)
        this.#clients.set(address, { times: 1, first: time, last: time, workload })
      else this.#more = true
    }
  }

  #whereIs(address: string): 'inside' | 'outside' | 'private' {
    const known = this.#inside.get(address)
    if (known) return known
    const set = addressSet(address)
    const where =
      set === undefined
        ? 'outside'
        : overlap(this.#allowed, set)
          ? 'inside'
          : overlap(PUBLIC, set)
            ? 'outside'
            : 'private'
    if (this.#inside.size < MOST_CLIENTS) this.#inside.set(address, where)
    return where
  }

  /** `leastDays`: a window that is shorter holds nothing for sure. */
  finish(leastDays: number): LockReplay {
    const shutOut = [...this.#clients]
      .map(([address, each]) => ({ address, ...each }))
      .sort((a, b) => b.times - a.times || (a.address < b.address ? -1 : 1))
    const days = this.#seen === 0 ? 0 : (this.#to - this.#from) / 86_400_000
    const unseen = [
      ...(this.#seen === 0 ? ['no connection to what is locked was recorded'] : []),
      ...(this.#seen > 0 && days < leastDays ? [`the record spans ${days.toFixed(1)} days, not ${leastDays}`] : []),
      ...(this.#lost > 0 ? [`${this.#lost} connections show a node or nothing in the place of their client`] : []),
      ...(this.#private > 0
        ? [`${this.#private} came from private addresses: whether through the load balancer, no record tells`]
        : []),
      ...(this.#untold > 0 ? [`${this.#untold} records do not say which end is the client`] : []),
    ]
    const broken =
      shutOut.length === 1
        ? 'one client comes from outside of the ranges'
        : `${this.#more ? 'more than ' : ''}${shutOut.length} clients come from outside of the ranges`
    return {
      verdict: shutOut.length > 0 ? 'breaks' : unseen.length > 0 ? 'unknown' : 'holds',
      reasons: [...(shutOut.length > 0 ? [broken] : []), ...unseen],
      seen: this.#seen,
      inside: this.#insideCount,
      shutOut,
      more: this.#more,
      from: this.#seen === 0 ? 0 : this.#from,
      to: this.#seen === 0 ? 0 : this.#to,
    }
  }
}
