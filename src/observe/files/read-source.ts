import { isUtf8 } from 'node:buffer'
import { field, isObject, type Json, type Path, string } from '../../cluster/json.ts'
import { typeFromPath } from '../../cluster/kinds.ts'
import type { Origin } from '../../cluster/origin.ts'
import { duplicateKeyPaths } from '../../cluster/positions.ts'
import type { Scalars } from '../../cluster/scalars.ts'
import { type Parsed, parseYaml, type SyntaxProblem } from '../../cluster/yaml.ts'
import { type Problem, problem } from '../../errors.ts'
import { jsonFault } from './json-fault.ts'
import { type Extent, type Scanned, scanJson } from './json-stream.ts'
import type { KnownPlaces } from './known-places.ts'
import type { Lines } from './lines.ts'
import { type Limits, MEBIBYTE, type Source } from './source.ts'
import { type Chunk, splitYaml } from './yaml-stream.ts'

/** What the members of a list are that do not say so themselves. */
export interface ListType {
  readonly apiVersion: string
  readonly kind: string
}

/** Takes what a source holds. */
export interface Sink {
  accept(value: Json, origin: Origin, name: string, type?: ListType): void
  acceptHeader(kind: string | undefined, apiVersion: string | undefined, name: string): ListType | undefined
  acceptDuplicateKey(origin: Origin, path: Path): void
  acceptProblem(problem: Problem): void
}

/** Reads one source: as JSON when it begins like JSON, and as YAML when that fails early, as kubectl does. */
export function readSource(source: OpenSource, limits: Limits, sink: Sink): void {
  new SourceReader(sink, source, limits).read()
}

export interface OpenSource extends Source {
  readonly index: number
  readonly lines: Lines
  /** Of all sources of the reading. */
  readonly scalars?: Scalars | undefined
  /** Where places are kept that will be asked for. */
  readonly places?: KnownPlaces | undefined
}

/** Ends the reading of a source of which enough was seen. */
export class Enough extends Error {}

class SourceReader {
  readonly #reader: Sink
  readonly #source: OpenSource
  readonly #limits: Limits
  #problems = 0
  #documents = 0

  constructor(reader: Sink, source: OpenSource, limits: Limits) {
    this.#reader = reader
    this.#source = source
    this.#limits = limits
  }

  read(): void {
    const { bytes } = this.#source
    const first = bytes[firstByte(bytes)]
    try {
      if (first === 0x7b || first === 0x5b) this.#readJson()
      else this.#readYaml(0)
    } catch (error) {
      if (!(error instanceof Enough)) throw error
    }
  }

  /** A file of millions of tiny documents, or of broken ones, ends here. */
  #take(count: number): void {
    this.#documents += count
    if (this.#documents <= this.#limits.documents) return
    const { name } = this.#source
    this.#reader.acceptProblem(
      problem('BH_TOO_MANY', { count: this.#limits.documents, of: 'documents' }, { file: name }),
    )
    throw new Enough()
  }

  #readJson(): void {
    const { bytes } = this.#source
    let count = 0
    for (const scanned of scanJson(bytes, this.#limits.documents)) {
      const failure = this.#acceptJson(scanned)
      if (failure === undefined) {
        count++
        continue
      }
      // A stream of at most one JSON value may go on as YAML; flow-style YAML also begins with a brace.
      const from = scanned.kind === 'problem' ? scanned.problem.at : scanned.extent.start
      const isYaml =
        count <= 1 && (scanned.kind === 'problem' || scanned.kind === 'value') && bytes.length <= this.#limits.document
      if (isYaml && this.#tryYaml(count === 0 ? 0 : from)) return
      this.#tell(failure.at, failure.problem)
      count++
    }
  }

  #acceptJson(scanned: Scanned): { at: number; problem: Problem } | undefined {
    this.#take(scanned.kind === 'list' || scanned.kind === 'array' ? scanned.items.length : 1)
    if (scanned.kind === 'problem')
      return { at: scanned.problem.at, problem: problem('BH_JSON', { why: scanned.problem.why }) }
    if (scanned.kind === 'value') {
      const parsed = this.#json(scanned.extent)
      if ('problem' in parsed) return parsed
      this.#reader.accept(parsed.value, this.#origin(scanned.extent), this.#source.name)
      return undefined
    }
    const type = scanned.kind === 'list' ? this.#header(scanned.header) : typeFromPath(this.#source.name)
    for (const item of scanned.items) {
      const parsed = this.#json(item)
      if ('problem' in parsed) this.#tell(parsed.at, parsed.problem)
      else this.#reader.accept(parsed.value, this.#origin(item), this.#source.name, type)
    }
    if (scanned.problem) this.#tell(scanned.problem.at, problem('BH_JSON', { why: scanned.problem.why }))
    return undefined
  }

  #header([before, after]: readonly [Extent, Extent]): ListType | undefined {
    const { bytes, name } = this.#source
    const tail = after.end > after.start ? bytes.toString('utf8', after.start, after.end) : '}'
    let value: Json = {}
    try {
      value = JSON.parse(`${bytes.toString('utf8', before.start, before.end)}[]${tail}`) as Json
    } catch {
      this.#tell(before.start, problem('BH_JSON', { why: 'the list around the items is not well formed' }))
    }
    return this.#reader.acceptHeader(string(field(value, 'kind')), string(field(value, 'apiVersion')), name)
  }

