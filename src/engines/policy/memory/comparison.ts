import { isObject, type JsonObject } from '../../../cluster/json.ts'
import { Numbers } from './numbers.ts'
import type { Part } from './parts.ts'
import type { Place } from './place.ts'

/** Of what kind a value is, as errors tell it. 0: a mapping has no such field. */
const NULL = 1
const LIST = 2
const MAPPING = 3
const STRING = 4
const BOOLEAN = 5
const INTEGER = 6
const FRACTION = 7
/** What is there instead of a mapping that has the field says why nothing stands at a place, and how far down that is. */
const KINDS = 8
/** No place that an expression reads is as far down. */
export const MAX_STEPS = 60
/** A length is no number. */
const LENGTH = KINDS * (MAX_STEPS + 1)
const FIRST = LENGTH + 1

/** Numbers for values, of which those for what is absent are known. */
export function newNumbers(): Numbers {
  return new Numbers(FIRST)
}

/** A place on the way to parts. */
interface Node {
  readonly key: string
  readonly depth: number
  readonly isMany: boolean
  readonly fields: Node[]
  items: Node | undefined
  /** Indices of parts at this place, or -1. */
  whole: number
  extent: number
  presence: number
  /** All parts at and below this place, but for those in items of lists. */
  readonly below: number[]
}

/** Takes the parts of one object after another, and tells whether groups of them are equal. */
export class Comparison {
  readonly #numbers: Numbers
  readonly #root: Node
  readonly #isMany: boolean[] = []
  readonly #parts: number[] = []
  /** Of each group: the group without its last part, or -1, and that part. */
  readonly #before: number[] = []
  readonly #last: number[] = []
  /** What `take` found, by group: equal numbers mean equal parts. */
  readonly groups: number[] = []
  readonly #byPlace = new Map<Place, Node>()
  readonly #byGroup = new Map<string, number>()

  constructor(numbers: Numbers, root: Place) {
    this.#numbers = numbers
    this.#root = this.#nodeOf(root)
  }

  get isEmpty(): boolean {
    return this.groups.length === 0
  }

  /** The index of the group of these parts, in this order. */
  add(parts: readonly Part[]): number {
    let group = -1
    for (const part of parts) {
      const last = this.#partOf(part)
      const key = `${group} ${last}`
      const known = this.#byGroup.get(key)
      if (known === undefined) {
        this.#before.push(group)
        this.#last.push(last)
        group = this.groups.push(0) - 1
        this.#byGroup.set(key, group)
      } else group = known
    }
    return group
  }

  take(body: JsonObject): void {
    const parts = this.#parts
    for (let at = 0; at < parts.length; at++) parts[at] = 0
    this.#visit(body, this.#root)
    const { groups } = this
    for (let at = 0; at < groups.length; at++) {
      const before = this.#before[at] as number
      const last = parts[this.#last[at] as number] as number
      groups[at] = before < 0 ? last : this.#numbers.pair(groups[before] as number, last)
    }
  }

  #nodeOf(place: Place): Node {
    const known = this.#byPlace.get(place)
    if (known) return known
    const { key, depth, isMany, parent } = place
    const made: Node = {
      key: key ?? '',
      depth,
      isMany,
      fields: [],
      items: undefined,
      whole: -1,
      extent: -1,
      presence: -1,
      below: [],
    }
    this.#byPlace.set(place, made)
    if (parent !== undefined) {
      const above = this.#nodeOf(parent)
      if (key === undefined) above.items = made
      else above.fields.push(made)
    }
    return made
  }

  #partOf({ place, depth }: Part): number {
    const node = this.#nodeOf(place)
    if (node[depth] < 0) {
      const index = this.#parts.push(0) - 1
      this.#isMany.push(node.isMany)
      node[depth] = index
      for (let at: Place | undefined = place; at !== undefined; at = at.parent) {
        this.#nodeOf(at).below.push(index)
        if (at.key === undefined) break
      }
    }
    return node[depth]
  }

  #visit(value: unknown, node: Node): void {
    const { whole, extent, presence, fields, items } = node
    const isList = Array.isArray(value)
    if (whole >= 0) this.#put(whole, this.#numbers.of(value))
    if (extent >= 0)
      this.#put(extent, isList ? this.#numbers.pair(LENGTH, this.#numbers.of(value.length)) : this.#numbers.of(value))
    if (presence >= 0) this.#put(presence, kindOf(value))
    for (let at = 0; at < fields.length; at++) {
      const field = fields[at] as Node
      if (!isObject(value)) this.#gap(field, kindOf(value) + KINDS * node.depth)
      else if (Object.hasOwn(value, field.key)) this.#visit(value[field.key], field)
      else this.#gap(field, KINDS * node.depth)
    }
    if (items !== undefined && isList) for (let at = 0; at < value.length; at++) this.#visit(value[at], items)
  }

  #gap({ below }: Node, why: number): void {
    for (let at = 0; at < below.length; at++) this.#put(below[at] as number, why)
  }

  #put(part: number, number: number): void {
    this.#parts[part] = this.#isMany[part] === true ? this.#numbers.pair(this.#parts[part] as number, number) : number
  }
}

function kindOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return STRING
    case 'boolean':
      return BOOLEAN
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? INTEGER : FRACTION
    default:
      return value === null ? NULL : Array.isArray(value) ? LIST : MAPPING
  }
}
