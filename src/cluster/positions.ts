import { load } from 'js-yaml'
import type { Path } from './json.ts'
import { type YamlPlaces, yamlPlaces } from './places.ts'
import { firstDocument, MAX_DEPTH, SCHEMA } from './yaml.ts'

/** 0-based position in a text. */
export interface Position {
  readonly line: number
  readonly column: number
}

function placesOf(text: string): { places: YamlPlaces; root: number | undefined } {
  const places = yamlPlaces()
  load(firstDocument(text), { schema: SCHEMA, json: true, maxDepth: MAX_DEPTH, listener: places.listen() })
  return { places, root: places.root() }
}

/** The path of every key that its mapping has more than once. */
export function duplicateKeyPaths(text: string): readonly Path[] {
  const { places, root } = placesOf(withoutMark(text))
  return root === undefined ? [] : places.duplicates(root)
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
  const position = offsetPositions(text)
  try {
    const { places, root } = placesOf(withoutMark(text))
    return (path) => position(root === undefined ? 0 : places.offset(root, path))
  } catch {
    return () => position(0)
  }
}

/** A function that finds in one YAML text what stands at an offset that `YamlPlaces` gave. */
export function offsetPositions(text: string): (offset: number) => Position {
  const bare = withoutMark(text)
  let starts: readonly number[] | undefined
  return (offset) => {
    starts ??= lineStarts(bare)
    const at = firstCharacter(bare, offset)
    let line = 0
    // The last line that begins at or before the offset, by halving.
    for (let beyond = starts.length; line + 1 < beyond; ) {
      const middle = (line + beyond) >> 1
      if ((starts[middle] as number) <= at) line = middle
      else beyond = middle
    }
    return { line, column: at - (starts[line] as number) }
  }
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** js-yaml counts from behind a byte order mark. */
function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
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
