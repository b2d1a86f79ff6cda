import type { Readable } from 'node:stream'
import type { Cluster } from '../cluster/cluster.ts'
import type { Json } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import { type Problem, problem } from '../errors.ts'
import type { AuditEvent } from '../observe/audit/event.ts'
import { readAudit, readPrefixed, type Scan } from '../observe/audit/reader.ts'
import { Forms } from '../observe/audit/scan/forms.ts'
import type { AuditSink } from '../observe/audit/sink.ts'
import { Stages } from '../observe/audit/stages.ts'
import { Ends } from '../observe/flows/ends.ts'
import { decodeHubble } from '../observe/flows/hubble.ts'
import type { Access, Connection, RecordPlace } from '../observe/record.ts'
import { type Bytes, HISTORY_LIMITS, type HistoryLimits } from './bytes.ts'
import { Cover } from './cover.ts'
import { rows } from './csv.ts'
import type { Coverage, History, SourceCoverage } from './history.ts'
import { documents, type Slice, type Text, textOf } from './lines.ts'
import { opened } from './opened.ts'
import { CUTS, type LogForm, parsed, type Sniffed, sniff } from './sniff.ts'
import { entriesOf } from './tar.ts'
import { members } from './values.ts'

export interface HistoryOptions {
  /** Whose history it is: addresses and names of pods are resolved to its workloads. */
  readonly cluster: Cluster
  /** What `-` stands for. */
  readonly stdin?: Readable
  readonly progress?: (file: string, records: number) => void
  readonly limits?: Partial<HistoryLimits>
}

export interface FileHistory extends History {
  /** What could not be opened, or was named and holds no history. What is wrong inside of files, coverage tells. */
  readonly problems: readonly Problem[]
  /** Files of the folders that hold neither an audit log nor flows nor an audit policy. */
  readonly other: readonly string[]
}

interface Log {
  readonly bytes: Bytes
  readonly form: LogForm
  readonly first: number
}

interface Logs {
  readonly audit: readonly Log[]
  readonly flows: readonly Log[]
}

/** Audit logs, flow logs and an audit policy among files and folders, told apart by what they hold. */
export async function openHistory(paths: readonly string[], options: HistoryOptions): Promise<FileHistory> {
  const limits = { ...HISTORY_LIMITS, ...options.limits }
  const problems: Problem[] = []
  const other: string[] = []
  const logs = { audit: [] as Log[], flows: [] as Log[] }
  let policy: Json | undefined
  const tell = (each: Problem): void => {
    problems.push(each)
  }
  const accept = (bytes: Bytes, isNamed: boolean, found: Sniffed): void => {
    if (found.kind === 'policy') {
      if (policy === undefined) policy = found.policy
      else
        problems.push(
          problem('BH_HISTORY', { why: 'another audit policy; only the first counts' }, { file: bytes.name }),
        )
    } else if (found.kind === 'archive') tell(problem('BH_ARCHIVE', {}, { file: bytes.name }))
    else if (found.kind !== 'other') logs[found.kind].push({ bytes, form: found.form, first: found.first })
    else if (isNamed || found.what !== undefined) {
      const why = found.what === undefined ? 'is neither an audit log nor a log of flows' : `holds ${found.what}`
      problems.push(problem('BH_HISTORY', { why }, { file: bytes.name }))
    } else other.push(bytes.name)
  }
  for await (const { bytes, isNamed } of opened(paths, options.stdin, limits, tell)) {
    const found = await sniff(bytes, limits, tell)
    if (found.kind !== 'archive') {
      accept(bytes, isNamed, found)
      continue
    }
    // Its files are read in its order, whatever their times: so it is unpacked once.
    const before = { audit: logs.audit.length, flows: logs.flows.length }
    for await (const entry of entriesOf(bytes, limits, tell))
      accept(entry.bytes, false, await sniff(entry.head, limits, entry.isWhole ? tell : undefined))
    for (const kind of ['audit', 'flows'] as const) {
      const its = logs[kind].splice(before[kind])
      const first = its.reduce((least, each) => Math.min(least, each.first), Number.POSITIVE_INFINITY)
      logs[kind].push(...its.map((each) => ({ ...each, first })))
    }
    if (isNamed && logs.audit.length === before.audit && logs.flows.length === before.flows)
      tell(problem('BH_HISTORY', { why: 'is an archive without an audit log or a log of flows' }, { file: bytes.name }))
  }
  for (const each of [logs.audit, logs.flows]) each.sort((a, b) => a.first - b.first)
  return new Files(logs, policy, problems, other, limits, options)
}

