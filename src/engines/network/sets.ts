/** Sets of member indices as ascending arrays, each distinct one kept once under a small number. */
export type SetId = number & { readonly __set?: never }
export type Members = readonly number[]

export const EMPTY: SetId = 0

export interface SetTable {
  intern(members: Members): SetId
  members(set: SetId): Members
  has(set: SetId, member: number): boolean
  unite(sets: readonly SetId[]): SetId
  intersect(a: SetId, b: SetId): SetId
  subtract(a: SetId, b: SetId): SetId
}

/** `size`: members are 0 to size - 1, so that the set of all can be told without a look at it. */
export function setTable(size: number): SetTable {
  const sets: Members[] = [[]]
  const byHash = new Map<number, SetId[]>([[hashOf([]), [EMPTY]]])
  const common = new Map<number, SetId>()
  const rest = new Map<number, SetId>()
  const members = (set: SetId): Members => sets[set] as Members

  const intern = (candidate: Members): SetId => {
    const hash = hashOf(candidate)
    const same = byHash.get(hash)
    const known = same?.find((set) => equal(members(set), candidate))
    if (known !== undefined) return known
    const set = sets.push(candidate) - 1
    if (same) same.push(set)
    else byHash.set(hash, [set])
    return set
  }
  const isAll = (set: SetId): boolean => members(set).length === size
  const once = (memo: Map<number, SetId>, a: SetId, b: SetId, make: (a: Members, b: Members) => Members): SetId => {
    const key = a * 2 ** 26 + b
    const known = memo.get(key)
    if (known !== undefined) return known
    const set = intern(make(members(a), members(b)))
    memo.set(key, set)
    return set
  }

  return {
    intern,
    members,
    has: (set, member) => isAll(set) || holds(members(set), member),
    unite: (all) => {
      const distinct = [...new Set(all)].filter((set) => set !== EMPTY)
      if (distinct.length < 2) return distinct[0] ?? EMPTY
      return distinct.find(isAll) ?? intern(union(distinct.map(members)))
    },
    intersect: (a, b) => {
      if (a === b || isAll(b) || a === EMPTY) return a
      if (isAll(a) || b === EMPTY) return b
      return a < b ? once(common, a, b, intersection) : once(common, b, a, intersection)
    },
    subtract: (a, b) => {
      if (a === b || isAll(b)) return EMPTY
      if (a === EMPTY || b === EMPTY) return a
      return once(rest, a, b, difference)
    },
  }
}

function hashOf(members: Members): number {
  let hash = 0x811c9dc5
  for (const member of members) hash = Math.imul(hash ^ member, 0x01000193) ^ (hash >>> 15)
  return hash
}

function equal(a: Members, b: Members): boolean {
  return a.length === b.length && a.every((member, index) => member === b[index])
}

export function holds(members: Members, member: number): boolean {
  let low = 0
  let high = members.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((members[middle] as number) < member) low = middle + 1
    else high = middle
  }
  return members[low] === member
}

function union(all: readonly Members[]): Members {
  return [...new Set(Uint32Array.from(all.flat()).sort())]
}

/** Looks the members of the small set up in the large one where that is cheaper than walking both. */
function intersection(a: Members, b: Members): Members {
  const [small, large] = a.length <= b.length ? [a, b] : [b, a]
  if (small.length * 12 < large.length) return small.filter((member) => holds(large, member))
  const common: number[] = []
  let j = 0
  for (const member of small) {
    while (j < large.length && (large[j] as number) < member) j++
    if (large[j] === member) common.push(member)
  }
  return common
}

function difference(a: Members, b: Members): Members {
  return a.filter((member) => !holds(b, member))
}
