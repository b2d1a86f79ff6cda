import { CelError } from '../error.ts'
import type { Library, MacroDecl } from '../library.ts'
import { findEntry, forEachEntry, keyOf, makeMap } from '../run/map.ts'
import { spend } from '../run/work.ts'
import { mapOf, param } from '../type.ts'
import { CelMap, type JsonMap, type MapKey, type Value } from '../value.ts'
import { global } from './define.ts'

const MAP = mapOf(param('K'), param('V'))

/**
 * A map that grows while a comprehension builds it: inserting copies nothing, since no expression can see the map that
 * an insertion was made into (cel-go's MutableMapper).
 */
class Growing extends CelMap {
  readonly #own: Map<MapKey, readonly [Value, Value]>
  constructor(own: Map<MapKey, readonly [Value, Value]>) {
    super(own)
    this.#own = own
  }
  insert(key: Value, value: Value): void {
    if (findEntry(this.#own, key) !== undefined) throw new CelError(`insert failed: key ${keyText(key)} already exists`)
    spend(1)
    this.#own.set(keyOf(key), [key, value])
  }
}

const keyText = (key: Value): string =>
  key !== null && typeof key === 'object' && 'value' in key ? String(key.value) : String(key)

const growing = (map: Value): Growing => (map instanceof Growing ? map : new Growing(new Map(copied(map))))

const copied = (map: Value): CelMap['entries'] =>
  map instanceof CelMap ? map.entries : makeMap(Object.entries(map as JsonMap)).entries

function insertAll(target: Value, update: Value): Value {
  const map = growing(target)
  forEachEntry(update as JsonMap | CelMap, (key, value) => {
    map.insert(key, value)
    return true
  })
  return map
}

function insert(target: Value, key: Value, value: Value): Value {
  const map = growing(target)
  map.insert(key, value)
  return map
}

const macro = (name: string, ...counts: readonly number[]): readonly MacroDecl[] =>
  counts.map((count) => ({ name, arguments: count, receiver: true }))

/** cel-go ext/comprehensions.go: macros with two variables, and what transformMap builds its map with. */
export const TWO_VAR: readonly Library[] = [
  {
    name: 'cel.lib.ext.comprev2',
    since: 32,
    functions: [
      {
        name: 'cel.@mapInsert',
        overloads: [
          global('@mapInsert_map_key_value', [MAP, param('K'), param('V')], MAP, (map, key, value) =>
            insert(map as Value, key as Value, value as Value),
          ),
          global('@mapInsert_map_map', [MAP, MAP], MAP, (map, update) => insertAll(map as Value, update as Value)),
        ],
      },
    ],
    macros: [
      ...macro('all', 3),
      ...macro('exists', 3),
      ...macro('existsOne', 3),
      ...macro('exists_one', 3),
      ...macro('transformList', 3, 4),
      ...macro('transformMap', 3, 4),
      ...macro('transformMapEntry', 3, 4),
    ],
  },
]
