import type { Limit } from '../../engines/traffic/limit.ts'
import { DELAYED, REFUSED } from '../../engines/traffic/models/limiter.ts'
import type { Requests } from '../../observe/access-log/requests.ts'
import { CountedBy } from './counted.ts'
import { Logged, loggedAs, refusalCodes } from './logged.ts'
import { type Machine, machineOf } from './machine.ts'
import { looser, stricter } from './resolution.ts'
import { Slots } from './slots.ts'
import { Tally } from './tally.ts'

/** Seconds by which two times of a log of seconds may be nearer or farther than they look, of ends and of starts. */
const NEARER = { ends: 1, starts: 2 } as const

export interface TrialOptions {
  /** All that are asked for one request, as the engine asks them: of `requests`, and of `connections`. */
  readonly limits: readonly Limit[]
  readonly nameOf: (client: number) => string
  /** The limits are those under which the log was written, so that its own refusals can be compared. */
  readonly inForce?: boolean
}

/** Recorded requests of one route, in their order, before the limits of one engine. */
export class Trial {
  readonly limits: readonly Limit[]
  readonly tally = new Tally()
  readonly logged = new Logged()
  readonly isInForce: boolean
  requests = 0
  /** As if the requests of one second came evenly, where the log tells no better. */
  refused = 0
  /** Whatever the times within their seconds were. */
  leastRefused = 0
  mostRefused = 0
  delayed = 0
  /** Not counted by the limits: their networks are exempt. */
  exempt = 0
  first = Number.POSITIVE_INFINITY
  last = Number.NEGATIVE_INFINITY
  firstRefused = Number.NaN
  readonly #counted: CountedBy
  readonly #machine: Machine
  readonly #slots: Slots
  readonly #codes: ReadonlySet<number>
  #bounds: { readonly least: Machine; readonly most: Machine } | undefined
  #now = Number.NEGATIVE_INFINITY
  #lower = Number.NEGATIVE_INFINITY

  constructor({ limits, nameOf, inForce = false }: TrialOptions) {
    this.limits = limits
    this.isInForce = inForce
    this.#counted = new CountedBy(limits, nameOf)
    this.#machine = machineOf(limits)
    // The looser limit remembers longest.
    this.#slots = new Slots(limits.map((limit) => looser(limit, NEARER.starts)))
    this.#codes = refusalCodes(limits)
  }

  /** Whether the log tells seconds only, of any request so far. */
  get isCoarse(): boolean {
    return this.#bounds !== undefined
  }

  /** `client`: the number by which `nameOf` knows it. */
  add(batch: Requests, row: number, client: number): void {
    const start = batch.start[row] as number
    this.requests++
    this.tally.request(client)
    if (start < this.first) this.first = start
    if (start > this.last) this.last = start
    const counted = this.#counted.number(client)
    if (counted === undefined) {
      this.exempt++
      return
    }
    const duration = batch.duration[row] as number
    const isTimed = duration >= 0
    const lane = batch.lane[row] as number
    // A limiter's clock never goes back: what was logged out of turn came now.
    if (start > this.#now) this.#now = start
    const now = this.#now
    const slot = this.#slots.of(counted, now)
    const verdict = this.#machine.admit(slot, now, isTimed ? now + duration : now, lane)
    if (verdict === REFUSED) {
      if (this.refused++ === 0) this.firstRefused = start
      this.tally.refuse(client, start, batch.file[row] as number, batch.line[row] as number)
    } else if (verdict === DELAYED) this.delayed++
    if (this.isInForce) {
      const width = batch.width[row] as number
      const told = width > 1 ? Math.round(start - (batch.early[row] as number)) : Math.floor(start)
      const logged = loggedAs(batch.mark[row] as number, batch.status[row] as number, this.#codes)
      this.logged.add(slot, told, verdict === REFUSED, logged)
    }
    if (this.#bounds !== undefined || (batch.width[row] as number) > 1)
      this.#bound(slot, start - (batch.early[row] as number), isTimed ? duration : undefined, lane)
    else if (verdict === REFUSED) {
      this.leastRefused++
      this.mostRefused++
    }
  }

  #bound(slot: number, lower: number, duration: number | undefined, lane: number): void {
    if (this.#bounds === undefined) {
      const seconds = duration === undefined ? NEARER.ends : NEARER.starts
      this.#bounds = {
        least: machineOf(this.limits.map((limit) => looser(limit, seconds))),
        most: machineOf(this.limits.map((limit) => stricter(limit, seconds))),
      }
    }
    if (lower > this.#lower) this.#lower = lower
    const end = this.#lower + (duration ?? 0)
    if (this.#bounds.least.admit(slot, this.#lower, end, lane) === REFUSED) this.leastRefused++
    if (this.#bounds.most.admit(slot, this.#lower, end, lane) === REFUSED) this.mostRefused++
  }
}
