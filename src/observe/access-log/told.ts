import { type Problem, problem } from '../../errors.ts'
import type { Format } from './format.ts'
import { Relays } from './relays.ts'
import type { Request } from './request.ts'

const MOST_PROBLEMS = 100
const MOST_DAYS = 4_000
const DAY_MS = 86_400_000

/** What access logs show, and what they could not: a statement about traffic rests on all of it. */
export interface AccessLogCoverage {
  readonly files: readonly string[]
  readonly requests: number
  /** Lines that no format reads. */
  readonly unread: number
  /** Lines that the engine says of itself, between its requests. */
  readonly notices: number
  /** Milliseconds since 1970; both 0 where nothing was read. */
  readonly from: number
  readonly to: number
  /** Days (UTC) on which anything was logged. */
  readonly days: number
  readonly formats: readonly { readonly name: string; readonly lines: number }[]
  /** Logs of the same time: of a replica each. */
  readonly lanes: number
  /** Requests whose log tells only the second. */
  readonly coarse: number
  /** Requests of which the log does not tell how long they took. */
  readonly untimed: number
  /** Requests of which the log tells the body's size, and whether it counts the headers with it. */
  readonly sized: number
  readonly countsHeaders: boolean
  /** Requests whose client the log does not tell. */
  readonly nameless: number
  /** Requests of clients that speak for many others, by X-Forwarded-For, and the first of these clients. */
  readonly relayed: number
  readonly relays: readonly string[]
  /** Requests that came before others that had been judged already. */
  readonly late: number
  /** Requests that lead to none of the routes. */
  readonly unrouted: number
  /** Lines of connections, whose requests nobody sees. */
  readonly connections: number
  readonly clients: number
  /** Requests of clients beyond those that are counted. */
  readonly overflow: number
  readonly problems: readonly Problem[]
}

/** Counts while lines are read, in bounded memory. */
export class Told {
  requests = 0
  connections = 0
  notices = 0
  readonly relays = new Relays()
  #unread = 0
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY
  #coarse = 0
  #untimed = 0
  #sized = 0
  #nameless = 0
  #unrouted = 0
  #day = Number.NaN
  readonly #days = new Set<number>()
  readonly #formats = new Map<Format, number>()
  readonly #problems: Problem[] = []

  request(request: Request, start: number, isUnrouted: boolean): void {
    this.requests++
    if (start < this.#from) this.#from = start
    if (start > this.#to) this.#to = start
    if (request.resolution > 1) this.#coarse++
    if (!(request.duration >= 0)) this.#untimed++
    if (request.received >= 0) this.#sized++
    if (request.clientTo === request.clientFrom) this.#nameless++
    if (isUnrouted) this.#unrouted++
    if (!(start >= this.#day && start < this.#day + DAY_MS)) {
      this.#day = Math.floor(start / DAY_MS) * DAY_MS
      if (this.#days.size < MOST_DAYS) this.#days.add(this.#day)
    }
  }

  unread(why: string, place: Pick<Problem, 'file' | 'line'>): void {
    this.#unread++
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem('BH_HISTORY', { why }, place))
  }

  addProblem(each: Problem): void {
    // A file that was not read to its end must be told, however many lines were not understood before.
    if (this.#problems.length < 2 * MOST_PROBLEMS) this.#problems.push(each)
  }

  formats(counts: ReadonlyMap<Format, number>): void {
    for (const [format, lines] of counts) this.#formats.set(format, (this.#formats.get(format) ?? 0) + lines)
  }

  finish(
    beyond: Pick<AccessLogCoverage, 'files' | 'lanes' | 'late' | 'clients' | 'overflow' | 'relays'>,
  ): AccessLogCoverage {
    const isEmpty = this.requests === 0
    return {
      ...beyond,
      requests: this.requests,
      unread: this.#unread,
      notices: this.notices,
      relayed: this.relays.requests,
      from: isEmpty ? 0 : this.#from,
      to: isEmpty ? 0 : this.#to,
      days: this.#days.size,
      formats: [...this.#formats].map(([{ name }, lines]) => ({ name, lines })),
      coarse: this.#coarse,
      untimed: this.#untimed,
      sized: this.#sized,
      countsHeaders: [...this.#formats.keys()].some(({ receives }) => receives === 'all'),
      nameless: this.#nameless,
      unrouted: this.#unrouted,
      connections: this.connections,
      problems: [...this.#problems],
    }
  }
}
