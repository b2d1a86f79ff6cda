import { CelError } from '../../error.ts'
import { adapt, type CelMap, Double, type JsonMap, Uint, type Value } from '../../value.ts'
import type { Frame } from '../frame.ts'
import { isFields, isOpaque } from '../kind.ts'
import { find, mapKeys } from '../map.ts'
import { goType } from './qualify.ts'

/** What a comprehension goes through: elements of a list or keys of a map, and with a second variable what they hold. */
export interface Range {
  readonly length: number
  /** Sets the variables of the i-th turn. */
  bind(frame: Frame, i: number): void
}

/** The slots of the variables; without a second one a list gives elements and a map keys. */
export interface Variables {
  readonly first: number
  readonly second: number | undefined
}

/** The range of a value, or the error of one that has none. */
export function rangeOf(value: Value, variables: Variables): Range | CelError {
  const { first, second } = variables
  if (Array.isArray(value)) return second === undefined ? new Elements(value, first) : new Indexed(value, first, second)
  if (isMap(value)) return new Entries(value, first, second)
  if (second === undefined) return new CelError(`got '${goType(value)}', expected iterable type`)
  return new CelError(`unsupported comprehension range type: ${goType(value)}`)
}

function isMap(value: Value): value is JsonMap | CelMap {
  if (typeof value !== 'object' || value === null) return false
  if (value.constructor === Object) return !isFields(value)
  return !(
    value instanceof Uint8Array ||
    value instanceof Double ||
    value instanceof Uint ||
    isOpaque(value) ||
    isFields(value)
  )
}

class Elements implements Range {
  readonly #list: readonly Value[]
  readonly #slot: number
  readonly length: number
  constructor(list: readonly Value[], slot: number) {
    this.#list = list
    this.#slot = slot
    this.length = list.length
  }
  bind({ slots }: Frame, i: number): void {
    slots[this.#slot] = adapt(this.#list[i]) as Value
  }
}

class Indexed implements Range {
  readonly #list: readonly Value[]
  readonly #index: number
  readonly #element: number
  readonly length: number
  constructor(list: readonly Value[], index: number, element: number) {
    this.#list = list
    this.#index = index
    this.#element = element
    this.length = list.length
  }
  bind({ slots }: Frame, i: number): void {
    slots[this.#index] = i
    slots[this.#element] = adapt(this.#list[i]) as Value
  }
}

class Entries implements Range {
  readonly #map: JsonMap | CelMap
  readonly #keys: readonly Value[]
  readonly #key: number
  readonly #value: number | undefined
  readonly length: number
  constructor(map: JsonMap | CelMap, key: number, value: number | undefined) {
    this.#map = map
    this.#keys = mapKeys(map)
    this.#key = key
    this.#value = value
    this.length = this.#keys.length
  }
  bind({ slots }: Frame, i: number): void {
    const key = this.#keys[i] as Value
    slots[this.#key] = key
    if (this.#value !== undefined) slots[this.#value] = find(this.#map, key) as Value
  }
}
