import type { Library } from '../library.ts'
import { sizeOf } from '../run/size.ts'
import { spend } from '../run/work.ts'
import { BOOL, listOf, param } from '../type.ts'
import { adapt, type Value } from '../value.ts'
import { global } from './define.ts'
import { isEqual } from './is-equal.ts'

const LIST = listOf(param('T'))

type List = readonly Value[]

function has(list: List, element: Value): boolean {
  spend(list.length)
  return list.some((other) => isEqual(element, adapt(other) as Value))
}

const contains = (list: Value, sublist: Value): boolean =>
  (sublist as List).every((element) => has(list as List, adapt(element) as Value))

const intersects = (a: Value, b: Value): boolean =>
  (a as List).some((element) => has(b as List, adapt(element) as Value))

/** cel-go's own tracker of sets: charged in every release, and only where the checker chose the overload. */
const product =
  (factor: number) =>
  (args: readonly Value[]): number =>
    1 + sizeOf(args[0] as Value) * sizeOf(args[1] as Value) * factor

const fn = (name: string, factor: number, run: (a: Value, b: Value) => boolean) => ({
  name: `sets.${name}`,
  overloads: [
    {
      ...global(`list_sets_${name}_list`, [LIST, LIST], BOOL, (a, b) => run(a as Value, b as Value)),
      cost: product(factor),
    },
  ],
})

/** cel-go ext/sets.go. */
export const SETS: readonly Library[] = [
  {
    name: 'cel.lib.ext.sets',
    since: 29,
    functions: [
      fn('contains', 1, contains),
      fn('equivalent', 2, (a, b) => contains(a, b) && contains(b, a)),
      fn('intersects', 1, intersects),
    ],
  },
]
