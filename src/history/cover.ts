import { type Problem, problem } from '../errors.ts'
import type { Access, Connection, End, RecordPlace } from '../observe/record.ts'
import type { SourceCoverage } from './history.ts'
import { type Hour, hoursOf } from './hours.ts'

const HOUR_MS = 3_600_000
const MOST_HOURS = 200_000
const MOST_KEYS = 50_000
const MOST_PLACES = 1_000
const MOST_PROBLEMS = 100

/** Counts what one source shows while it is read, in bounded memory. */
export class Cover {
  readonly #kind: SourceCoverage['kind']
  #records = 0
  #unread = 0
  #from = Number.POSITIVE_INFINITY
  #to = Number.NEGATIVE_INFINITY
  #hour: Hour | undefined
  readonly #hours = new Map<number, Hour>()
  readonly #lost: { time: number; count: number; place: RecordPlace }[] = []
  readonly #leftOut = new Map<string, number>()
  readonly #unresolved = new Map<string, number>()
  readonly #levels = new Map<string, number>()
  readonly #shown = new Map<string, number>()
  readonly #nodes = new Set<string>()
  readonly #problems: Problem[] = []

  constructor(kind: SourceCoverage['kind']) {
    this.#kind = kind
  }

  get records(): number {
    return this.#records
  }

  unread(why: string, place: RecordPlace): void {
    this.#unread++
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(problem('BH_JSON', { why }, place))
  }

  addProblem(each: Problem): void {
    // A file that was not read to its end must be told, however many lines were not understood before.
    if (this.#problems.length < 2 * MOST_PROBLEMS) this.#problems.push(each)
  }

  level(level: string): void {
    add(this.#levels, level)
  }

  access({ time, end, verb, group, resource, subresource, place }: Access): void {
    // Of a watch that began long before, the log shows when it ended.
    this.#see(time, Math.max(time, end), place)
    add(
      this.#shown,
      subresource === '' ? `${verb} ${group}/${resource}` : `${verb} ${group}/${resource}/${subresource}`,
    )
  }

  connection({ time, source, destination, place }: Connection, node: string): void {
    this.#see(time, time, place)
    this.#end(source)
    this.#end(destination)
    if (node !== '' && this.#nodes.size < MOST_KEYS) this.#nodes.add(node)
  }

  #end(end: End): void {
    if (end.kind === 'unresolved') add(this.#unresolved, end.why)
  }

  leftOut(what: string, time: number): void {
    add(this.#leftOut, what)
    // What is left out was still recorded then.
    if (time > 0) this.#note(time, undefined)
  }

  lost(time: number, count: number, place: RecordPlace): void {
    const last = this.#lost.at(-1)
    if (last && this.#lost.length === MOST_PLACES) last.count += count
    else this.#lost.push({ time, count, place })
  }

  #see(time: number, written: number, place: RecordPlace): void {
    this.#records++
    if (time < this.#from) this.#from = time
    if (time > this.#to) this.#to = time
    this.#note(written, place)
  }

  #note(time: number, place: RecordPlace | undefined): void {
    const known = this.#hour
    if (known && time >= known.first && time - known.first < HOUR_MS && sameHour(time, known.first)) {
      if (time > known.last) known.last = time
      known.count++
      return
    }
    const key = Math.floor(time / HOUR_MS)
    let hour = this.#hours.get(key)
    if (!hour) {
      if (this.#hours.size >= MOST_HOURS) return
      hour = { key, first: time, last: time, count: 0, place }
      this.#hours.set(key, hour)
    }
    if (time < hour.first) hour.first = time
    if (time > hour.last) hour.last = time
    hour.count++
    this.#hour = hour
  }

  finish(files: readonly string[]): SourceCoverage {
    const isEmpty = this.#records === 0
    const { gaps, thin, outlying, from, to } = hoursOf([...this.#hours.values()])
    return {
      kind: this.#kind,
      files,
      records: this.#records,
      unread: this.#unread,
      from: isEmpty ? 0 : outlying ? from : this.#from,
      to: isEmpty ? 0 : outlying ? to : this.#to,
      gaps,
      ...(thin ? { thin } : {}),
      ...(outlying ? { outlying } : {}),
      lost: this.#lost.map((each) => ({ ...each })),
      leftOut: Object.fromEntries(this.#leftOut),
      unresolved: Object.fromEntries(this.#unresolved),
      levels: Object.fromEntries(this.#levels),
      shown: new Map(this.#shown),
      nodes: [...this.#nodes].sort(),
      problems: [...this.#problems],
    }
  }
}

function sameHour(a: number, b: number): boolean {
  return Math.floor(a / HOUR_MS) === Math.floor(b / HOUR_MS)
}

function add(counts: Map<string, number>, key: string): void {
  const count = counts.get(key)
  if (count !== undefined) counts.set(key, count + 1)
  else if (counts.size < MOST_KEYS) counts.set(key, 1)
}
