import type { State } from 'js-yaml'
import type { Path, Step } from './json.ts'
import type { Scalars } from './scalars.ts'

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
export interface YamlPlaces {
  /** For the reading of one document; what a reading left undone is forgotten. */
  listen(): Listener
  /** The document that was read last, by which `offset` finds it; undefined where there is no more room. */
  root(): number | undefined
  /** Where a member's key or an item begins, as deep as the path can be followed. */
  offset(root: number, path: Path): number
  /** The path of every key that its mapping has more than once. */
  duplicates(root: number): readonly Path[]
}

/**
 * `most`: how many numbers are kept of all documents. The listener is called twice for each scalar of the input: its
 * variables are those of a function, which code that is not optimised reads faster than fields.
 */
export function yamlPlaces(most = Number.POSITIVE_INFINITY, scalars?: Scalars): YamlPlaces {
  const keys = new Map<string, number>()
  let table = new Int32Array(1024)
  /** No block begins at 0. */
  let end = 1
  let isFull = false
  /** Nodes that are closed and whose parents are not: so many at the beginning of these lists. */
  let closed = 0
  const starts: number[] = []
  let results: unknown[] = []
  const blocks: number[] = []
  /** Of the nodes that are open: where they begin, and how many were closed then. */
  let depth = 0
  const opened: number[] = []
  const before: number[] = []

  const listener: Listener = (event, state) => {
    if (event === 'open') {
      opened[depth] = state.position
      before[depth++] = closed
      return
    }
    const first = before[--depth] as number
    let result = state.result
    let block = 0
    if (closed === first) {
      if (scalars !== undefined && typeof result === 'string' && isQuoted(state)) {
        result = scalars.quoted(result)
        state.result = result
      }
    } else {
      const { kind } = state
      const count = closed - first
      // js-yaml composes a flow collection twice that is an item of a block list: one node inside, of the same result.
      if (count === 1 && results[first] === result) block = blocks[first] as number
      else if (kind === 'mapping') block = members(first, count >> 1)
      else if (kind === 'sequence') block = items(first, count)
    }
    starts[first] = opened[depth] as number
    results[first] = result
    blocks[first] = block
    closed = first + 1
  }

  /** Keys and values alternate. */
  function members(first: number, count: number): number {
    const block = room(1 + count * ENTRY)
    if (block < 0) return 0
    table[block] = count
    for (let at = first, entry = block + 1; entry < end; at += 2, entry += ENTRY) {
      table[entry] = starts[at] as number
      table[entry + 1] = keyOf(results[at])
      table[entry + 2] = blocks[at + 1] as number
    }
    return block
  }

  function items(first: number, count: number): number {
    const block = room(1 + count * ENTRY)
    if (block < 0) return 0
    table[block] = count
    for (let at = first, entry = block + 1; entry < end; at++, entry += ENTRY) {
      table[entry] = starts[at] as number
      table[entry + 1] = ITEM
      table[entry + 2] = blocks[at] as number
    }
    return block
  }

  /** js-yaml makes text of numbers and booleans that are keys; the stand-in for null is a function, and refuses. */
  function keyOf(result: unknown): number {
    const text = typeof result === 'number' || typeof result === 'boolean' ? String(result) : result
    if (typeof text !== 'string') return NO_TEXT
    const known = keys.get(text)
    if (known !== undefined) return known
    keys.set(text, keys.size)
    return keys.size - 1
  }

  /** Where so many numbers may be written; -1 where that would be too many. */
  function room(count: number): number {
    const start = end
    if (isFull || start + count > most) {
      isFull = true
      return -1
    }
    end = start + count
    if (end > table.length) {
      const larger = new Int32Array(Math.max(end, table.length * 2))
      larger.set(table)
      table = larger
    }
    return start
  }

  /** Nothing of a document stays but its keys: its values may be secrets. */
  function clear(): void {
    results = []
    closed = depth = 0
  }

  function child(block: number, step: Step): number | undefined {
    const count = block === 0 ? 0 : (table[block] as number)
    if (typeof step === 'number') {
      const entry = block + 1 + step * ENTRY
      return step < count && table[entry + 1] === ITEM ? entry : undefined
    }
    const key = keys.get(step)
    // Of duplicate keys the last wins.
    for (let entry = block + 1 + (count - 1) * ENTRY; key !== undefined && entry > block; entry -= ENTRY)
      if (table[entry + 1] === key) return entry
    return undefined
  }

  return {
    listen() {
      clear()
      return listener
    },
    root() {
      const isWhole = closed === 1 && depth === 0
      clear()
      const root = isWhole ? room(ENTRY) : -1
      if (root < 0) return undefined
      table[root] = starts[0] as number
      table[root + 1] = ITEM
      table[root + 2] = blocks[0] as number
      return root
    },
    offset(root, path) {
      let entry = root
      for (let index = 0; index < path.length; index++) {
        const next = child(table[entry + 2] as number, path[index] as Step)
        if (next === undefined) break
        entry = next
      }
      return table[entry] as number
    },
    duplicates(root) {
      const names = [...keys.keys()]
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
    },
  }
}

/** A plain scalar ends in a quote where that is a part of it: then it is looked up twice. */
function isQuoted({ input, position }: State): boolean {
  const last = input.charCodeAt(position - 1)
  return last === 0x22 || last === 0x27
}
