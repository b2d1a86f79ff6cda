import type { Requests } from '../../../observe/access-log/requests.ts'
import { Column } from './column.ts'
import type { Pairs } from './pairs.ts'

/** What is measured of each client: how deep a bucket it needs at a rate, or how many requests a window of it holds. */
export type Measure =
  | { readonly kind: 'bucket'; readonly perSecond: number }
  | { readonly kind: 'window'; readonly seconds: number }

/** For each client of a route the least burst, or window, with which nothing of it is refused. */
export class RouteNeeds {
  readonly need = new Column()
  readonly #measure: Measure
  readonly #last = new Column()
  readonly #level = new Column()
  readonly #before = new Column()

  constructor(measure: Measure) {
    this.#measure = measure
  }

  add(atMs: number, client: number): void {
    for (const column of [this.need, this.#last, this.#level]) column.reach(client)
    const found =
      this.#measure.kind === 'bucket'
        ? this.#bucket(atMs, client, this.#measure.perSecond)
        : this.#window(atMs, client, this.#measure.seconds * 1000)
    if (found > (this.need.values[client] as number)) this.need.values[client] = found
  }

  /** Requests beyond the first that are ahead of the rate. */
  #bucket(atMs: number, client: number, perSecond: number): number {
    const isFirst = this.#last.values[client] === 0
    const drained = isFirst ? 0 : ((atMs - (this.#last.values[client] as number)) / 1000) * perSecond
    const level = isFirst ? 0 : Math.max(0, (this.#level.values[client] as number) + 1 - drained)
    this.#last.values[client] = atMs
    this.#level.values[client] = level
    return level
  }

  /** The estimate of two counters, as stick tables make it: all of this window, and of the one before what is still in sight. */
  #window(atMs: number, client: number, windowMs: number): number {
    this.#before.reach(client)
    const window = Math.floor(atMs / windowMs)
    const known = this.#last.values[client] as number
    if (known !== window) {
      this.#before.values[client] = known === window - 1 ? (this.#level.values[client] as number) : 0
      this.#level.values[client] = 0
      this.#last.values[client] = window
    }
    const count = (this.#level.values[client] as number) + 1
    this.#level.values[client] = count
    const passed = (atMs - window * windowMs) / windowMs
    return count + (this.#before.values[client] as number) * (1 - passed)
  }
}

/** Measures recorded requests, route by route; give it each batch in turn. */
export class Needs {
  readonly routes: readonly (RouteNeeds | undefined)[]
  readonly #pairs: Pairs

  constructor(measures: readonly (Measure | undefined)[], pairs: Pairs) {
    this.routes = measures.map((measure) => (measure ? new RouteNeeds(measure) : undefined))
    this.#pairs = pairs
  }

  add(batch: Requests): void {
    const { count, route, client, start } = batch
    for (let row = 0; row < count; row++) {
      const at = route[row] as number
      this.routes[at]?.add(start[row] as number, this.#pairs.number(at, client[row] as number))
    }
  }
}
