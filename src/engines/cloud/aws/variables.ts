import type { Lookup } from './context.ts'
import { ANY, type Glob, ONE } from './glob.ts'

export interface Expanded {
  /** The pattern with the values put in; what is not known matches anything. */
  readonly glob: Glob
  /** Keys whose value is not known. */
  readonly unknown: readonly string[]
  /** A key that the request does not have, and for which no other value is written: the pattern matches nothing. */
  readonly missing: boolean
}

/** `${*}`, `${?}` and `${$}` are the characters themselves. */
const ESCAPED: ReadonlySet<string> = new Set(['*', '?', '$'])

/**
 * Puts values in for policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`. A value that is put in is
 * literal. `wild`: `*` and `?` of the pattern itself are wildcards.
 */
export function expand(
  pattern: string,
  of: { readonly variables: boolean; readonly wild: boolean },
  lookup: Lookup,
): Expanded {
  const first = of.variables ? pattern.indexOf('${') : -1
  if (first < 0) return { glob: of.wild ? pattern : literal(pattern), unknown: [], missing: false }
  const units: number[] = []
  const unknown: string[] = []
  let missing = false
  let from = 0
  for (let open = first; ; open = pattern.indexOf('${', from)) {
    const close = open < 0 ? -1 : pattern.indexOf('}', open)
    push(units, pattern.slice(from, close < 0 ? undefined : open), of.wild)
    if (close < 0) break
    const { key, fallback } = variable(pattern.slice(open + 2, close))
    from = close + 1
    const values = ESCAPED.has(key) ? [key] : lookup(key)
    if (values === undefined || (values !== null && values.length !== 1)) {
      unknown.push(key)
      units.push(ANY)
    } else if (values === null && fallback === undefined) missing = true
    else push(units, values?.[0] ?? fallback ?? '', false)
  }
  return { glob: units, unknown, missing }
}

function variable(inner: string): { readonly key: string; readonly fallback?: string } {
  const comma = inner.indexOf(',')
  if (comma < 0) return { key: inner.trim() }
  const written = inner.slice(comma + 1).trim()
  const quoted = written.length >= 2 && written.startsWith("'") && written.endsWith("'")
  return { key: inner.slice(0, comma).trim(), fallback: quoted ? written.slice(1, -1) : written }
}

const literal = (text: string): Glob => {
  if (!text.includes('*') && !text.includes('?')) return text
  const units: number[] = []
  push(units, text, false)
  return units
}

function push(units: number[], text: string, wild: boolean): void {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    units.push(wild && code === 42 ? ANY : wild && code === 63 ? ONE : code)
  }
}
