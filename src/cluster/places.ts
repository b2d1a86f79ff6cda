import type { State } from 'js-yaml'
import type { Path, Step } from './json.ts'

type Listener = (event: 'open' | 'close', state: State) => void

/** Of an entry of the table: the offset in the text, the key (or one of the two below), the block of what it holds. */
const ENTRY = 3
/** The entry is an item of a list. */
const ITEM = -1
/** The key is no text. */
const NO_TEXT = -2

/**
 * Where the members and items of YAML documents stand, told by js-yaml's `listener` while it reads. `open` fires before
 * white space, comments, anchors and tags; an alias and an empty value are nodes too.
 *
 * What many documents hold is kept in one table, in twelve bytes a member: a block for each mapping and list, which is
 * the number of its entries and then the entries.
 */
export class YamlPlaces {
  readonly #most: number
  readonly #keys = new Map<string, number>()
  #table = new Int32Array(1024)
  /** No block begins at 0. */
  #end = 1
  #isFull = false
  /** Nodes that are closed and whose parents are not: so many at the beginning of these lists. */
  #closed = 0
  readonly #starts: number[] = []
  #results: unknown[] = []
  readonly #blocks: number[] = []
  /** Of the nodes that are open: where they begin, and how many were closed then. */
  #depth = 0
  readonly #opened: number[] = []
  readonly #before: number[] = []

  /** `most`: how many numbers are kept of all documents. */
  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most
  }

  /** For the reading of one document; what a reading left undone is forgotten. */
  listen(): Listener {
    this.#clear()
    return this.#listener
  }

  /** The document that was read last, by which `offset` finds it; undefined where there is no more room. */
  root(): number | undefined {
    const isWhole = this.#closed === 1 && this.#depth === 0
    this.#clear()
    const root = isWhole ? this.#room(ENTRY) : -1
    if (root < 0) return undefined
    this.#table.set([this.#starts[0] as number, ITEM, this.#blocks[0] as number], root)
    return root
  }

  /** Where a member's key or an item begins, as deep as the path can be followed. */
  offset(root: number, path: Path): number {
    let entry = root
    for (const step of path) {
      const next = this.#child(this.#table[entry + 2] as number, step)
      if (next === undefined) break
      entry = next
    }
    return this.#table[entry] as number
  }

  /** The path of every key that its mapping has more than once. */
  duplicates(root: number): readonly Path[] {
    const table = this.#table
    const names = [...this.#keys.keys()]
    const found = new Map<string, Path>()
    const visit = (block: number, path: Path): void => {
      const seen = new Set<number>()
      for (let index = 0; block > 0 && index < (table[block] as number); index++) {
        const entry = block + 1 + index * ENTRY
        const key = table[entry + 1] as number
        if (key === NO_TEXT) continue
        const inner = [...path, key === ITEM ? index : (names[key] as string)]
        if (seen.has(key) && key !== ITEM) found.set(JSON.stringify(inner), inner)
        seen.add(key)
        visit(table[entry + 2] as number, inner)
      }
    }
    visit(table[root + 2] as number, [])
    return [...found.values()]
  }

  #child(block: number, step: Step): number | undefined {
    const count = block === 0 ? 0 : (this.#table[block] as number)
    if (typeof step === 'number') {
      const entry = block + 1 + step * ENTRY
      return step < count && this.#table[entry + 1] === ITEM ? entry : undefined
    }
    const key = this.#keys.get(step)
    // Of duplicate keys the last wins.
    for (let entry = block + 1 + (count - 1) * ENTRY; key !== undefined && entry > block; entry -= ENTRY)
      if (this.#table[entry + 1] === key) return entry
    return undefined
  }

  readonly #listener: Listener = (event, { position, kind, result }) => {
    if (event === 'open') {
      this.#opened[this.#depth] = position
      this.#before[this.#depth++] = this.#closed
      return
    }
    const first = this.#before[--this.#depth] as number
    const count = this.#closed - first
    let block = 0
    // js-yaml composes a flow collection twice that is an item of a block list: one node inside, of the same result.
    if (count === 1 && this.#results[first] === result) block = this.#blocks[first] as number
    else if (count > 0 && kind === 'mapping') block = this.#members(first, count >> 1)
    else if (count > 0 && kind === 'sequence') block = this.#items(first, count)
    this.#starts[first] = this.#opened[this.#depth] as number
    this.#results[first] = result
    this.#blocks[first] = block
    this.#closed = first + 1
  }

  /** Keys and values alternate. */
  #members(first: number, count: number): number {
    const block = this.#room(1 + count * ENTRY)
    if (block < 0) return 0
    const table = this.#table
    table[block] = count
    for (let at = first, entry = block + 1; entry < this.#end; at += 2, entry += ENTRY) {
      table[entry] = this.#starts[at] as number
      table[entry + 1] = this.#key(this.#results[at])
      table[entry + 2] = this.#blocks[at + 1] as number
    }
    return block
  }

  #items(first: number, count: number): number {
    const block = this.#room(1 + count * ENTRY)
    if (block < 0) return 0
    const table = this.#table
    table[block] = count
    for (let at = first, entry = block + 1; entry < this.#end; at++, entry += ENTRY) {
      table[entry] = this.#starts[at] as number
      table[entry + 1] = ITEM
      table[entry + 2] = this.#blocks[at] as number
    }
    return block
  }

  /** js-yaml makes text of numbers and booleans that are keys; the stand-in for null is a function, and refuses. */
  #key(result: unknown): number {
    const text = typeof result === 'number' || typeof result === 'boolean' ? String(result) : result
    if (typeof text !== 'string') return NO_TEXT
    const known = this.#keys.get(text)
    if (known !== undefined) return known
    this.#keys.set(text, this.#keys.size)
    return this.#keys.size - 1
  }

  /** Where so many numbers may be written; -1 where that would be too many. */
  #room(count: number): number {
    const start = this.#end
    const end = start + count
    if (this.#isFull || end > this.#most) {
      this.#isFull = true
      return -1
    }
    if (end > this.#table.length) {
      const larger = new Int32Array(Math.max(end, this.#table.length * 2))
      larger.set(this.#table)
      this.#table = larger
    }
    this.#end = end
    return start
  }

  /** Nothing of a document stays but its keys: its values may be secrets. */
  #clear(): void {
    this.#results = []
    this.#closed = this.#depth = 0
  }
}
