/** What stands where in a YAML text. Offsets are those of the text. */
export interface Node {
  readonly kind: 'map' | 'seq' | 'scalar' | 'alias' | 'empty'
  readonly style: 'block' | 'flow' | 'plain' | 'single' | 'double' | 'literal' | 'none'
  /** After the colon, dash, bracket or comma before it. */
  readonly at: number
  /** Anchor and tag. */
  readonly props?: Props
  /** The first character of the value itself; of an empty one, where it would stand. */
  readonly start: number
  /** After its last character. Comments and blank lines that follow are outside, unless `|+` keeps them. */
  readonly end: number
  /** Of a literal: after its indicators, as `|+2`. */
  readonly header?: number
  /** Of a block collection: where its keys or dashes stand. */
  readonly column: number
  readonly entries: readonly Entry[]
}

export interface Props {
  readonly start: number
  readonly end: number
  readonly anchor?: string
  readonly tagged: boolean
}

/** A key with its value, an item of a list, or in a flow list a single pair (it has a key). */
export interface Entry {
  readonly start: number
  readonly end: number
  readonly key?: Node
  /** The key as it reads; undefined where only the whole document tells (an alias). */
  readonly name?: string
  /** Undefined where the value is not even announced: `{a}`, `? a`. */
  readonly colon?: number
  readonly value: Node
  /** Where the comma after it stands. */
  readonly comma?: number
}

/** A text that is good YAML, and beyond this scanner. */
export class Unscannable extends Error {}

/** The value of the last entry of that name; of duplicate keys the last wins. */
export function entryOf(node: Node, name: string): Entry | undefined {
  return node.entries.findLast((entry) => entry.name === name)
}

export function hasAlias(node: Node): boolean {
  return (
    node.kind === 'alias' ||
    node.entries.some(({ key, value }) => hasAlias(value) || (key !== undefined && hasAlias(key)))
  )
}
