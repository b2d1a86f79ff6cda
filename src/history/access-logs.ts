import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Problem, problem } from '../errors.ts'
import { Clients } from '../observe/access-log/clients.ts'
import type { Format } from '../observe/access-log/format.ts'
import { FORMATS } from '../observe/access-log/formats.ts'
import { Lane } from '../observe/access-log/lane.ts'
import { Order } from '../observe/access-log/order.ts'
import { LineReader } from '../observe/access-log/reader.ts'
import type { Request } from '../observe/access-log/request.ts'
import type { Requests } from '../observe/access-log/requests.ts'
import { type AccessLogCoverage, Told } from '../observe/access-log/told.ts'
import { type Bytes, HISTORY_LIMITS, type HistoryLimits } from './bytes.ts'
import { opened } from './opened.ts'
import { otherPacking } from './packings.ts'
import { isTar } from './tar.ts'

export interface AccessLogOptions {
  /** The only format that lines may have; without it whatever is recognised. */
  readonly format?: Format
  /** To which route a request belongs; without it all are of route 0. */
  readonly classify?: (request: Request) => number
  /** What `-` stands for. */
  readonly stdin?: Readable
  readonly progress?: (file: string, requests: number) => void
  readonly limits?: Partial<HistoryLimits>
}

/** Access logs of any engines, as one sequence of requests in the order in which they came. */
export interface AccessLogs {
  readonly files: readonly string[]
  /** What could not be opened, or was named and holds no access log. */
  readonly problems: readonly Problem[]
  /** Files of the folders that hold no access log. */
  readonly other: readonly string[]
  readonly clients: Clients
  /** All requests, as often as asked; a client's number is the same each time. A batch is valid until the next is asked for. */
  requests(): AsyncIterable<Requests>
  /** Of the last reading, once it is over. */
  coverage(): AccessLogCoverage
}

interface Log {
  readonly bytes: Bytes
  readonly first: number
  readonly engine: Format['engine']
}

/** Files that are read at once; more of the same time are read after them. */
const MOST_OPEN = 64
const MOST_RELAYS = 10
/** Less than requests are held for, which `Order` does for two minutes at least. */
const ROTATION_MS = 60_000
const SNIFFED_LINES = 1_000
const PROGRESS_EVERY = 16
const NEWLINE = 0x0a

export async function openAccessLogs(paths: readonly string[], options: AccessLogOptions = {}): Promise<AccessLogs> {
  const limits = { ...HISTORY_LIMITS, ...options.limits }
  const formats = options.format ? [options.format] : FORMATS
  const problems: Problem[] = []
  const other: string[] = []
  const logs: Log[] = []
  const tell = (each: Problem): void => {
    problems.push(each)
  }
  for await (const { bytes, isNamed } of opened(paths, options.stdin, limits, tell)) {
    const found = await sniffed(bytes, formats, tell)
    if (found === 'archive') tell(problem('BH_ARCHIVE', {}, { file: bytes.name }))
    else if (typeof found === 'object') logs.push({ bytes, ...found })
    else if (isNamed || found !== undefined) {
      const why = found === undefined ? 'holds no line of a known access log' : `holds ${found}`
      tell(problem('BH_HISTORY', { why }, { file: bytes.name }))
    } else other.push(bytes.name)
  }
  logs.sort((a, b) => a.first - b.first)
  return new Files(logs, formats, problems, other, options)
}

class Files implements AccessLogs {
  readonly files: readonly string[]
  readonly problems: readonly Problem[]
  readonly other: readonly string[]
  readonly clients = new Clients()
  readonly #logs: readonly Log[]
  readonly #formats: readonly Format[]
  readonly #options: AccessLogOptions
  #coverage: AccessLogCoverage | undefined

  constructor(
    logs: readonly Log[],
    formats: readonly Format[],
    problems: readonly Problem[],
    other: readonly string[],
    options: AccessLogOptions,
  ) {
    this.#logs = logs
    this.#formats = formats
    this.files = logs.map(({ bytes }) => bytes.name)
    this.problems = problems
    this.other = other
    this.#options = options
  }

