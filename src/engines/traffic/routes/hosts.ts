/** The names that both patterns mean, as a pattern: `*.` stands for one label or more, `*` and nothing for all. */
export function meet(a: string, b: string): string | undefined {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()]
  if (isAll(one)) return isAll(other) ? '' : other
  if (isAll(other) || one === other) return one
  if (one.startsWith('*.') && other.endsWith(one.slice(1))) return other
  if (other.startsWith('*.') && one.endsWith(other.slice(1))) return one
  return undefined
}

function isAll(host: string): boolean {
  return host === '' || host === '*'
}
