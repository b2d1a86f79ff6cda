import { type Problem, problem } from '../errors.ts'
import type { Access, Connection, End, RecordPlace } from '../observe/record.ts'
import type { SourceCoverage } from './history.ts'

const HOUR_MS = 3_600_000
/** With fewer an hour, an hour without any says nothing. */
const BUSY = 20
const MOST_HOURS = 200_000
const MOST_KEYS = 50_000
const MOST_PLACES = 1_000
const MOST_PROBLEMS = 100

interface Hour {
  first: number
  last: number
}

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

  access({ time, verb, group, resource, subresource }: Access): void {
    this.#see(time)
    add(
      this.#shown,
      subresource === '' ? `${verb} ${group}/${resource}` : `${verb} ${group}/${resource}/${subresource}`,
    )
  }

  connection({ time, source, destination }: Connection, node: string): void {
    this.#see(time)
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
    if (time > 0) this.#note(time)
  }

  lost(time: number, count: number, place: RecordPlace): void {
    const last = this.#lost.at(-1)
    if (last && this.#lost.length === MOST_PLACES) last.count += count
    else this.#lost.push({ time, count, place })
  }

  #see(time: number): void {
    this.#records++
    if (time < this.#from) this.#from = time
    if (time > this.#to) this.#to = time
    this.#note(time)
  }

  #note(time: number): void {
    const known = this.#hour
    if (known && time >= known.first && time - known.first < HOUR_MS && sameHour(time, known.first)) {
      if (time > known.last) known.last = time
      return
    }
    const key = Math.floor(time / HOUR_MS)
    let hour = this.#hours.get(key)
    if (!hour) {
      if (this.#hours.size >= MOST_HOURS) return
      hour = { first: time, last: time }
      this.#hours.set(key, hour)
    }
    if (time < hour.first) hour.first = time
    if (time > hour.last) hour.last = time
    this.#hour = hour
  }

  #gaps(): SourceCoverage['gaps'] {
    const hours = (this.#to - this.#from) / HOUR_MS
    if (!(hours > 0) || this.#records / hours < BUSY) return []
    const keys = [...this.#hours.keys()].sort((a, b) => a - b)
    return keys.flatMap((key, index) => {
      const next = keys[index + 1]
      if (next === undefined || next === key + 1) return []
      return { from: (this.#hours.get(key) as Hour).last, to: (this.#hours.get(next) as Hour).first }
    })
  }

  finish(files: readonly string[]): SourceCoverage {
    const isEmpty = this.#records === 0
    return {
      kind: this.#kind,
      files,
      records: this.#records,
      unread: this.#unread,
      from: isEmpty ? 0 : this.#from,
      to: isEmpty ? 0 : this.#to,
      gaps: this.#gaps(),
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
