import type { Type } from '../type.ts'
import { adapt, CelMap, type JsonMap, type Value } from '../value.ts'
import { erasedName, isFields, typeName } from './kind.ts'

/**
 * May a function that is declared for the type be called with the value? Of a list and of a map the first element is
 * looked at (cel-go common/types/types.go, defaultIsAssignableRuntimeType).
 */
export function assignable(type: Type, value: Value): boolean {
  if (type.kind === 'dyn' || type.kind === 'param') return true
  if (type.kind === 'string' || typeof value === 'string') return type.kind === 'string' && typeof value === 'string'
  if (erasedName(type) !== typeName(value)) return false
  if (type.kind === 'list') {
    const list = value as readonly Value[]
    return list.length === 0 || assignable(type.element, adapt(list[0]) as Value)
  }
  if (type.kind !== 'map' || isFields(value as object)) return true
  const entry = firstEntry(value as JsonMap | CelMap)
  return entry === undefined || (assignable(type.key, entry[0]) && assignable(type.value, entry[1]))
}

function firstEntry(map: JsonMap | CelMap): readonly [Value, Value] | undefined {
  if (map instanceof CelMap) return map.entries.values().next().value
  for (const key in map) if (Object.hasOwn(map, key)) return [key, adapt(map[key]) as Value]
  return undefined
}
