import { isObject, type Json, type JsonObject } from '../../cluster/json.ts'
import { entryOf } from './bigquery.ts'
import { NATIVE } from './native.ts'
import type { AuditSource } from './source.ts'

/**
 * Log entries of Google’s as rows, each field a column that is called as its path (`protoPayload.authenticationInfo.principalEmail`),
 * as Logs Explorer hands them out as CSV; or the payload as the text of its JSON. All values are texts.
 */
export const FLATTENED: AuditSource = {
  recognises: (value) => payloadText(value) !== undefined || value['protoPayload.methodName'] !== undefined,
  time: (value, times) => times.inner(unflattened(value)),
  read: (value, reading) => reading.inner(unflattened(value), NATIVE),
}

function payloadText(value: JsonObject): string | undefined {
  const { protoPayload } = value
  return typeof protoPayload === 'string' && protoPayload.startsWith('{') ? protoPayload : undefined
}

type Node = Map<string, Node | Json>

/** Names of labels have dots of their own. */
const MAPS = ['labels.', 'resource.labels.'] as const
const MOST_STEPS = 16

function unflattened(row: JsonObject): JsonObject {
  const root: Node = new Map()
  for (const [column, value] of Object.entries(row)) put(root, stepsOf(column), cellOf(column, value))
  const entry = jsonOf(root)
  const payload = isObject(entry) ? entry.protoPayload : undefined
  return isObject(entry) && isObject(payload) ? entryOf(entry, payload) : row
}

function stepsOf(column: string): readonly string[] {
  const map = MAPS.find((each) => column.startsWith(each))
  if (map === undefined) return column.replaceAll(/\[(\d{1,4})\]/g, '.$1').split('.', MOST_STEPS)
  const label = column.slice(map.length)
  return [...map.slice(0, -1).split('.'), /^".*"$/.test(label) ? label.slice(1, -1) : label]
}

/** What columns hold that are lists or structures. */
function cellOf(column: string, value: Json): Json {
  if (typeof value !== 'string' || !/^[[{]/.test(value) || column.startsWith('labels.')) return value
  try {
    return JSON.parse(value) as Json
  } catch {
    return value
  }
}

function put(root: Node, steps: readonly string[], value: Json): void {
  let node = root
  for (const step of steps.slice(0, -1)) {
    const known = node.get(step)
    const next = known instanceof Map ? known : new Map<string, Node | Json>()
    node.set(step, next)
    node = next
  }
  node.set(steps.at(-1) ?? '', value)
}

function jsonOf(node: Node | Json): Json {
  if (!(node instanceof Map)) return node
  const names = [...node.keys()]
  if (names.length > 0 && names.every((name, index) => name === `${index}`)) return [...node.values()].map(jsonOf)
  return Object.fromEntries([...node].map(([name, each]) => [name, jsonOf(each)]))
}
