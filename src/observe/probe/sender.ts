import { performance } from 'node:perf_hooks'
import { Connections, type Reply, STALE } from './connection.ts'
import type { Caps, Fate, Outcome, SenderLoad, Step } from './step.ts'
import type { Pinned } from './target.ts'

export interface SenderOptions {
  readonly headers: Readonly<Record<string, string>>
  /** Codes of answers that say that a limit refused, besides 429. */
  readonly limitCodes: ReadonlySet<number>
}

/** What is happening, for whoever looks on. */
export interface Live {
  readonly step: Step
  readonly sent: number
  readonly served: number
  readonly failed: number
  readonly limited: number
  readonly inFlight: number
  /** Seconds since the step began. */
  readonly seconds: number
}

/** Why nothing more is sent. */
export type Stop = 'requests' | 'seconds' | 'bytes' | 'asked'

interface Flight {
  readonly index: number
  readonly at: number
  readonly end: () => void
  isOver: boolean
}

const TICK_MS = 20
/** When nothing was answered for so long after the last was sent, idle connections are closed. */
const STUCK_MS = 250

/**
 * Sends what a search asks for, one step after another, and keeps the caps whatever it is asked: no request, second, byte or
 * connection more. A step ends when all its answers are there, or were given up.
 */
export class Sender {
  readonly #caps: Caps
  readonly #options: SenderOptions
  readonly #connections: Connections
  readonly #began = performance.now()
  readonly #deadline: NodeJS.Timeout
  #requests = 0
  #stop: Stop | undefined
  #onStop: (() => void) | undefined
  #live: (() => Live) | undefined

  constructor(target: Pinned, caps: Caps, options: SenderOptions) {
    this.#caps = caps
    this.#options = options
    this.#connections = new Connections(target, options.headers, caps.inFlight)
    this.#deadline = setTimeout(() => this.stop('seconds'), caps.seconds * 1000)
  }