  #json(extent: Extent): { value: Json } | { at: number; problem: Problem } {
    const { start, end } = extent
    if (end - start > this.#limits.document) return { at: start, problem: this.#tooLarge(end - start) }
    const text = this.#source.bytes.toString('utf8', start, end)
    try {
      return { value: JSON.parse(text) as Json }
    } catch {
      const fault = jsonFault(text) ?? { offset: 0, why: 'not well formed' }
      const at = start + Buffer.byteLength(text.slice(0, fault.offset))
      return { at, problem: problem('BH_JSON', { why: fault.why }) }
    }
  }

  /** Reads as YAML only when every document of the rest is good; else the JSON error is the better one. */
  #tryYaml(from: number): boolean {
    const chunks = [...splitYaml(this.#source.bytes.subarray(from))]
    const good = chunks.every((chunk) => {
      // Words alone are good YAML, but no object that kubectl would take.
      const value = chunk.kind === 'document' ? this.#yaml(shift(chunk.extent, from)).value : undefined
      return typeof value === 'object'
    })
    if (good) this.#readYaml(from)
    return good
  }

  #readYaml(from: number): void {
    for (const chunk of splitYaml(this.#source.bytes.subarray(from))) this.#acceptYaml(chunk, from)
  }

  #acceptYaml(chunk: Chunk, from: number): void {
    this.#take(chunk.kind === 'list' ? chunk.items.length : 1)
    const extent = shift(chunk.extent, from)
    if (chunk.kind === 'separator') {
      this.#tell(extent.start, problem('BH_SEPARATOR', {}))
      return
    }
    if (chunk.kind === 'list' && this.#acceptYamlItems(chunk, from)) return
    const parsed = this.#yaml(extent)
    const origin = this.#origin(extent)
    if (parsed.problem) this.#tell(extent.start, asProblem(parsed.problem), parsed.problem)
    else {
      if (parsed.duplicateKey)
        for (const path of this.#duplicates(extent)) this.#reader.acceptDuplicateKey(origin, path)
      this.#reader.accept(parsed.value, origin, this.#source.name)
    }
  }

  #acceptYamlItems(chunk: Extract<Chunk, { kind: 'list' }>, from: number): boolean {
    const { bytes, name } = this.#source
    const [before, after] = chunk.header
    const text =
      bytes.toString('utf8', from + before.start, from + before.end) +
      bytes.toString('utf8', from + after.start, from + after.end)
    const header = parseYaml(text)
    if (header.problem || !isObject(header.value)) return false
    const parsed: { value: Json; origin: Origin; duplicates: readonly Path[] }[] = []
    for (const item of chunk.items) {
      const extent = shift(item, from)
      const each = this.#yaml(extent)
      if (each.problem || !Array.isArray(each.value) || each.value.length !== 1) return false
      parsed.push({
        value: each.value[0] as Json,
        origin: this.#origin(extent, [0]),
        duplicates: each.duplicateKey === undefined ? [] : this.#duplicates(extent).map((path) => path.slice(1)),
      })
    }
    const type = this.#reader.acceptHeader(
      string(field(header.value, 'kind')),
      string(field(header.value, 'apiVersion')),
      name,
    )
    for (const { value, origin, duplicates } of parsed) {
      for (const path of duplicates) this.#reader.acceptDuplicateKey(origin, path)
      this.#reader.accept(value, origin, name, type)
    }
    return true
  }

  #yaml(extent: Extent): Parsed {
    const size = extent.end - extent.start
    if (size > this.#limits.document) return { problem: { ...this.#tooLarge(size), line: 0, column: 0 } }
    const slice = this.#source.bytes.subarray(extent.start, extent.end)
    if (!isUtf8(slice)) return { problem: notUtf8(slice) }
    const text = slice.toString('utf8')
    // Much of what is called YAML is JSON, and JSON.parse is many times faster.
    if (text.charCodeAt(0) === 0x7b) {
      try {
        return { value: JSON.parse(text) as Json }
      } catch {
        return parseYaml(text)
      }
    }
    const { index, places, scalars } = this.#source
    return places ? places.parse(text, index, extent.start) : parseYaml(text, undefined, scalars)
  }

  #duplicates({ start, end }: Extent): readonly Path[] {
    return duplicateKeyPaths(this.#source.bytes.toString('utf8', start, end))
  }

  #origin(extent: Extent, inner: Path = []): Origin {
    return { source: this.#source.index, start: extent.start, end: extent.end, inner }
  }

  #tooLarge(size: number): Problem {
    return problem('BH_DOCUMENT_TOO_LARGE', {
      size: `${Math.ceil(size / MEBIBYTE)} MiB`,
      limit: `${this.#limits.document / MEBIBYTE} MiB`,
    })
  }

