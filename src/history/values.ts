import type { Json } from '../cluster/json.ts'
import { NOTHING, type Slice, tooLong, type Wrap, whole } from './lines.ts'

/**
 * What lists are called in the envelopes of logs, which may be larger than any event. Not `logEvents` of CloudWatch: beside
 * it stands the stream of its members, and what is delivered at once is small.
 */
const LISTS: ReadonlySet<string> = new Set(['items', 'events', 'records', 'Records', 'entries', 'receivedMessages'])
/** Of Logs Insights, whose members are lists of fields. */
const RESULTS = 'results'
/** Of Log Analytics: `{"columns": [{"name": …}, …], "rows": [[…], …]}` each. */
const TABLES = 'tables'
const LONGEST_NAME = 16
/** A table of Log Analytics has 500 columns at most. */
const MOST_COLUMNS_BYTES = 128 * 1024

/**
 * The JSON objects of a text in which they are written over several lines, one after another or in an array; of an
 * envelope with a list, the members; of tables, the rows. What is between them is left out. Nothing is held but what is
 * told, and of a table its columns.
 */
export async function* values(chunks: AsyncIterable<Buffer>, limit: number): AsyncIterable<readonly Slice[]> {
  const cutter = new Cutter(limit)
  for await (const chunk of chunks) {
    const found = cutter.read(chunk)
    if (found.length > 0) yield found
  }
  const rest = cutter.end()
  if (rest) yield [rest]
}

/** The same of a line that holds one value. Of one that is cut off, what came before. */
export function members(slice: Slice, limit: number): readonly Slice[] {
  const { bytes, from, to, line } = slice
  const cutter = new Cutter(limit)
  const found = cutter.read(bytes.subarray(from, to))
  const rest = cutter.end()
  const told = found.map((each) =>
    each.fault === undefined ? { ...each, bytes, from: from + each.from, to: from + each.to, line } : { ...each, line },
  )
  return rest === undefined ? told : [...told, { ...rest, line }]
}

const NEWLINE = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d

/** How deep the values stand that are told. */
const TOP = 0
const MEMBERS = 2
const COLUMNS = 3
const ROWS = 4
/** Between lists nothing is told. */
const NOWHERE = -1

class Cutter {
  readonly #limit: number
  #line = 1
  #depth = 0
  #inString = false
  #isEscaped = false

  #base = TOP
  /** Whether lists are told too, not only objects. */
  #isOfLists = false
  #wrap: Wrap | undefined
  /** Of the table that is being read. */
  #columns: Json | undefined

  /** How deep keys are asked for: 1, or 3 in tables. */
  #keyDepth: 1 | 3 = 1
  #name = ''
  #nameFrom = 0

  // Of the value that is open.
  #isOpen = false
  #from = 0
  #begun = 1
  #length = 0
  #carried: Buffer[] = []

  readonly #tops = new Items()
  /** Of the list whose members are told. */
  #members = new Items()

  constructor(limit: number) {
    this.#limit = limit
  }

  read(chunk: Buffer): readonly Slice[] {
    const found: Slice[] = []
    this.#from = 0
    this.#nameFrom = 0
    let index = 0
    while (index < chunk.length) {
      if (this.#inString) {
        index = this.#readString(chunk, index)
        continue
      }
      const byte = chunk[index] as number
      if (byte === NEWLINE) this.#line++
      else if (byte === QUOTE) {
        if (this.#depth > 0) {
          this.#inString = true
          this.#name = ''
          this.#nameFrom = index + 1
        }
      } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) this.#open(byte, index, found)
      else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && this.#depth > 0) this.#close(chunk, index, found)
      index++
    }
    if (this.#isOpen) this.#carry(chunk.subarray(this.#from))
    return found
  }

  /** Why the last value is none. */
  end(): Slice | undefined {
    return this.#depth > 0 ? faulty(this.#begun, 'ends before its value does') : undefined
  }

  /** From inside of a string to behind it, or to the end. */
  #readString(chunk: Buffer, from: number): number {
    let index = from
    if (this.#isEscaped) {
      this.#isEscaped = false
      index++
    }
    for (; index < chunk.length; index++) {
      const byte = chunk[index]
      if (byte === QUOTE) {
        this.#inString = false
        break
      }
      if (byte === NEWLINE) this.#line++
      else if (byte === BACKSLASH && ++index === chunk.length) {
        this.#isEscaped = true
        break
      }
    }
    if (this.#depth === this.#keyDepth && this.#name.length + index - this.#nameFrom <= LONGEST_NAME)
      this.#name += chunk.toString('latin1', this.#nameFrom, index)
    return index + 1
  }

