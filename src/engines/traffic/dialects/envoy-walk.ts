import { isObject } from '../../../cluster/json.ts'
import { inside, type Part } from './fields.ts'

/** Envoy’s configuration is nested half as deep at most, and of a thousand fields rather than of so many. */
const DEEPEST = 40
const MOST_PARTS = 20_000

/**
 * Shows every part below, outer ones first and in their order, to `see`, which says whether to go on inside. Whether all
 * was shown: what is too deep or too much is not.
 */
export function walk(root: Part, see: (part: Part) => 'inside' | 'past'): boolean {
  const stack: (readonly [part: Part, depth: number])[] = [[root, 0]]
  let all = true
  for (let seen = 0; seen < MOST_PARTS; seen++) {
    const next = stack.pop()
    if (next === undefined) return all
    const [part, depth] = next
    if (see(part) === 'past') continue
    const parts = children(part)
    if (parts.length > 0 && depth >= DEEPEST) all = false
    else for (const child of parts.reverse()) stack.push([child, depth + 1])
  }
  return all && stack.length === 0
}

function children(part: Part): Part[] {
  if (Array.isArray(part.value)) return part.value.slice(0, MOST_PARTS + 1).map((_, index) => inside(part, index))
  return isObject(part.value)
    ? Object.keys(part.value)
        .slice(0, MOST_PARTS + 1)
        .map((key) => inside(part, key))
    : []
}
