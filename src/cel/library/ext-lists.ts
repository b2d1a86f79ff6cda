import { CelError } from '../error.ts'
import type { FunctionDecl, Library, Minor, Overload } from '../library.ts'
import { compare } from '../run/compare.ts'
import { kindOf, typeName } from '../run/kind.ts'
import { spend } from '../run/work.ts'
import { BOOL, BYTES, DOUBLE, DURATION, DYN, INT, listOf, param, STRING, TIMESTAMP, type Type, UINT } from '../type.ts'
import { adapt, type Value } from '../value.ts'
import { STRING_FACTOR } from './cost.ts'
import { global, member } from './define.ts'
import { isEqual } from './is-equal.ts'

const T = listOf(param('T'))

/** By the names that cel-go's types have. */
const COMPARABLE: readonly (readonly [name: string, type: Type])[] = [
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['bool', BOOL],
  ['google.protobuf.Duration', DURATION],
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['string', STRING],
  ['bytes', BYTES],
]

type List = readonly Value[]
type Cost = NonNullable<Overload['cost']>

function slice(list: Value, start: Value, end: Value): List {
  const size = (list as List).length
  const from = start as number | bigint
  const to = end as number | bigint
  const problem = (text: string): CelError => new CelError(`cannot slice(${start}, ${end}), ${text}`)
  if (from < 0 || to < 0) throw problem('negative indexes not supported')
  if (from > to) throw problem('start index must be less than or equal to end index')
  if (to > size) throw problem(`list is length ${size}`)
  spend(Number(to) - Number(from))
  return (list as List).slice(Number(from), Number(to))
}

/** Lists within the list, so deep, in place of themselves. */
function flatten(call: string, list: Value, depth: Value): List {
  if (!Array.isArray(list)) throw new CelError(`no such overload: ${typeName(list)}.${call}`)
  if ((depth as number | bigint) < 0) throw new CelError('level must be non-negative')
  return flattened(list as List, Number(depth), 0)
}

const DEEPEST = 1000

function flattened(list: List, depth: number, level: number): List {
  if (level > DEEPEST) throw new CelError('values nest too deeply to be flattened')
  const flat: Value[] = []
  for (const element of list) {
    spend(1)
    if (!Array.isArray(element) || depth === level) flat.push(element)
    else for (const inner of flattened(element, depth, level + 1)) flat.push(inner)
  }
  return flat
}

const RANGE_LIMIT = 1_000_000

/** cel-go bounds the range since 0.29, which 1.37 brought. */
function range(minor: Minor, size: Value): List {
  const count = size as number | bigint
  if (minor >= 37) {
    if (count < 0) throw new CelError(`lists.range: size must be non-negative, got ${size}`)
    if (count > RANGE_LIMIT) throw new CelError(`lists.range: size ${size} exceeds maximum allowed (${RANGE_LIMIT})`)
  }
  if (count <= 0) return []
  spend(Number(count))
  return Array.from({ length: Number(count) }, (_, i) => i)
}

function distinct(list: Value): List {
  const unique: Value[] = []
  for (const raw of list as List) {
    const element = adapt(raw) as Value
    spend(unique.length)
    if (!unique.some((other) => isEqual(element, other))) unique.push(element)
  }
  return unique
}

function reverse(list: Value): List {
  spend((list as List).length)
  return (list as List).toReversed()
}

/** The elements in the order of their keys. Go's sort is not stable, so that equal keys may come otherwise there. */
function sortBy(list: Value, keys: Value): List {
  const elements = list as List
  const by = keys as List
  if (elements.length !== by.length) {
    throw new CelError(
      `@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${elements.length} and ${by.length} elements respectively`,
    )
  }
  if (elements.length === 0) return elements
  const first = kindOf(by[0] as Value)
  if (UNORDERED.has(first)) throw new CelError('list elements must be comparable')
  if (elements.length > 1 && by.some((key) => kindOf(key) !== first)) {
    throw new CelError('list elements must have the same type')
  }
  spend(elements.length * 16)
  const order = Array.from(by.keys()).sort((a, b) => orderOf(by[a] as Value, by[b] as Value))
  return order.map((i) => elements[i] as Value)
}

