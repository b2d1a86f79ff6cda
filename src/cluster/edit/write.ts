import { at, formatPath, type Json, type Path } from '../json.ts'
import { firstDocument } from '../yaml.ts'
import { appendBlockItem, insertBlockPair, removeBlockEntry, replaceBlock } from './block.ts'
import type { Edit } from './change.ts'
import { appendFlowItem, insertFlowPair, removeFlowEntry, replaceFlow } from './flow.ts'
import { inFlow, type Place, Unwritable } from './place.ts'
import { scan } from './scan.ts'
import { type Splice, splice } from './text.ts'
import { type Entry, entryOf, type Node } from './tree.ts'

export type How = Pick<Place, 'isJson' | 'mayBeLiteral'>

/**
 * Writes one edit, after which the document is to read as `after`. An alias on the way is replaced by what it stands
 * for, and a key that a merge brings gets an explicit one, as this is the only way to change one place alone.
 */
export function write(text: string, edit: Edit, after: Json, how: How): string {
  const { isJson } = how
  const document = isJson ? text : firstDocument(text)
  const made = splice(document, splicesOf({ ...how, text: document, edit, after }, scan(document)))
  const written = made + text.slice(document.length)
  // Of duplicate keys the one before would win.
  return edit.op === 'remove' && typeof edit.path.at(-1) === 'string' && hasKey(written, isJson, edit.path)
    ? write(written, edit, after, how)
    : written
}

function hasKey(text: string, isJson: boolean, path: Path): boolean {
  let node: Node | undefined = scan(isJson ? text : firstDocument(text))
  for (const step of path)
    node = typeof step === 'number' ? node?.entries[step]?.value : node && entryOf(node, step)?.value
  return node !== undefined
}

interface Task extends How {
  readonly text: string
  readonly edit: Edit
  readonly after: Json
}

function splicesOf({ edit, after, ...how }: Task, root: Node): readonly Splice[] {
  let place: Place = { ...how, node: root, around: [root], path: [] }
  for (const step of edit.path) {
    const { node, path } = place
    const inner = [...path, step]
    const isGone = edit.op === 'remove' && inner.length === edit.path.length
    if (node.kind === 'alias') return replace(place, valueAt(after, path))
    if (typeof step === 'number') {
      const entry = node.kind === 'seq' ? node.entries[step] : undefined
      if (!entry || entry.key)
        throw new Unwritable(`${formatPath(inner)} is written in a way not understood`, node.start)
      if (isGone) return remove(place, entry)
      place = { ...place, node: entry.value, around: [entry.value, ...place.around], path: inner }
      continue
    }
    const entry = node.kind === 'map' ? entryOf(node, step) : undefined
    if (!entry) {
      if (edit.op === 'remove')
        throw new Unwritable(`${formatPath(inner)} comes from an anchor that is merged in`, node.start)
      return insertPair(place, step, valueAt(after, inner))
    }
    if (isGone) return remove(place, entry)
    place = { ...place, node: entry.value, around: [entry.value, ...place.around], path: inner }
  }
  if (edit.op === 'append' && place.node.kind === 'seq' && place.node.entries.length > 0)
    return place.node.style === 'flow' ? appendFlowItem(place, edit.value) : appendBlockItem(place, edit.value)
  return replace(place, valueAt(after, edit.path))
}

function valueAt(value: Json, path: Path): Json {
  return at(value, ...path) ?? null
}

function replace(place: Place, value: Json): readonly Splice[] {
  const { node, around } = place
  const entry = around[1]?.entries.find((each) => each.value === node)
  if (inFlow(place)) return replaceFlow(place, value)
  if (entry?.key && entry.colon === undefined)
    throw new Unwritable('a value is missing and cannot be written', node.start)
  return replaceBlock(place, value)
}

function insertPair(place: Place, key: string, value: Json): readonly Splice[] {
  const { node } = place
  if (node.kind === 'map') {
    if (node.style === 'block') return insertBlockPair(place, key, value)
    if (node.entries.length > 0 || inFlow(place)) return insertFlowPair(place, key, value)
  }
  return replace(place, { [key]: value })
}

function remove(place: Place, entry: Entry): readonly Splice[] {
  const { node } = place
  if (node.style === 'flow') return removeFlowEntry(place, entry)
  if (node.entries.length > 1) return removeBlockEntry(place, entry)
  return replace(place, node.kind === 'seq' ? [] : {})
}