  #tell(offset: number, what: Problem, within: { line: number; column: number } = { line: 0, column: 0 }): void {
    const { bytes, lines, name } = this.#source
    const start = lines.at(offset, (from, to) => bytes.subarray(from, to))
    const column = within.line > 0 ? within.column : start.column + within.column
    this.#reader.acceptProblem({ ...what, file: name, line: start.line + within.line + 1, column: column + 1 })
    if (++this.#problems < this.#limits.problems) return
    this.#reader.acceptProblem(problem('BH_TOO_MANY', { count: this.#limits.problems, of: 'problems' }, { file: name }))
    throw new Enough()
  }
}

/** What YAML says is one problem; that a document is too large, or not UTF-8, another. */
function asProblem(found: SyntaxProblem & { readonly code?: Problem['code'] }): Problem {
  return { code: found.code ?? 'BH_YAML', message: found.message }
}

function shift(extent: Extent, by: number): Extent {
  return by === 0 ? extent : { start: extent.start + by, end: extent.end + by }
}

function firstByte(bytes: Buffer): number {
  let index = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  while (index < bytes.length && (bytes[index] as number) <= 0x20 && bytes[index] !== 0) index++
  return index
}

function notUtf8(bytes: Buffer): Problem & SyntaxProblem {
  let low = 0
  let high = bytes.length
  // The longest valid prefix, by halving; at most three bytes of a character may be cut off at its end.
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (
      isUtf8(bytes.subarray(0, middle)) ||
      isUtf8(bytes.subarray(0, middle - 1)) ||
      isUtf8(bytes.subarray(0, middle - 2)) ||
      isUtf8(bytes.subarray(0, middle - 3))
    )
      low = middle
    else high = middle - 1
  }
  const lines = bytes.subarray(0, low).toString('latin1').split('\n')
  return {
    ...problem('BH_UTF8', { byte: low }),
    line: lines.length - 1,
    column: (lines.at(-1) ?? '').length,
  }
}