const PROGRESS_EVERY = 64
/** Of records that carry many requests each. */
const MOST_BATCH = 4096
/** Bytes of a line that is read member by member where it is a list, or an envelope with one. */
const LONG_LINE = 1024 ** 2

class Files implements FileHistory {
  readonly problems: readonly Problem[]
  readonly other: readonly string[]
  readonly #logs: Logs
  readonly #policy: Json | undefined
  readonly #limits: HistoryLimits
  readonly #options: HistoryOptions
  #audit = new Cover('audit')
  #flows = new Cover('flows')

  constructor(
    logs: Logs,
    policy: Json | undefined,
    problems: readonly Problem[],
    other: readonly string[],
    limits: HistoryLimits,
    options: HistoryOptions,
  ) {
    this.#logs = logs
    this.#policy = policy
    this.problems = problems
    this.other = other
    this.#limits = limits
    this.#options = options
  }

  async *accesses({ passing = false } = {}): AsyncIterable<readonly Access[]> {
    const cover = new Cover('audit')
    this.#audit = cover
    const batch = new Batch(passing)
    const tell = ({ access, level, form }: AuditEvent): void => {
      cover.access(access)
      cover.event(level, form)
      batch.add(access)
    }
    const stages = new Stages(tell, ({ access }) => cover.leftOut('copy of a request told before', access.end))
    const sink: AuditSink = {
      event: (event) => stages.add(event),
      unread: (why, place) => cover.unread(why, place),
      leftOut: (what, time) => cover.leftOut(what, time),
    }
    const forms = new Forms(passing)
    const scan: Scan = (bytes, to, { file, line, item }) => forms.read(bytes, 0, to, file, line, sink, item)
    /** The first from there on that is left to a parser; in a function of its own, which is compiled better than a generator. */
    const readPlain = (slices: readonly Slice[], first: number, file: string): number => {
      for (let index = first; index < slices.length; index++) {
        const { bytes, from, to, line, item, wrap } = slices[index] as Slice
        if (wrap !== undefined || !forms.read(bytes, from, to, file, line, sink, item)) return index
      }
      return slices.length
    }
    for (const log of this.#logs.audit) {
      const file = log.bytes.name
      if (log.form === 'yaml' || log.form === 'csv') {
        for await (const texts of this.#chunks(log, cover, log.form === 'yaml' ? documents : rows)) {
          for (const text of texts) readDocument(text, file, sink)
          if (batch.size > 0) yield batch.take()
        }
        continue
      }
      // What is made of blocks outlives the chunk that it came in.
      const isReused = passing && log.form !== 'avro'
      for await (const slices of this.#chunks(log, cover, CUTS[log.form], isReused)) {
        for (let at = readPlain(slices, 0, file); at < slices.length; at = readPlain(slices, at + 1, file)) {
          const slice = slices[at] as Slice
          const { line } = slice
          for (const each of isLong(slice) ? members(slice, this.#limits.line) : [slice]) {
            if (each === slice || !forms.read(each.bytes, each.from, each.to, file, line, sink, each.item))
              readSlice(each, file, sink, scan)
            if (batch.size < MOST_BATCH) continue
            yield batch.take()
            forms.begin()
          }
        }
        if (batch.size > 0) yield batch.take()
        forms.begin()
      }
    }
    stages.rest()
    if (batch.size > 0) yield batch.take()
  }

  async *connections(): AsyncIterable<readonly Connection[]> {
    const cover = new Cover('flows')
    this.#flows = cover
    const ends = new Ends(this.#options.cluster)
    for (const log of this.#logs.flows) {
      for await (const slices of this.#chunks(log, cover, log.form === 'lines' ? CUTS.lines : CUTS.values)) {
        const batch: Connection[] = []
        for (const slice of slices) {
          const { text, line, fault } = textOf(slice)
          const place = { file: log.bytes.name, line }
          if (fault !== undefined) cover.unread(fault, place)
          if (text.trim() === '') continue
          const value = parsed(text)
          const record = value === undefined ? undefined : decodeHubble(value, text, place, ends)
          if (value === undefined) cover.unread('not JSON', place)
          else if (!record) cover.unread('not a flow, or one without a time', place)
          else if (record.kind === 'connection') {
            cover.connection(record.connection, record.node)
            batch.push(record.connection)
          } else if (record.kind === 'lost') cover.lost(record.time, record.count, place)
          else cover.leftOut(record.what, record.time)
        }
        if (batch.length > 0) yield batch
      }
    }
  }

  /** What a file holds, chunk by chunk, cut up as its form is. */
  async *#chunks<Piece>(
    { bytes }: Log,
    cover: Cover,
    cut: (chunks: AsyncIterable<Buffer>, limit: number, isPassing: boolean) => AsyncIterable<readonly Piece[]>,
    isPassing = false,
  ): AsyncIterable<readonly Piece[]> {
    const { progress } = this.#options
    const chunks = bytes.chunks((each) => cover.addProblem(each), isPassing)
    let count = 0
    for await (const pieces of cut(chunks, this.#limits.line, isPassing)) {
      if (count++ % PROGRESS_EVERY === 0) progress?.(bytes.name, cover.records)
      yield pieces
    }
  }

  coverage(): Coverage {
    const policy = this.#policy === undefined ? {} : { auditPolicy: this.#policy }
    const sources: SourceCoverage[] = []
    if (this.#logs.audit.length > 0 || this.#policy !== undefined)
      sources.push({ ...this.#audit.finish(this.#logs.audit.map((each) => each.bytes.name)), ...policy })
    if (this.#logs.flows.length > 0) sources.push(this.#flows.finish(this.#logs.flows.map((each) => each.bytes.name)))
    return { sources }
  }
}

/** Requests until they are told: in passing the same array again for each batch. */
class Batch {
  readonly #isPassing: boolean
  #all: Access[] = []
  size = 0

  constructor(isPassing: boolean) {
    this.#isPassing = isPassing
  }

  add(access: Access): void {
    this.#all[this.size++] = access
  }

  take(): readonly Access[] {
    const all = this.#all
    all.length = this.size
    this.size = 0
    if (!this.#isPassing) this.#all = []
    return all
  }
}

function isLong({ bytes, from, to, item, wrap }: Slice): boolean {
  return (
    to - from > LONG_LINE && item === undefined && wrap === undefined && (bytes[from] === 0x7b || bytes[from] === 0x5b)
  )
}

function readSlice(slice: Slice, file: string, sink: AuditSink, scan: Scan): void {
  if (slice.leftOut !== undefined) {
    sink.leftOut(slice.leftOut, 0)
    return
  }
  const { text, line, fault, wrap } = textOf(slice)
  const place = slice.item === undefined ? { file, line } : { file, line, item: slice.item }
  if (fault !== undefined) sink.unread(fault, place)
  if (text.trim() === '') return
  const value = parsed(text)
  if (value !== undefined) readAudit(wrap === undefined ? value : wrap(value), place, sink, scan)
  else if (!readPrefixed(text, place, sink)) sink.unread('not JSON', place)
}

function readDocument({ text, line, fault, value: made }: Text, file: string, sink: AuditSink): void {
  const place: RecordPlace = { file, line }
  if (fault !== undefined) {
    sink.unread(fault, place)
    return
  }
  if (made !== undefined) {
    readAudit(made, place, sink)
    return
  }
  const { value, problem: why } = parseYaml(text)
  if (why) sink.unread(why.message, { file, line: line + why.line })
  else if (value !== undefined && value !== null) readAudit(value, place, sink)
}
