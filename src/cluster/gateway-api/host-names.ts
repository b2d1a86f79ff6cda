/** Whether some name is meant by both: `*.` stands for one label or more, `*` for every name. */
export function namesMeet(a: string, b: string): boolean {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()]
  if (one.startsWith('*') && other.startsWith('*')) return one.endsWith(other.slice(1)) || other.endsWith(one.slice(1))
  return means(one, other) || means(other, one)
}

function means(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*')) return pattern === name
  const end = pattern.slice(1)
  return name.length > end.length && name.endsWith(end)
}
