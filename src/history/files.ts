import { realpath } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import type { Cluster } from '../cluster/cluster.ts'
import type { Json } from '../cluster/json.ts'
import { type Problem, problem } from '../errors.ts'
import { type AuditEvent, auditEvents, decodeAuditEvent, isAuditEvent } from '../observe/audit/native.ts'
import { Stages } from '../observe/audit/stages.ts'
import { reason } from '../observe/files/source.ts'
import { Ends } from '../observe/flows/ends.ts'
import { decodeHubble } from '../observe/flows/hubble.ts'
import type { Access, Connection } from '../observe/record.ts'
import { type Bytes, fileBytes, HISTORY_LIMITS, type HistoryLimits, heldBytes, streamOf } from './bytes.ts'
import { Cover } from './cover.ts'
import { findFiles } from './find.ts'
import type { Coverage, History, SourceCoverage } from './history.ts'
import { lines, type Text, values } from './lines.ts'
import { parsed, type Sniffed, sniff } from './sniff.ts'

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
  readonly form: 'lines' | 'values'
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
  const seen = new Set<string>()
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
    } else if (found.kind !== 'other') logs[found.kind].push({ bytes, form: found.form, first: found.first })
    else if (isNamed)
      problems.push(problem('BH_HISTORY', { why: 'is neither an audit log nor a log of flows' }, { file: bytes.name }))
    else other.push(bytes.name)
  }
  for (const path of paths) {
    if (path === '-') {
      if (!options.stdin) continue
      const bytes = await heldBytes(options.stdin, 'standard input', limits, tell)
      accept(bytes, true, await sniff(bytes, limits))
      continue
    }
    for (const { path: file, isNamed } of await findFiles(path, problems)) {
      // Named twice is still one file, and nothing in it happened twice.
      const real = await realpath(file).catch(() => file)
      if (seen.has(real)) continue
      seen.add(real)
      const stream = await streamOf(file).catch((error: unknown) => {
        tell(problem('BH_READ', { why: reason(error) }, { file }))
      })
      const bytes = stream ? await heldBytes(stream, file, limits, tell) : fileBytes(file, limits)
      accept(bytes, isNamed, await sniff(bytes, limits))
    }
  }
  for (const each of [logs.audit, logs.flows]) each.sort((a, b) => a.first - b.first)
  return new Files(logs, policy, problems, other, limits, options)
}

const PROGRESS_EVERY = 64

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

  async *accesses(): AsyncIterable<readonly Access[]> {
    const cover = new Cover('audit')
    this.#audit = cover
    const stages = new Stages()
    let batch: Access[] = []
    const tell = ({ access, level }: AuditEvent): void => {
      cover.access(access)
      cover.level(level)
      batch.push(access)
    }
    for (const log of this.#logs.audit) {
      for await (const texts of this.#read(log, cover)) {
        for (const { text, line } of texts) {
          const place = { file: log.bytes.name, line }
          const value = parse(text, cover, place)
          if (value === undefined) continue
          for (const each of isAuditEvent(value) ? [value] : auditEvents(value)) {
            const event = decodeAuditEvent(each, text, place)
            if (event) stages.add(event, tell)
            else cover.unread(isAuditEvent(each) ? 'an event without a time' : 'not an audit event', place)
          }
        }
        if (batch.length > 0) yield batch
        batch = []
      }
    }
    stages.rest(tell)
    if (batch.length > 0) yield batch
  }

  async *connections(): AsyncIterable<readonly Connection[]> {
    const cover = new Cover('flows')
    this.#flows = cover
    const ends = new Ends(this.#options.cluster)
    for (const log of this.#logs.flows) {
      for await (const texts of this.#read(log, cover)) {
        const batch: Connection[] = []
        for (const { text, line } of texts) {
          const place = { file: log.bytes.name, line }
          const value = parse(text, cover, place)
          if (value === undefined) continue
          const record = decodeHubble(value, text, place, ends)
          if (!record) cover.unread('not a flow, or one without a time', place)
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

  /** Texts that could be read; those that could not are counted. */
  async *#read({ bytes, form }: Log, cover: Cover): AsyncIterable<readonly Text[]> {
    const { progress } = this.#options
    const chunks = bytes.chunks((each) => cover.addProblem(each))
    let count = 0
    for await (const texts of form === 'lines' ? lines(chunks, this.#limits.line) : values(chunks, this.#limits.line)) {
      if (count++ % PROGRESS_EVERY === 0) progress?.(bytes.name, cover.records)
      for (const { fault, line } of texts) if (fault !== undefined) cover.unread(fault, { file: bytes.name, line })
      yield texts
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

/** Undefined for an empty line, and for what is no JSON, which is counted. */
function parse(text: string, cover: Cover, place: { readonly file: string; readonly line: number }): Json | undefined {
  if (text === '') return undefined
  const value = parsed(text)
  if (value === undefined && text.trim() !== '') cover.unread('not JSON', place)
  return value
}
