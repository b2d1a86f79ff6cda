import { CelError } from '../error.ts'
import { adapt, type CelMap, Double, type JsonMap, Uint, type Value } from '../value.ts'
import { equal } from './equality.ts'
import { isOpaque } from './kind.ts'
import { find } from './map.ts'
import { spend } from './work.ts'

/** `value in container`: an element of a list, a key of a map. Throws `CelError` for other containers. */
export function contains(container: Value, value: Value): boolean {
  if (Array.isArray(container)) return listContains(container, value)
  if (
    typeof container !== 'object' ||
    container === null ||
    container instanceof Uint8Array ||
    container instanceof Double ||
    container instanceof Uint ||
    isOpaque(container)
  ) {
    throw new CelError('no such overload')
  }
  return find(container as JsonMap | CelMap, value) !== undefined
}

function listContains(list: readonly Value[], value: Value): boolean {
  spend(list.length)
  if (typeof value === 'string' || typeof value === 'boolean') return list.includes(value)
  for (const element of list) {
    try {
      if (equal(value, adapt(element) as Value)) return true
    } catch (error) {
      // An opaque value that refuses the comparison is not the one that is looked for.
      if (!(error instanceof CelError)) throw error
    }
  }
  return false
}
