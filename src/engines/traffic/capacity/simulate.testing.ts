import type { Fate, Outcome, Step } from '../../../observe/probe/step.ts'
import type { Asking } from './run.ts'

/** For tests: services of known capacity, and whoever asks them, in virtual time. */

export type Random = () => number

/** mulberry32. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

export interface Simulated {
  /** A request comes at `now`; `done(at, fate)` tells when it will be answered, at once or later. */
  arrive(now: number, done: (at: number, fate: Fate) => void): void
  /** For services whose answers depend on what comes later: the next time at which something happens, and that it does. */
  next?(): number
  tick?(now: number): void
}

export interface SimulatedSender {
  readonly timeout?: number
  /** When it begins. */
  readonly start?: number
  readonly load?: (step: Step) => Outcome['load']
}

const IDLE = { cpu: 0.1, busy: 0.15, lateness: 0.001 }

/** Runs the search against the service; gives its result and what it used. */
export function simulate<T>(
  machine: Asking<T>,
  service: Simulated,
  caps: { readonly inFlight: number; readonly requests: number; readonly seconds: number },
  sender: SimulatedSender = {},
): { result: T; requests: number; seconds: number } {
  const timeout = sender.timeout ?? 10
  let now = sender.start ?? 0
  let requests = 0
  let turn = machine.next()
  while (!turn.done) {
    const step = turn.value
    if (step.kind === 'rest') {
      now += step.seconds
      turn = machine.next(empty(step.seconds))
      continue
    }
    const outcome = ask(step)
    now += outcome.seconds
    requests += outcome.fates.length
    turn = machine.next(outcome)
  }
  return { result: turn.value, requests, seconds: now - (sender.start ?? 0) }

  function ask(step: Exclude<Step, { kind: 'rest' }>): Outcome {
    const start = now
    const sentAt: number[] = []
    const doneAt: number[] = []
    const fates: Fate[] = []
    const answers = new Map<string, number>()
    const events = new Heap()
    let pending = 0
    let ended: Outcome['ended'] = 'done'
    let sendEnd = 0
    const end = step.kind === 'closed' ? start + step.seconds : Number.POSITIVE_INFINITY
    const send = (at: number): void => {
      const index = sentAt.length
      sentAt.push(at - start)
      doneAt.push(Number.NaN)
      fates.push('cut')
      pending++
      let isOver = false
      const finish = (time: number, fate: Fate): void => {
        events.push(time, () => {
          if (isOver) return
          isOver = true
          pending--
          doneAt[index] = fate === 'failed' && time >= at + timeout ? Number.NaN : time - start
          fates[index] = fate
          answers.set(fate, (answers.get(fate) ?? 0) + 1)
          if (step.kind === 'closed' && sentAt.length < step.requests && time < end) send(time)
        })
      }
      finish(at + timeout, 'failed')
      service.arrive(at, finish)
      sendEnd = at - start
    }
    if (step.kind === 'closed')
      for (let worker = 0; worker < Math.min(step.concurrency, step.requests); worker++) send(start)
    else
      for (let index = 0; index < step.requests; index++)
        events.push(start + index / step.rate, (at) => {
          if (ended !== 'done') return
          if (pending >= caps.inFlight) ended = 'in-flight'
          else send(at)
        })
    let last = start
    while (pending > 0 || (step.kind === 'open' && sentAt.length < step.requests && ended === 'done')) {
      const internal = service.next?.() ?? Number.POSITIVE_INFINITY
      if (internal < events.first) {
        service.tick?.(internal)
        continue
      }
      const event = events.pop()
      if (!event) break
      last = Math.max(last, event.time)
      event.act(event.time)
    }
    return {
      sentAt,
      doneAt,
      fates,
      answers,
      sendSeconds: step.kind === 'closed' && last > end ? step.seconds : sendEnd,
      seconds: last - start + 0.02,
      ended,
      load: sender.load?.(step) ?? IDLE,
    }
  }
}

function empty(seconds: number): Outcome {
  return { sentAt: [], doneAt: [], fates: [], answers: new Map(), sendSeconds: 0, seconds, ended: 'done', load: IDLE }
}

class Heap {
  readonly #items: { time: number; order: number; act: (time: number) => void }[] = []
  #order = 0

  get first(): number {
    return this.#items[0]?.time ?? Number.POSITIVE_INFINITY
  }

  push(time: number, act: (time: number) => void): void {
    const item = { time, order: this.#order++, act }
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(item, items[parent] as typeof item)) break
      items[at] = items[parent] as typeof item
      at = parent
    }
    items[at] = item
  }

  pop(): { time: number; act: (time: number) => void } | undefined {
    const items = this.#items
    const top = items[0]
    const item = items.pop()
    if (!top || !item || items.length === 0) return top
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && before(items[child + 1] as typeof item, items[child] as typeof item)) child++
      if (!before(items[child] as typeof item, item)) break
      items[at] = items[child] as typeof item
      at = child
    }
    items[at] = item
    return top
  }
}