  get used(): { readonly requests: number; readonly seconds: number; readonly bytes: number } {
    const seconds = (performance.now() - this.#began) / 1000
    return { requests: this.#requests, seconds, bytes: this.#connections.bytes }
  }

  get stopped(): Stop | undefined {
    return this.#stop
  }

  live(): Live | undefined {
    return this.#live?.()
  }

  /** Ends the step that runs, at once, and all that come. */
  stop(why: Stop): void {
    this.#stop ??= why
    this.#onStop?.()
  }

  close(): void {
    clearTimeout(this.#deadline)
    this.#connections.close()
  }

  async take(step: Step): Promise<Outcome> {
    return step.kind === 'rest' ? this.#rest(step) : this.#load(step)
  }

  async #rest({ seconds }: { readonly seconds: number }): Promise<Outcome> {
    const start = performance.now()
    if (this.#stop === undefined)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1000)
        this.#onStop = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    this.#onStop = undefined
    const took = (performance.now() - start) / 1000
    return {
      sentAt: [],
      doneAt: [],
      fates: [],
      answers: new Map(),
      sendSeconds: 0,
      seconds: took,
      ended: this.#stop === undefined ? 'done' : 'stopped',
      load: { cpu: 0, busy: 0, lateness: 0 },
    }
  }

  #load(step: Exclude<Step, { kind: 'rest' }>): Promise<Outcome> {
    const caps = this.#caps
    const meter = loadMeter()
    const start = performance.now()
    const sentAt: number[] = []
    const doneAt: number[] = []
    const fates: Fate[] = []
    const late: number[] = []
    const answers = new Map<string, number>()
    const flights: Flight[] = []
    let oldest = 0
    let pending = 0
    let sendSeconds = 0
    let lastAnswer = start
    let isSending = true
    let ended: Outcome['ended'] = 'done'
    let timer: NodeJS.Timeout | undefined
    const now = (): number => (performance.now() - start) / 1000
    this.#live = () => {
      const count = (fate: Fate): number => fates.reduce((sum, each) => sum + (each === fate ? 1 : 0), 0)
      return {
        step,
        sent: sentAt.length,
        served: count('served'),
        failed: count('failed'),
        limited: count('limited') + count('refused'),
        inFlight: pending,
        seconds: now(),
      }
    }

    return new Promise((resolve) => {
      let isFinished = false
      const finish = (): void => {
        if (isFinished) return
        isFinished = true
        clearTimeout(timer)
        clearInterval(tick)
        this.#onStop = undefined
        this.#live = undefined
        resolve({
          sentAt,
          doneAt,
          fates,
          answers,
          sendSeconds,
          seconds: now(),
          ended,
          load: meter(late),
        })
      }
      const endSending = (): void => {
        if (!isSending) return
        isSending = false
        clearTimeout(timer)
        sendSeconds = now()
        if (pending === 0) finish()
      }
      const halt = (): void => {
        ended = 'stopped'
        isSending = false
        sendSeconds ||= now()
        for (const flight of flights.slice(oldest)) if (!flight.isOver) cut(flight)
        finish()
      }
      const cut = (flight: Flight): void => {
        flight.isOver = true
        pending--
        flight.end()
      }
      this.#onStop = halt

      /** Whether one more may be sent. */
      const may = (): boolean => {
        if (this.#connections.bytes > caps.bytes) this.stop('bytes')
        else if (this.#requests >= caps.requests) {
          // What is in flight is still waited for; the next step is the one that cannot begin.
          this.#stop ??= 'requests'
          ended = 'stopped'
          endSending()
        } else if (pending >= caps.inFlight) {
          ended = 'in-flight'
          endSending()
        }
        return isSending && this.#stop === undefined
      }

      const send = (): void => {
        const index = sentAt.length
        const at = now()
        sentAt.push(at)
        doneAt.push(Number.NaN)
        fates.push('cut')
        pending++
        this.#begin(index, at, flights, answered)
      }

      const answered = (flight: Flight, reply: Reply): void => {
        if (flight.isOver) return
        flight.isOver = true
        pending--
        lastAnswer = performance.now()
        const fate = fateOf(reply, this.#options.limitCodes)
        const { index } = flight
        fates[index] = fate
        if (reply.status !== undefined) doneAt[index] = now()
        const answer = reply.status === undefined ? (reply.error ?? 'error') : String(reply.status)
        answers.set(answer, (answers.get(answer) ?? 0) + 1)
        if (isSending && step.kind === 'closed') next()
        if (!isSending && pending === 0) finish()
      }

      const next = (): void => {
        if (step.kind !== 'closed') return
        if (sentAt.length >= step.requests || now() >= step.seconds) endSending()
        else if (may()) send()
      }

      const pace = (): void => {
        if (step.kind !== 'open') return
        for (;;) {
          const due = sentAt.length / step.rate
          const wait = due - now()
          if (wait > 0.0005) {
            timer = setTimeout(pace, wait * 1000)
            return
          }
          if (!may()) return
          late.push(-wait)
          send()
          if (sentAt.length < step.requests) continue
          endSending()
          return
        }
      }

      const tick = setInterval(() => {
        const time = now()
        while (oldest < flights.length) {
          const flight = flights[oldest] as Flight
          if (!flight.isOver) {
            if (time - flight.at < caps.timeout) break
            flight.end()
          }
          oldest++
        }
        if (step.kind === 'closed' && isSending && time >= step.seconds) endSending()
        if (!isSending && performance.now() - lastAnswer > STUCK_MS) this.#connections.closeIdle()
      }, TICK_MS)

      if (this.#stop !== undefined) return halt()
      if (step.kind === 'open') pace()
      else for (let worker = 0; worker < step.concurrency && isSending; worker++) next()
    })
  }

  /** Sends one request; once more where the service had closed the idle connection that it went out on. */
  #begin(index: number, at: number, flights: Flight[], answered: (flight: Flight, reply: Reply) => void): void {
    this.#requests++
    let end = (): void => {}
    const flight: Flight = { index, at, end: () => end(), isOver: false }
    flights.push(flight)
    let isAgain = false
    const done = (reply: Reply): void => {
      if (reply.error === STALE && !isAgain && !flight.isOver && this.#requests < this.#caps.requests) {
        isAgain = true
        this.#requests++
        // The other idle ones are as old.
        this.#connections.closeIdle()
        end = this.#connections.send(done)
        return
      }
      answered(flight, reply)
    }
    end = this.#connections.send(done)
  }
}

function fateOf({ status, hasRetryAfter }: Reply, limitCodes: ReadonlySet<number>): Fate {
  if (status === undefined) return 'failed'
  if (status === 429 || limitCodes.has(status) || (status === 503 && hasRetryAfter)) return 'limited'
  if (status >= 500) return 'failed'
  return status >= 400 ? 'refused' : 'served'
}

/** Measures this process from now on; called with how late each request was, it tells. */
function loadMeter(): (late: readonly number[]) => SenderLoad {
  const start = performance.now()
  const cpu = process.cpuUsage()
  const loop = performance.eventLoopUtilization()
  return (late) => {
    const seconds = Math.max(1e-3, (performance.now() - start) / 1000)
    const { user, system } = process.cpuUsage(cpu)
    const sorted = [...late].sort((a, b) => a - b)
    return {
      cpu: (user + system) / 1e6 / seconds,
      busy: performance.eventLoopUtilization(loop).utilization,
      lateness: sorted[Math.min(sorted.length - 1, Math.floor(0.99 * sorted.length))] ?? 0,
    }
  }
}
