import type { Weighed } from './heavy.ts'

/** How many requests in a row tell a period. */
const LAST = 33
const LEAST_REQUESTS = 10
const LEAST_MS = 200
const MOST_MS = 3_600_000
/** Of the period: half of the gaps are nearer to it than this. */
const MOST_JITTER = 0.2

/** Reading the same again and again at a fixed period. */
export interface PollLoop {
  readonly verb: string
  readonly namespace: string
  readonly name: string
  /** The last address that it came from. */
  readonly source: string
  readonly requests: number
  readonly periodMs: number
  /** The median distance of a gap from the period, as a part of it. */
  readonly jitter: number
}

/** One reader of one thing. */
export class Poller implements Weighed {
  weight = 0
  missed = 0
  readonly verb: string
  readonly namespace: string
  readonly name: string
  readonly source: string
  readonly #times: number[] = []
  /** Of those before these: how many came at a fixed period, and the last such period. */
  #looped = 0
  #last: Cadence | undefined

  constructor(verb: string, namespace: string, name: string, source: string) {
    this.verb = verb
    this.namespace = namespace
    this.name = name
    this.source = source
  }

  add(time: number): void {
    this.weight++
    this.#times.push(time)
    if (this.#times.length === LAST) this.#take()
  }

  /** The last of some begins the next. */
  #take(): void {
    const cadence = cadenceOf(this.#times)
    if (cadence) {
      this.#looped += this.#times.length - 1
      this.#last = cadence
    }
    this.#times.splice(0, this.#times.length - 1)
  }

  /** Undefined where most of it has no period. */
  loop(): PollLoop | undefined {
    const cadence = this.#times.length >= LEAST_REQUESTS ? cadenceOf(this.#times) : undefined
    const requests = this.#looped + (cadence ? this.#times.length : this.#looped > 0 ? 1 : 0)
    const found = cadence ?? this.#last
    if (!found || requests * 2 < this.weight) return undefined
    const { verb, namespace, name, source } = this
    return { verb, namespace, name, source, requests, ...found }
  }
}

type Cadence = Pick<PollLoop, 'periodMs' | 'jitter'>

function cadenceOf(requests: readonly number[]): Cadence | undefined {
  const times = requests.toSorted((a, b) => a - b)
  const gaps = times.slice(1).map((time, at) => time - (times[at] as number))
  const periodMs = median(gaps)
  if (!(periodMs >= LEAST_MS && periodMs <= MOST_MS)) return undefined
  const jitter = median(gaps.map((gap) => Math.abs(gap - periodMs))) / periodMs
  return jitter > MOST_JITTER ? undefined : { periodMs, jitter }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}
