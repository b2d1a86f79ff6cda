/** Sets of small integers, each content stored once: equal sets are the same object, and most rows of a closure are equal. */
export interface IntSet {
  readonly id: number
  /** Sorted. */
  readonly items: Int32Array
}

export interface SetPool {
  readonly empty: IntSet
  /** The union of sets and single items. */
  union(sets: Iterable<IntSet>, items?: readonly number[]): IntSet
}

export function setPool(universe: number): SetPool {
  const stamp = new Int32Array(universe)
  const known = new Map<number, IntSet[]>()
  let round = 0
  let count = 0
  const intern = (items: Int32Array): IntSet => {
    let hash = items.length
    for (const item of items) hash = (Math.imul(hash, 0x01000193) ^ item) | 0
    const bucket = known.get(hash)
    const same = bucket?.find(
      (set) => set.items.length === items.length && set.items.every((item, at) => item === items[at]),
    )
    if (same) return same
    const set = { id: count++, items }
    if (bucket) bucket.push(set)
    else known.set(hash, [set])
    return set
  }
  const empty = intern(new Int32Array(0))
  return {
    empty,
    union(sets, items = []) {
      const distinct = [...new Set(sets)].filter((set) => set !== empty)
      if (distinct.length === 0 && items.length === 0) return empty
      const largest = distinct.reduce((a, b) => (b.items.length > a.items.length ? b : a), empty)
      round++
      for (const item of largest.items) stamp[item] = round
      const more: number[] = []
      const add = (item: number): void => {
        if (stamp[item] === round) return
        stamp[item] = round
        more.push(item)
      }
      for (const set of distinct) if (set !== largest) set.items.forEach(add)
      items.forEach(add)
      // Most unions add nothing to their largest part, which is then shared.
      if (more.length === 0) return largest
      return intern(merged(largest.items, Int32Array.from(more).sort()))
    },
  }
}

function merged(a: Int32Array, b: Int32Array): Int32Array {
  const result = new Int32Array(a.length + b.length)
  let left = 0
  let right = 0
  for (let at = 0; at < result.length; at++) {
    const takeLeft = right >= b.length || (left < a.length && (a[left] as number) < (b[right] as number))
    result[at] = (takeLeft ? a[left++] : b[right++]) as number
  }
  return result
}
