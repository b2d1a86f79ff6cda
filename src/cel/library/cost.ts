import type { Minor } from '../library.ts'
import { sizeOf } from '../run/size.ts'
import { CelMap, type Value } from '../value.ts'
import { utf8Length } from './text.ts'

/** cel-go common/cost.go: what one code point of a string costs to look at. */
export const STRING_FACTOR = 0.1
const REGEX_FACTOR = 0.25

type Cost = (args: readonly Value[], result: Value, minor: Minor) => number

/**
 * Kubernetes charges the calls of its and cel-go's extension libraries by what they do from 1.32 on
 * (StrictCostEnforcementForVAP and …ForWebhooks, on by default there); before, each call costs 1.
 */
export const charged =
  (cost: (args: readonly Value[], result: Value) => number): Cost =>
  (args, result, minor) =>
    minor < 32 ? 1 : cost(args, result)

/** A traversal of the first argument (k8s.io/apiserver pkg/cel/library/cost.go, CallCost). */
export const scan = charged((args) => Math.ceil(sizeOf(args[0] as Value) * STRING_FACTOR))

/** A traversal, and the construction of as much again. */
export const rebuild = charged((args) => Math.ceil(sizeOf(args[0] as Value) * 2 * STRING_FACTOR))

/** A regular expression, second argument or `regexSize` long, over a text. */
export function regexCost(text: Value, regexSize: number): number {
  return Math.ceil((1 + sizeOf(text)) * STRING_FACTOR) * Math.ceil(regexSize * REGEX_FACTOR)
}

/** The first argument, visited as a tree: a tenth of the bytes of its strings, 1 for each other leaf. */
export const traversal = charged((args) => {
  let cost = 0
  const open: Value[] = [args[0] as Value]
  while (open.length > 0) {
    const value = open.pop() as Value
    if (typeof value === 'string') cost += Math.floor(utf8Length(value) * STRING_FACTOR)
    else if (value instanceof Uint8Array) cost += Math.floor(value.length * STRING_FACTOR)
    else if (Array.isArray(value)) for (const element of value) open.push(element)
    else if (value instanceof CelMap) for (const entry of value.entries.values()) open.push(entry[0], entry[1])
    else if (isJsonMap(value)) for (const key of Object.keys(value)) open.push(key, value[key] as Value)
    else cost += 1
  }
  return cost
})

function isJsonMap(value: Value): value is { readonly [key: string]: Value } {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return (prototype === Object.prototype || prototype === null) && !isFields(value)
}

const isFields = (value: object): boolean => typeof (value as { get?: unknown }).get === 'function'