  #open(byte: number, index: number, found: Slice[]): void {
    const depth = this.#depth
    if (depth === this.#base && (byte === OPEN_OBJECT || this.#isOfLists)) {
      this.#isOpen = true
      this.#from = index
      this.#begun = this.#line
      this.#length = 0
      this.#carried = []
      ;(this.#base === TOP ? this.#tops : this.#members).count(this.#line)
    } else if (byte === OPEN_ARRAY) {
      if (depth === 0) {
        this.#tops.begin(this.#line)
        return
      }
      if (depth === 1 && (this.#base === TOP || this.#base === NOWHERE)) this.#openList()
      else if (depth === 3 && this.#keyDepth === 3) this.#openPart(index, found)
    } else if (depth === 2 && this.#keyDepth === 3) this.#columns = undefined
    this.#depth++
  }

  /** A list of an envelope, which from now on is not held. */
  #openList(): void {
    const name = this.#name
    if (name === TABLES) {
      this.#listAt(NOWHERE)
      this.#keyDepth = 3
    } else if (name === RESULTS) this.#listAt(MEMBERS, true, insightsRow)
    else if (LISTS.has(name)) this.#listAt(MEMBERS)
    else return
    this.#isOpen = false
    this.#carried = []
  }

  /** A list of a table. */
  #openPart(index: number, found: Slice[]): void {
    if (this.#name === 'columns') {
      this.#listAt(COLUMNS, true)
      this.#isOpen = true
      this.#from = index
      this.#begun = this.#line
      this.#length = 0
      this.#carried = []
    } else if (this.#name === 'rows') {
      const columns = this.#columns
      if (columns === undefined) found.push(faulty(this.#line, 'rows of a table without its columns before them'))
      else this.#listAt(ROWS, true, (row) => ({ tables: [{ columns, rows: [row] }] }))
    }
  }

  #listAt(base: number, isOfLists = false, wrap?: Wrap): void {
    this.#base = base
    this.#isOfLists = isOfLists
    this.#wrap = wrap
    if (base === MEMBERS || base === ROWS) this.#members = new Items(this.#line, this.#tops.item)
  }

  #close(chunk: Buffer, index: number, found: Slice[]): void {
    const depth = --this.#depth
    if (this.#isOpen && depth === this.#base) {
      this.#isOpen = false
      this.#length += index + 1 - this.#from
      if (this.#base === COLUMNS) this.#columns = this.#columnsOf(chunk.subarray(this.#from, index + 1))
      else found.push(this.#slice(chunk, index + 1))
      this.#carried = []
    }
    if (depth === 0) {
      if (this.#base !== TOP) this.#listAt(TOP)
      this.#keyDepth = 1
    } else if (depth === 1 && (this.#base === MEMBERS || this.#keyDepth === 3)) {
      this.#listAt(NOWHERE)
      this.#keyDepth = 1
    } else if (depth === 3 && (this.#base === ROWS || this.#base === COLUMNS)) this.#listAt(NOWHERE)
  }

  #slice(chunk: Buffer, to: number): Slice {
    if (this.#length > this.#limit) return faulty(this.#begun, tooLong(this.#limit))
    const told: Slice =
      this.#carried.length === 0
        ? { bytes: chunk, from: this.#from, to, line: this.#begun }
        : whole([...this.#carried, chunk.subarray(this.#from, to)], this.#begun)
    const { item } = this.#base === TOP ? this.#tops : this.#members
    if (item === '' && this.#wrap === undefined) return told
    return {
      ...told,
      ...(item === '' ? {} : { item }),
      ...(this.#wrap === undefined ? {} : { wrap: this.#wrap }),
    }
  }

  #columnsOf(last: Buffer): Json | undefined {
    if (this.#length > MOST_COLUMNS_BYTES) return undefined
    try {
      return JSON.parse(Buffer.concat([...this.#carried, last]).toString()) as Json
    } catch {
      return undefined
    }
  }

  #carry(rest: Buffer): void {
    this.#length += rest.length
    if (this.#length > (this.#base === COLUMNS ? MOST_COLUMNS_BYTES : this.#limit)) this.#carried = []
    else this.#carried.push(Buffer.from(rest))
  }
}

/** Numbers what begins in the same line as what stands before it, or as its list. */
class Items {
  #line: number
  readonly #outer: string
  #count = 0
  /** Of what began last; empty where it is the first of its line. */
  item = ''

  /** `outer`: of what holds the list. */
  constructor(line = 0, outer = '') {
    this.#line = line
    this.#outer = outer
  }

  begin(line: number): void {
    this.#line = line
    this.#count = 0
  }

  count(line: number): void {
    const isSame = line === this.#line
    this.#count = isSame ? this.#count + 1 : 1
    this.#line = line
    this.item = !isSame ? '' : this.#outer === '' ? `${this.#count}` : `${this.#outer}.${this.#count}`
  }
}

function insightsRow(row: Json): Json {
  return Array.isArray(row) ? { results: [row] } : row
}

function faulty(line: number, fault: string): Slice {
  return { bytes: NOTHING, from: 0, to: 0, line, fault }
}
