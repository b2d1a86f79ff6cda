import type { Problem } from '../../errors.ts'
import type { Clients } from './clients.ts'
import type { Format } from './format.ts'
import type { Order } from './order.ts'
import { LineReader } from './reader.ts'
import type { Request } from './request.ts'
import { NO_ROUTE, Requests } from './requests.ts'
import { spread } from './seconds.ts'
import type { Told } from './told.ts'

const NEWLINE = 0x0a
/** Nothing that an engine writes of one request is longer: its headers end at 32 to 96 KiB, four times that where all is escaped. */
export const LONGEST_LINE = 1 << 18

export interface LaneOptions {
  readonly name: string
  /** Index in the files of the log. */
  readonly file: number
  /** Which lane its rows belong to. */
  readonly lane: number
  readonly formats: readonly Format[]
  readonly clients: Clients
  readonly told: Told
  /** To which route a request belongs; `NO_ROUTE` where to none. */
  readonly classify?: ((request: Request) => number) | undefined
}

/** One file while it is read: bytes into rows, chunk by chunk. */
export class Lane {
  readonly lane: number
  /** No line behind ends before; a single line with a time of its own makes no difference. */
  ended = Number.NEGATIVE_INFINITY
  readonly #chunks: AsyncIterator<Buffer>
  readonly #options: LaneOptions
  readonly #reader: LineReader
  readonly #rows = new Requests(4096)
  /** The first row of the second that is being read, and that second. */
  #secondRow = 0
  #second = Number.NaN
  #previous = Number.NEGATIVE_INFINITY
  #line = 1
  #carry: Buffer<ArrayBufferLike> = Buffer.allocUnsafe(4096)
  #carried = 0

  constructor(chunks: AsyncIterator<Buffer>, options: LaneOptions) {
    this.#chunks = chunks
    this.#options = options
    this.lane = options.lane
    this.#reader = new LineReader(options.formats)
  }

  /** Reads another chunk into the order; false at the end of the file. */
  async fill(order: Order): Promise<boolean> {
    const { done, value: chunk } = await this.#chunks.next()
    if (done === true) {
      // A line without its end is a cut one, unless it reads.
      if (this.#carried > 0) this.#carriedLine()
      this.#flush(order, true)
      this.#options.told.formats(this.#reader.finish())
      return false
    }
    let from = 0
    if (this.#carried > 0) {
      const end = chunk.indexOf(NEWLINE)
      this.#keep(chunk, 0, end < 0 ? chunk.length : end)
      if (end < 0) return true
      this.#carriedLine()
      from = end + 1
    }
    for (let end = chunk.indexOf(NEWLINE, from); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      this.#parse(chunk, from, end)
      from = end + 1
    }
    this.#keep(chunk, from, chunk.length)
    this.#flush(order, false)
    return true
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    const length = this.#carried + to - from
    if (length <= LONGEST_LINE) {
      if (length > this.#carry.length) {
        const larger = Buffer.allocUnsafe(Math.min(LONGEST_LINE, Math.max(length, this.#carry.length * 4)))
        this.#carry.copy(larger, 0, 0, this.#carried)
        this.#carry = larger
      }
      chunk.copy(this.#carry, this.#carried, from, to)
    }
    this.#carried = length
  }

  #carriedLine(): void {
    if (this.#carried > LONGEST_LINE) {
      this.#options.told.unread(`a line is longer than ${LONGEST_LINE} bytes`, this.#place())
      this.#line++
    } else this.#parse(this.#carry, 0, this.#carried)
    this.#carried = 0
  }

  #parse(bytes: Buffer, from: number, to: number): void {
    const { told } = this.#options
    if (to - from > LONGEST_LINE) told.unread(`a line is longer than ${LONGEST_LINE} bytes`, this.#place())
    else if (to > from && !(to - from === 1 && bytes[from] === 0x0d)) {
      if (this.#reader.read(bytes, from, to)) this.#row(this.#reader.request)
      else if (this.#reader.isNotice(bytes, from, to)) told.notices++
      else told.unread('is no line of a known access log', this.#place())
    }
    this.#line++
  }

  #place(): Pick<Problem, 'file' | 'line'> {
    return { file: this.#options.name, line: this.#line }
  }

  #row(request: Request): void {
    const { clients, classify, told, file } = this.#options
    const { time, duration } = request
    if (this.#reader.isConnection) {
      told.connections++
      return
    }
    const isKnown = duration >= 0
    const ended = request.isStart && isKnown ? time + duration : time
    const safe = ended < this.#previous ? ended : this.#previous
    this.#previous = ended
    if (safe > this.ended) this.ended = safe
    const rows = this.#rows
    if (rows.count === rows.capacity) rows.reserve(rows.count + 1)
    if (time !== this.#second) {
      spread(rows, this.#secondRow, rows.count)
      this.#secondRow = rows.count
      this.#second = time
    }
    const row = rows.count++
    rows.start[row] = request.isStart || !isKnown ? time : time - duration
    rows.early[row] = 0
    rows.width[row] = request.resolution > 1 ? request.resolution : 0
    rows.duration[row] = duration
    const client = clients.number(request.bytes, request.clientFrom, request.clientTo)
    rows.client[row] = client
    told.relays.add(client, request)
    rows.route[row] = classify === undefined ? 0 : classify(request)
    rows.status[row] = request.status
    rows.mark[row] = request.mark
    rows.received[row] = request.received
    rows.file[row] = file
    rows.line[row] = this.#line
    rows.lane[row] = this.lane
    told.request(request, rows.start[row] as number, rows.route[row] === NO_ROUTE)
  }

  /** Rows of the last second wait for its end. */
  #flush(order: Order, isEnd: boolean): void {
    const rows = this.#rows
    const isExact = rows.count > 0 && rows.width[rows.count - 1] === 0
    if (isEnd || isExact) {
      spread(rows, this.#secondRow, rows.count)
      this.#secondRow = rows.count
      this.#second = Number.NaN
    }
    order.add(rows, 0, this.#secondRow)
    const left = rows.count - this.#secondRow
    for (let row = 0; row < left; row++) rows.copy(row, rows, this.#secondRow + row)
    rows.count = left
    this.#secondRow = 0
  }
}
