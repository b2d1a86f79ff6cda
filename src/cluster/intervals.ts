/**
 * A set of numbers as the ascending bounds of its half-open intervals: [1, 3, 7, 8] holds 1, 2 and 7. Two sets are equal
 * exactly when their bounds are.
 */
export type Intervals<N extends number | bigint> = readonly N[]

function combine<N extends number | bigint>(
  a: Intervals<N>,
  b: Intervals<N>,
  holds: (inA: boolean, inB: boolean) => boolean,
): Intervals<N> {
  const bounds: N[] = []
  let i = 0
  let j = 0
  let inside = false
  while (i < a.length || j < b.length) {
    const next = (j >= b.length || (i < a.length && (a[i] as N) <= (b[j] as N)) ? a[i] : b[j]) as N
    if (a[i] === next) i++
    if (b[j] === next) j++
    if (holds(i % 2 === 1, j % 2 === 1) === inside) continue
    inside = !inside
    bounds.push(next)
  }
  return bounds
}

export function unite<N extends number | bigint>(a: Intervals<N>, b: Intervals<N>): Intervals<N> {
  return a.length === 0 ? b : b.length === 0 ? a : combine(a, b, (inA, inB) => inA || inB)
}

export function intersect<N extends number | bigint>(a: Intervals<N>, b: Intervals<N>): Intervals<N> {
  return a.length === 0 ? a : b.length === 0 ? b : combine(a, b, (inA, inB) => inA && inB)
}

export function subtract<N extends number | bigint>(a: Intervals<N>, b: Intervals<N>): Intervals<N> {
  return a.length === 0 || b.length === 0 ? a : combine(a, b, (inA, inB) => inA && !inB)
}

/** Whether two sets have a number in common. */
export function meet<N extends number | bigint>(a: Intervals<N>, b: Intervals<N>): boolean {
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if ((a[i + 1] as N) <= (b[j] as N)) i += 2
    else if ((b[j + 1] as N) <= (a[i] as N)) j += 2
    else return true
  }
  return false
}

export function contains<N extends number | bigint>(set: Intervals<N>, number: N): boolean {
  let low = 0
  let high = set.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((set[middle] as N) <= number) low = middle + 1
    else high = middle
  }
  return low % 2 === 1
}