  async *requests(): AsyncIterable<Requests> {
    const { progress } = this.#options
    const told = new Told()
    const order = new Order()
    const numbers = new LaneNumbers()
    const active: Lane[] = []
    let next = 0
    let rounds = 0
    try {
      for (;;) {
        while (
          next < this.#logs.length &&
          active.length < MOST_OPEN &&
          (active.length === 0 || this.#isDue(next, active, numbers))
        )
          active.push(this.#open(next++, told, numbers))
        if (active.length === 0) break
        const lane = earliest(active)
        if (!(await lane.fill(order))) {
          active.splice(active.indexOf(lane), 1)
          numbers.free(lane.lane)
        }
        if (rounds++ % PROGRESS_EVERY === 0) progress?.(this.files[next - 1] as string, told.requests)
        if (!order.isDue) continue
        const until = active.length > 0 ? earliest(active).ended : (this.#logs[next]?.first ?? Number.POSITIVE_INFINITY)
        const batch = order.take(until)
        if (batch.count > 0) yield batch
      }
      const rest = order.take(undefined)
      if (rest.count > 0) yield rest
    } finally {
      for (const lane of active) await lane.close()
    }
    this.#coverage = told.finish({
      files: this.files,
      lanes: numbers.most,
      late: order.late,
      clients: this.clients.count,
      overflow: this.clients.overflow,
      relays: told.relays.clients(MOST_RELAYS).map((client) => this.clients.name(client)),
    })
  }

  /**
   * Whether the file begins before those that are open end. At its rotation a log goes on in the next file within the same
   * second: only one that goes on for longer is of the same time as the next of its name. What is held to be put in order
   * reaches back further.
   */
  #isDue(file: number, active: readonly Lane[], numbers: LaneNumbers): boolean {
    const { bytes, first } = this.#logs[file] as Log
    const overlap = numbers.isBusy(stemOf(bytes.name)) ? ROTATION_MS : 0
    return first <= earliest(active).ended - overlap
  }

  #open(file: number, told: Told, numbers: LaneNumbers): Lane {
    const { bytes, engine } = this.#logs[file] as Log
    return new Lane(bytes.chunks((each) => told.addProblem(each), true)[Symbol.asyncIterator](), {
      name: bytes.name,
      file,
      // Nodes of a load balancer of AWS write a file each; none of them counts requests.
      lane: numbers.take(engine === 'aws' ? '' : stemOf(bytes.name), engine === 'aws'),
      formats: this.#formats,
      clients: this.clients,
      told,
      classify: this.#options.classify,
    })
  }

  coverage(): AccessLogCoverage {
    return (
      this.#coverage ?? new Told().finish({ files: this.files, lanes: 0, late: 0, clients: 0, overflow: 0, relays: [] })
    )
  }
}

/** Which replica of the engine a file is of: rotated files of one name are one, files of the same time several. */
class LaneNumbers {
  readonly #ofStem = new Map<string, number>()
  readonly #busy = new Map<number, number>()
  #count = 0

  get most(): number {
    return this.#count
  }

  /** Whether a file of the same name is being read. */
  isBusy(stem: string): boolean {
    const lane = this.#ofStem.get(stem)
    return lane !== undefined && this.#busy.has(lane)
  }

  take(stem: string, isShared: boolean): number {
    const known = this.#ofStem.get(stem)
    let lane = known
    if (lane === undefined || (this.#busy.has(lane) && !isShared)) {
      lane = 0
      while (this.#busy.has(lane)) lane++
      this.#count = Math.max(this.#count, lane + 1)
    }
    this.#ofStem.set(stem, lane)
    this.#busy.set(lane, (this.#busy.get(lane) ?? 0) + 1)
    return lane
  }

  free(lane: number): void {
    const count = (this.#busy.get(lane) ?? 1) - 1
    if (count === 0) this.#busy.delete(lane)
    else this.#busy.set(lane, count)
  }
}

/** `logs/access` of `logs/access.log.2.gz`, `logs/access.log-20261121`. */
function stemOf(name: string): string {
  const base = basename(name).replace(/(\.gz|\.log|[._-]\d[\dTZ:_-]*)+$/i, '')
  return join(dirname(name), base)
}

function earliest(lanes: readonly Lane[]): Lane {
  return lanes.reduce((least, lane) => (lane.ended < least.ended ? lane : least))
}

/** When the line was written. */
function ended({ time, isStart, duration }: Request): number {
  return isStart && duration >= 0 ? time + duration : time
}

/**
 * When the first line was written, and of what engine; undefined where none of the first lines is of an access log, or what
 * else is in the file that people take for one.
 */
async function sniffed(
  bytes: Bytes,
  formats: readonly Format[],
  tell: (problem: Problem) => void,
): Promise<Pick<Log, 'first' | 'engine'> | string | undefined> {
  const reader = new LineReader(formats)
  for await (const chunk of bytes.chunks(tell)) {
    if (isTar(chunk)) return 'archive'
    const packing = otherPacking(chunk)
    if (packing !== undefined) return packing
    let from = 0
    for (let line = 0; line < SNIFFED_LINES && from < chunk.length; line++) {
      const end = chunk.indexOf(NEWLINE, from)
      const to = end < 0 ? chunk.length : end
      if (to > from && reader.read(chunk, from, to))
        return { first: ended(reader.request), engine: reader.format?.engine ?? 'other' }
      from = to + 1
    }
    return undefined
  }
  return undefined
}
