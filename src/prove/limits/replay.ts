import type { Limit } from '../../engines/traffic/limit.ts'
import { Pairs } from '../../engines/traffic/suggest/pairs.ts'
import type { Requests } from '../../observe/access-log/requests.ts'
import { BodyTrial } from './bodies.ts'
import { Trial } from './trial.ts'

/** The limits of one route that are to be replayed. Its place in the list is its number in `Requests.route`. */
export interface ReplayedRoute {
  readonly id: string
  /** Of `requests` and of `connections`: they are asked together. */
  readonly limits: readonly Limit[]
  /** The least of those of the body's size. */
  readonly body?: Limit
  readonly inForce?: boolean
}

/**
 * Recorded requests before the limits of their routes. Give it each batch in turn: what was refused of whom stands in the
 * trials, of which each route has one.
 */
export class LimitReplay {
  readonly trials: readonly Trial[]
  readonly bodies: readonly (BodyTrial | undefined)[]
  /** Requests of no route. */
  unrouted = 0
  readonly #pairs: Pairs
  readonly #nameOf: (client: number) => string

  constructor(routes: readonly ReplayedRoute[], nameOf: (client: number) => string) {
    this.#pairs = new Pairs(routes.length)
    this.#nameOf = nameOf
    this.trials = routes.map(
      ({ limits, inForce }, at) =>
        new Trial({ limits, nameOf: this.namesOf(at), ...(inForce === undefined ? {} : { inForce }) }),
    )
    this.bodies = routes.map(({ body }) => (body ? new BodyTrial(body) : undefined))
  }

  /** Names of the clients in the trial of a route, which has numbers of its own for them. */
  namesOf(route: number): (client: number) => string {
    return (client) => this.#nameOf(this.#pairs.client(route, client))
  }

  /** The number of a client in the trial of a route. */
  clientOf(route: number, client: number): number {
    return this.#pairs.number(route, client)
  }

  add(batch: Requests): void {
    const { count, route, client } = batch
    const { trials, bodies } = this
    for (let row = 0; row < count; row++) {
      const at = route[row] as number
      const trial = trials[at]
      if (trial === undefined) {
        this.unrouted++
        continue
      }
      const number = this.#pairs.number(at, client[row] as number)
      trial.add(batch, row, number)
      bodies[at]?.add(batch, row, number)
    }
  }
}
