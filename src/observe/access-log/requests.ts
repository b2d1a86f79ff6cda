import type { Mark } from './request.ts'

/** The route of requests that lead to none that was asked for. */
export const NO_ROUTE = 0xffff_ffff

/**
 * Requests in columns, in the order of `start` once `order.ts` has sorted them. Rows at `count` and behind hold nothing.
 * A batch is only valid until the next one is asked for.
 */
export class Requests {
  count = 0
  /** Milliseconds since 1970 when the request came: where the log only has the second, as if those of one second were spread evenly. */
  start: Float64Array
  /** How much earlier it may have come, in milliseconds: where in its second it was put. */
  early: Float32Array
  /** The span in milliseconds within which it came: 0 where the log tells the millisecond. */
  width: Uint16Array
  /** Milliseconds; NaN where the log does not tell. */
  duration: Float32Array
  /** Dense, by first appearance: `Clients.name` has the address. */
  client: Uint32Array
  /** What `classify` said. */
  route: Uint32Array
  status: Uint16Array
  mark: Uint8Array
  received: Float64Array
  /** Index in the files of the log. */
  file: Uint16Array
  /** 1-based. */
  line: Uint32Array
  /** Which of several logs of the same time it stands in: of one replica of the engine each. */
  lane: Uint16Array

  constructor(capacity: number) {
    this.start = new Float64Array(capacity)
    this.early = new Float32Array(capacity)
    this.width = new Uint16Array(capacity)
    this.duration = new Float32Array(capacity)
    this.client = new Uint32Array(capacity)
    this.route = new Uint32Array(capacity)
    this.status = new Uint16Array(capacity)
    this.mark = new Uint8Array(capacity)
    this.received = new Float64Array(capacity)
    this.file = new Uint16Array(capacity)
    this.line = new Uint32Array(capacity)
    this.lane = new Uint16Array(capacity)
  }

  get capacity(): number {
    return this.start.length
  }

  /** Room for at least `capacity` rows. */
  reserve(capacity: number): void {
    if (capacity <= this.capacity) return
    const larger = new Requests(Math.max(capacity, this.capacity + (this.capacity >> 1)))
    for (const name of COLUMNS) {
      larger[name].set(this[name].subarray(0, this.count) as never)
      this[name] = larger[name] as never
    }
  }

  /** Row `from` of another batch becomes row `to` of this one. */
  copy(to: number, other: Requests, from: number): void {
    this.start[to] = other.start[from] as number
    this.early[to] = other.early[from] as number
    this.width[to] = other.width[from] as number
    this.duration[to] = other.duration[from] as number
    this.client[to] = other.client[from] as number
    this.route[to] = other.route[from] as number
    this.status[to] = other.status[from] as number
    this.mark[to] = other.mark[from] as Mark
    this.received[to] = other.received[from] as number
    this.file[to] = other.file[from] as number
    this.line[to] = other.line[from] as number
    this.lane[to] = other.lane[from] as number
  }
}

const COLUMNS = [
  'start',
  'early',
  'width',
  'duration',
  'client',
  'route',
  'status',
  'mark',
  'received',
  'file',
  'line',
  'lane',
] as const