function before(a: { time: number; order: number }, b: { time: number; order: number }): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order)
}

/** How fast servers work at a time, as a share: pauses, slow starts, neighbours. Piecewise, each piece `[until, speed]`. */
export interface Speed {
  /** When work of so many seconds that begins at `from` is done. */
  done(from: number, work: number): number
}

export const EVEN: Speed = { done: (from, work) => from + work }

export function pieces(next: (from: number) => { readonly until: number; readonly speed: number }): Speed {
  const list: { from: number; until: number; speed: number }[] = []
  const pieceAt = (time: number): { until: number; speed: number } => {
    while (list.length === 0 || (list.at(-1) as { until: number }).until <= time) {
      const from = list.at(-1)?.until ?? 0
      list.push({ from, ...next(from) })
    }
    let low = 0
    let high = list.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((list[middle] as { until: number }).until <= time) low = middle + 1
      else high = middle
    }
    return list[low] as { until: number; speed: number }
  }
  return {
    done(from, work) {
      let time = from
      let left = work
      for (;;) {
        const { until, speed } = pieceAt(time)
        if (speed > 0 && time + left / speed <= until) return time + left / speed
        left -= (until - time) * speed
        time = until
      }
    },
  }
}

export interface ServerOptions {
  readonly servers: number
  /** Seconds of work of one request. */
  readonly work: () => number
  readonly speed?: Speed
  /** Requests that may wait; more are answered with an error at once. */
  readonly queue?: number
  /** Seconds that every answer takes besides, without using a server. */
  readonly distance?: number
  /** Work grows by this share for each request that waits: it collapses under load. */
  readonly thrash?: number
}

/** First come, first served, by so many servers. */
export function servers({
  servers: count,
  work,
  speed = EVEN,
  queue = 1e9,
  distance = 0,
  thrash = 0,
}: ServerOptions): Simulated {
  const free = new Array<number>(count).fill(0)
  let starts: number[] = []
  return {
    arrive(now, done) {
      starts = starts.filter((start) => start > now)
      if (starts.length >= queue) return done(now + distance + 0.001, 'failed')
      let at = 0
      for (let index = 1; index < count; index++) if ((free[index] as number) < (free[at] as number)) at = index
      const start = Math.max(now, free[at] as number)
      const end = speed.done(start, work() * (1 + thrash * starts.length))
      free[at] = end
      starts.push(start)
      done(end + distance, 'served')
    },
  }
}

/** One processor that all requests share evenly. */
export function processorSharing(work: () => number): Simulated {
  const jobs: { left: number; done: (at: number, fate: Fate) => void }[] = []
  let last = 0
  const advance = (now: number): void => {
    if (jobs.length > 0) for (const job of jobs) job.left -= (now - last) / jobs.length
    last = now
  }
  const next = (): number =>
    jobs.length === 0
      ? Number.POSITIVE_INFINITY
      : last +
        Math.max(
          0,
          jobs.reduce((least, { left }) => Math.min(least, left), Number.POSITIVE_INFINITY),
        ) *
          jobs.length
  return {
    arrive(now, done) {
      advance(now)
      jobs.push({ left: work(), done })
    },
    next,
    tick(now) {
      advance(now)
      for (let at = jobs.length - 1; at >= 0; at--) {
        const job = jobs[at] as (typeof jobs)[number]
        if (job.left > 1e-9) continue
        jobs.splice(at, 1)
        job.done(now, 'served')
      }
    },
  }
}

/** A token bucket before a service. */
export function tokenBucket(rate: number, burst: number, behind: Simulated): Simulated {
  let tokens = burst + 1
  let last = 0
  return {
    ...behind,
    arrive(now, done) {
      tokens = Math.min(burst + 1, tokens + (now - last) * rate)
      last = now
      if (tokens < 1) return done(now + 0.001, 'limited')
      tokens -= 1
      behind.arrive(now, done)
    },
  }
}

/** A sliding window in which refused requests count too. */
export function slidingWindow(rate: number, behind: Simulated): Simulated {
  let window = 0
  let current = 0
  let previous = 0
  return {
    ...behind,
    arrive(now, done) {
      const at = Math.floor(now)
      if (at !== window) {
        previous = at === window + 1 ? current : 0
        current = 0
        window = at
      }
      current++
      if (current + previous * (1 - (now - at)) > rate) return done(now + 0.001, 'limited')
      behind.arrive(now, done)
    },
  }
}

export function exponential(mean: number, random: Random): () => number {
  return () => -Math.log(1 - random()) * mean
}
