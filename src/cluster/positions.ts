import { load, type State } from 'js-yaml'
import type { Path, Step } from './json.ts'
import { firstDocument, MAX_DEPTH, SCHEMA } from './yaml.ts'

/** 0-based position in a text. */
export interface Position {
  readonly line: number
  readonly column: number
}

interface Node {
  readonly start: number
  readonly kind: State['kind']
  readonly key: string | undefined
  readonly children: readonly Node[]
}

/**
 * The nodes of one YAML text with their offsets, by js-yaml's `listener`. `open` fires before white space, comments,
 * anchors and tags; an alias and an empty value are nodes too.
 */
function yamlNodes(text: string): Node | undefined {
  const open: { start: number; children: Node[] }[] = [{ start: 0, children: [] }]
  const listener = (event: 'open' | 'close', state: State): void => {
    if (event === 'open') {
      open.push({ start: state.position, children: [] })
      return
    }
    const node = open.pop() as { start: number; children: Node[] }
    const { kind, result } = state
    // The stand-in for null is a function, and refuses to be text.
    const isText = kind !== 'mapping' && kind !== 'sequence' && typeof result !== 'function'
    const key = isText ? String(result) : undefined
    // js-yaml composes a flow mapping twice that is an item of a block list: a mapping of one child, the mapping itself.
    const [only, ...others] = node.children
    const isTwice = kind === 'mapping' && only?.kind === kind && others.length === 0
    const children = isTwice ? (only.children as Node[]) : node.children
    ;(open.at(-1) as { children: Node[] }).children.push({ start: node.start, kind, key, children })
  }
  load(firstDocument(text), { schema: SCHEMA, json: true, maxDepth: MAX_DEPTH, listener })
  return open[0]?.children[0]
}

function child(node: Node, step: Step): { at: Node; value: Node } | undefined {
  if (typeof step === 'number') {
    const item = node.children[step]
    return item && { at: item, value: item }
  }
  // Keys and values alternate; of duplicate keys the last wins.
  for (let index = node.children.length - 2; index >= 0; index -= 2) {
    const key = node.children[index] as Node
    const value = node.children[index + 1]
    if (key.key === step && value) return { at: key, value }
  }
  return undefined
}

/** The path of every key that its mapping has more than once. */
export function duplicateKeyPaths(text: string): readonly Path[] {
  const root = yamlNodes(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  const found = new Map<string, Path>()
  const visit = ({ kind, children }: Node, path: Path): void => {
    if (kind === 'sequence') children.forEach((item, index) => void visit(item, [...path, index]))
    if (kind !== 'mapping') return
    const seen = new Set<string>()
    for (let index = 0; index + 1 < children.length; index += 2) {
      const { key } = children[index] as Node
      if (key === undefined) continue
      const inner = [...path, key]
      if (seen.has(key)) found.set(JSON.stringify(inner), inner)
      seen.add(key)
      visit(children[index + 1] as Node, inner)
    }
  }
  if (root) visit(root, [])
  return [...found.values()]
}

/** Skips what js-yaml counts into a node before its first character: white space, comments, anchors, tags, dashes. */
function firstCharacter(text: string, from: number): number {
  let index = from
  for (;;) {
    const char = text[index]
    if (char === ' ' || char === '\t' || char === '\n' || char === '\r') index++
    else if (char === '#') while (index < text.length && text[index] !== '\n') index++
    else if (text.startsWith('---', index) && (index === 0 || text[index - 1] === '\n')) index += 3
    else return index
  }
}

function toPosition(text: string, offset: number): Position {
  let line = 0
  let start = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++
    start = at + 1
  }
  return { line, column: offset - start }
}

/** A function that finds paths in one YAML text, as deep as the path can be followed. */
export function yamlPositions(text: string): (path: Path) => Position {
  const bare = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  let root: Node | undefined
  try {
    root = yamlNodes(bare)
  } catch {
    root = undefined
  }
  return (path) => {
    let offset = root?.start ?? 0
    let node = root
    for (const step of path) {
      const next = node && child(node, step)
      if (!next) break
      offset = next.at.start
      node = next.value
    }
    return toPosition(bare, firstCharacter(bare, offset))
  }
}

/** Finds a path in a JSON text, as deep as it can be followed. The text has been parsed before, so it is well formed. */
export function jsonPosition(text: string, path: Path): Position {
  let found = skipSpace(text, 0)
  let value = found
  for (const step of path) {
    const next = typeof step === 'number' ? jsonItem(text, value, step) : jsonMember(text, value, step)
    if (!next) break
    found = next.at
    value = next.value
  }
  return toPosition(text, found)
}

function skipSpace(text: string, from: number): number {
  let index = from
  while (index < text.length && text.charCodeAt(index) <= 0x20) index++
  return index
}

function stringEnd(text: string, from: number): number {
  let index = from + 1
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1
  return index + 1
}

function valueEnd(text: string, from: number): number {
  let depth = 0
  let index = from
  while (index < text.length) {
    const char = text[index]
    if (char === '"') {
      index = stringEnd(text, index)
      if (depth === 0) return index
      continue
    }
    if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') {
      if (depth === 0) return index
      if (--depth === 0) return index + 1
    } else if (char === ',' && depth === 0) return index
    index++
  }
  return index
}

function jsonMember(text: string, from: number, name: string): { at: number; value: number } | undefined {
  if (text[from] !== '{') return undefined
  let found: { at: number; value: number } | undefined
  let index = skipSpace(text, from + 1)
  while (text[index] === '"') {
    const end = stringEnd(text, index)
    const value = skipSpace(text, skipSpace(text, end) + 1)
    if (JSON.parse(text.slice(index, end)) === name) found = { at: index, value }
    index = skipSpace(text, valueEnd(text, value))
    if (text[index] !== ',') break
    index = skipSpace(text, index + 1)
  }
  return found
}

function jsonItem(text: string, from: number, position: number): { at: number; value: number } | undefined {
  if (text[from] !== '[') return undefined
  let index = skipSpace(text, from + 1)
  for (let item = 0; text[index] !== ']' && index < text.length; item++) {
    if (item === position) return { at: index, value: index }
    index = skipSpace(text, valueEnd(text, index))
    if (text[index] === ',') index = skipSpace(text, index + 1)
  }
  return undefined
}
