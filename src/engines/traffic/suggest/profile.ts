import type { Requests } from '../../../observe/access-log/requests.ts'
import { Column } from './column.ts'
import { InFlight } from './in-flight.ts'
import { Pairs } from './pairs.ts'

const SECOND = 1_000
const MINUTE = 60_000

/** How the clients of one route behaved. Columns are by the numbers that `Pairs` gives them. */
export class RouteProfile {
  requests = 0
  /** Most requests of one client in a minute, by the clock. */
  readonly peakMinute = new Column()
  readonly total = new Column()
  /** Most requests of one client that were being answered at once. */
  readonly peakInFlight = new Column()
  readonly #minute = new Column()
  readonly #count = new Column()
  readonly #inFlight = new InFlight()
  /** Requests whose log tells how long they took, and that tell the size of the body. */
  timed = 0
  sized = 0
  largest = 0
  /** Of all clients together, in a second and in a minute. */
  readonly together = { second: 0, minute: 0 }
  readonly #window = { second: -1, secondCount: 0, minute: -1, minuteCount: 0 }

  add(batch: Requests, row: number, client: number): void {
    const start = batch.start[row] as number
    const minute = Math.floor(start / MINUTE)
    for (const column of [this.total, this.peakMinute, this.#minute, this.#count]) column.reach(client)
    this.requests++
    this.total.values[client] = (this.total.values[client] as number) + 1
    const count = this.#minute.values[client] === minute ? (this.#count.values[client] as number) + 1 : 1
    this.#minute.values[client] = minute
    this.#count.values[client] = count
    if (count > (this.peakMinute.values[client] as number)) this.peakMinute.values[client] = count
    this.#all(start, minute)
    const duration = batch.duration[row] as number
    if (duration >= 0) {
      this.timed++
      this.peakInFlight.reach(client)
      const now = this.#inFlight.add(client, start, start + duration)
      if (now > (this.peakInFlight.values[client] as number)) this.peakInFlight.values[client] = now
    }
    const received = batch.received[row] as number
    if (received >= 0) {
      this.sized++
      if (received > this.largest) this.largest = received
    }
  }

  #all(start: number, minute: number): void {
    const window = this.#window
    const second = Math.floor(start / SECOND)
    window.secondCount = window.second === second ? window.secondCount + 1 : 1
    window.second = second
    window.minuteCount = window.minute === minute ? window.minuteCount + 1 : 1
    window.minute = minute
    if (window.secondCount > this.together.second) this.together.second = window.secondCount
    if (window.minuteCount > this.together.minute) this.together.minute = window.minuteCount
  }
}

/** What recorded requests show of the clients of each route; give it each batch in turn. */
export class Profile {
  readonly routes: readonly RouteProfile[]
  readonly pairs: Pairs
  /** Milliseconds that the log tells apart. */
  resolutionMs = 0

  constructor(routes: number) {
    this.pairs = new Pairs(routes)
    this.routes = Array.from({ length: routes }, () => new RouteProfile())
  }

  add(batch: Requests): void {
    const { count, route, client, width } = batch
    for (let row = 0; row < count; row++) {
      const at = route[row] as number
      const profile = this.routes[at]
      if (profile === undefined) continue
      if ((width[row] as number) > this.resolutionMs) this.resolutionMs = width[row] as number
      profile.add(batch, row, this.pairs.number(at, client[row] as number))
    }
  }
}
