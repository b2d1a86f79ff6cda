import { type Problem, problem } from '../errors.ts'
import { type AuditForm, HIDES, hiddenByAll } from '../observe/audit/form.ts'
import type { Access, Connection, End, RecordPlace } from '../observe/record.ts'
import type { SourceCoverage } from './history.ts'
import { type Hour, hoursOf } from './hours.ts'

const HOUR_MS = 3_600_000
const MOST_HOURS = 200_000
const MOST_KEYS = 50_000
const MOST_OF_RESOURCE = 1_000
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
  readonly #forms = new Map<AuditForm, number>()
  // Of the last events, which are mostly like those before; not yet counted.
  #level = ''
  #form: AuditForm = 'native'
  #alike = 0
  readonly #shown = new Kinds()
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
    if (this.#problems.length >= MOST_PROBLEMS) return
    const { file, line, item } = place
    const told = item === undefined ? why : `${why} (${item} of those in the line)`
    this.#problems.push(problem('BH_JSON', { why: told }, { file, line }))
  }

  addProblem(each: Problem): void {
    // A file that was not read to its end must be told, however many lines were not understood before.
    if (this.#problems.length < 2 * MOST_PROBLEMS) this.#problems.push(each)
  }

  event(level: string, form: AuditForm): void {
    if (level !== this.#level || form !== this.#form) {
      this.#countAlike()
      this.#level = level
      this.#form = form
    }
    this.#alike++
  }

  #countAlike(): void {
    if (this.#alike === 0) return
    add(this.#levels, this.#level, this.#alike)
    this.#forms.set(this.#form, (this.#forms.get(this.#form) ?? 0) + this.#alike)
    this.#alike = 0
  }

  access(access: Access): void {
    const { time, end } = access
    // Of a watch that began long before, the log shows when it ended.
    this.#see(time, Math.max(time, end), access)
    this.#shown.add(access)
  }

  connection(connection: Connection, node: string): void {
    const { time, source, destination } = connection
    this.#see(time, time, connection)
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

  #see(time: number, written: number, record: Placed): void {
    this.#records++
    if (time < this.#from) this.#from = time
    if (time > this.#to) this.#to = time
    this.#note(written, record)
  }

  #note(time: number, record: Placed | undefined): void {
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
      hour = { key, first: time, last: time, count: 0, place: record?.place }
      this.#hours.set(key, hour)
    }
    if (time < hour.first) hour.first = time
    if (time > hour.last) hour.last = time
    hour.count++
    this.#hour = hour
  }

  finish(files: readonly string[]): SourceCoverage {
    this.#countAlike()
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
      forms: [...this.#forms].map(([form, records]) => ({ form, records, hides: HIDES[form] })),
      hides: hiddenByAll([...this.#forms.keys()]),
      shown: this.#shown.counts(),
      nodes: [...this.#nodes].sort(),
      problems: [...this.#problems],
    }
  }
}

/** Asked for its place only where that is kept. */
interface Placed {
  readonly place: RecordPlace
}

interface Kind {
  readonly verb: string
  readonly group: string
  readonly subresource: string
  count: number
}

/** Counts kinds of requests, by comparing texts that are mostly one and the same. */
class Kinds {
  readonly #byResource = new Map<string, Kind[]>()
  #size = 0

  add({ verb, group, resource, subresource }: Access): void {
    const kinds = this.#byResource.get(resource)
    for (const kind of kinds ?? []) {
      if (kind.verb !== verb || kind.subresource !== subresource || kind.group !== group) continue
      kind.count++
      return
    }
    // Anybody may ask for what is nowhere served.
    if (this.#size >= MOST_KEYS || (kinds?.length ?? 0) >= MOST_OF_RESOURCE) return
    this.#size++
    const made = { verb, group, subresource, count: 1 }
    if (kinds) kinds.push(made)
    else this.#byResource.set(resource, [made])
  }

  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const [resource, kinds] of this.#byResource)
      for (const { verb, group, subresource, count } of kinds)
        counts.set(`${verb} ${group}/${resource}${subresource === '' ? '' : `/${subresource}`}`, count)
    return counts
  }
}

function sameHour(a: number, b: number): boolean {
  return Math.floor(a / HOUR_MS) === Math.floor(b / HOUR_MS)
}

function add(counts: Map<string, number>, key: string, times = 1): void {
  const count = counts.get(key)
  if (count !== undefined) counts.set(key, count + times)
  else if (counts.size < MOST_KEYS) counts.set(key, times)
}