const UNORDERED: ReadonlySet<string> = new Set(['null', 'list', 'map', 'fields', 'opaque'])

function orderOf(a: Value, b: Value): number {
  try {
    return compare(adapt(a) as Value, adapt(b) as Value)
  } catch (error) {
    if (error instanceof CelError) return 0
    throw error
  }
}

const sizeOfList = (value: Value | undefined): number => (Array.isArray(value) ? value.length : 1)

/** A call that makes a list: its elements, the call and the list itself. */
const making = (elements: number): number => Math.trunc(elements) + 1 + 10

const ofResult: Cost = (_args, result) => making(sizeOfList(result))
/** A negative depth is a factor like any other: before cel-go 0.29 it makes a cost beyond every limit, or a smaller one. */
const ofDepth: Cost = (args, _result, minor) => {
  const depth = args.length === 2 ? Number(args[1]) : 1
  const cost = making(sizeOfList(args[0]) * (depth < 0 && minor >= 37 ? 1 : depth))
  return cost < 0 ? 2 ** 64 + cost : cost
}

/** Each element is compared with each other. */
function selfCompare(list: Value): number {
  const size = sizeOfList(list)
  const kind = size === 0 ? 'int' : kindOf((list as List)[0] as Value)
  return making(size * size * (kind === 'string' || kind === 'bytes' ? 2 + STRING_FACTOR : 2))
}

const ofFirst: Cost = (args) => selfCompare(args[0] as Value)
const ofKeys: Cost = (args) => selfCompare(args[1] as Value)

const functionsOf = (minor: Minor): readonly FunctionDecl[] => [
  {
    name: 'slice',
    overloads: [
      {
        ...member('list_slice', [T, INT, INT], T, (list, start, end) =>
          slice(list as Value, start as Value, end as Value),
        ),
        cost: ofResult,
      },
    ],
  },
  {
    name: 'flatten',
    unguarded: true,
    overloads: [
      { ...member('list_flatten', [listOf(T)], T, (list) => flatten('flatten()', list as Value, 1)), cost: ofDepth },
      {
        ...member('list_flatten_int', [listOf(DYN), INT], listOf(DYN), (list, depth) =>
          flatten('flatten(int)', list as Value, depth as Value),
        ),
        cost: ofDepth,
      },
    ],
  },
  {
    name: 'sort',
    singleton: 'list',
    overloads: COMPARABLE.map(([name, type]) => ({
      ...member(`list_${name}_sort`, [listOf(type)], listOf(type), (list) => sortBy(list as Value, list as Value)),
      cost: ofFirst,
    })),
  },
  {
    name: '@sortByAssociatedKeys',
    singleton: 'list',
    overloads: COMPARABLE.map(([name, type]) => ({
      ...member(`list_${name}_sortByAssociatedKeys`, [T, listOf(type)], T, (list, keys) =>
        sortBy(list as Value, keys as Value),
      ),
      cost: ofKeys,
    })),
  },
  {
    name: 'lists.range',
    overloads: [
      { ...global('lists_range', [INT], listOf(INT), (size) => range(minor, size as Value)), cost: ofResult },
    ],
  },
  {
    name: 'reverse',
    overloads: [{ ...member('list_reverse', [T], T, (list) => reverse(list as Value)), cost: ofResult }],
  },
  {
    name: 'distinct',
    overloads: [{ ...member('list_distinct', [T], T, (list) => distinct(list as Value)), cost: ofFirst }],
  },
]

/** cel-go ext/lists.go, version 3. */
export function extLists(minor: Minor): readonly Library[] {
  return [
    {
      name: 'cel.lib.ext.lists',
      since: 34,
      functions: functionsOf(minor),
      macros: [{ name: 'sortBy', arguments: 2, receiver: true }],
    },
  ]
}
