import type { Json, JsonObject } from '../../cluster/json.ts'

/** The values of a text of JSON, one after another, and the line on which each object of them begins (1-based). */
export interface Values {
  readonly values: readonly Json[]
  lineOf(value: Json): number
  /** Why what follows the values is none. */
  readonly fault?: { readonly why: string; readonly line: number }
}

/** Deeper is no export; Terraform states and policies stay below 30. */
const MAX_DEPTH = 128
const MOST_VALUES = 1_000_000

/**
 * Reads as JSON.parse does, and remembers lines, since each item of an export is answered for by its place. Commands in a
 * loop write their documents one after another into one file.
 */
export function jsonValues(text: string): Values {
  const reader = new Reader(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  const values: Json[] = []
  const lineOf = (value: Json): number => (typeof value === 'object' && value !== null && reader.lines.get(value)) || 1
  try {
    while (reader.more()) {
      if (values.length >= MOST_VALUES) throw new Fault(`has more than ${MOST_VALUES} documents`)
      values.push(reader.value(0))
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { values, lineOf, fault: { why: error.message, line: reader.line() } }
  }
  return { values, lineOf }
}

class Fault extends Error {}

const PLAIN = /(?:true|false|null|-?\d[\d.eE+-]{0,400})/y
const WHITE = /[\s]*/y

class Reader {
  readonly #text: string
  readonly lines = new Map<object, number>()
  #at = 0
  #line = 1
  #counted = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The line of where the reader stands; counted once, onwards. */
  line(): number {
    for (let next = this.#text.indexOf('\n', this.#counted); next >= 0 && next < this.#at; ) {
      this.#line++
      next = this.#text.indexOf('\n', next + 1)
    }
    this.#counted = this.#at
    return this.#line
  }

  more(): boolean {
    this.#skip()
    return this.#at < this.#text.length
  }

  value(depth: number): Json {
    if (depth > MAX_DEPTH) throw new Fault(`is nested deeper than ${MAX_DEPTH} levels`)
    this.#skip()
    const char = this.#text[this.#at]
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#array(depth)
    if (char === '"') return this.#string()
    PLAIN.lastIndex = this.#at
    const [word] = PLAIN.exec(this.#text) ?? []
    if (word === undefined) throw new Fault(this.#at < this.#text.length ? 'is not JSON' : 'ends too early')
    this.#at += word.length
    return parsed(word)
  }

  #skip(): void {
    WHITE.lastIndex = this.#at
    WHITE.exec(this.#text)
    this.#at = WHITE.lastIndex
  }

  #object(depth: number): JsonObject {
    const line = this.line()
    const fields: [string, Json][] = []
    this.#items('}', () => {
      this.#skip()
      if (this.#text[this.#at] !== '"') throw new Fault('has a key that is no text')
      const key = this.#string()
      this.#skip()
      if (this.#text[this.#at] !== ':') throw new Fault('has a key without a value')
      this.#at++
      fields.push([key, this.value(depth + 1)])
    })
    // Own fields whatever their names, as JSON.parse has them.
    const made: JsonObject = Object.fromEntries(fields)
    this.lines.set(made, line)
    return made
  }

  #array(depth: number): readonly Json[] {
    const items: Json[] = []
    this.#items(']', () => items.push(this.value(depth + 1)))
    return items
  }

  #items(end: string, item: () => void): void {
    this.#at++
    this.#skip()
    if (this.#text[this.#at] === end) {
      this.#at++
      return
    }
    for (;;) {
      item()
      this.#skip()
      const char = this.#text[this.#at]
      if (char === undefined) throw new Fault('ends too early')
      if (char !== ',' && char !== end) throw new Fault('is not JSON')
      this.#at++
      if (char === end) return
    }
  }

  #string(): string {
    let end = this.#at + 1
    for (;;) {
      const quote = this.#text.indexOf('"', end)
      if (quote < 0) throw new Fault('has a text that does not end')
      let slashes = 0
      while (this.#text[quote - 1 - slashes] === '\\') slashes++
      end = quote + 1
      if (slashes % 2 === 0) break
    }
    const text = this.#text.slice(this.#at, end)
    this.#at = end
    return parsed(text) as string
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw new Fault('is not JSON')
  }
}
