/**
 * What is known of a request: the values of each condition key (in any case of letters); null for a key that the request
 * surely does not have. What a map does not hold is not known.
 */
export type Context = ReadonlyMap<string, readonly string[] | null>

export type Lookup = (key: string) => readonly string[] | null | undefined

/** Condition keys are equal in any case of letters. The first context that knows a key tells it. */
export function lookupIn(...contexts: readonly Context[]): Lookup {
  const values = new Map<string, readonly string[] | null>()
  for (const context of contexts)
    for (const [key, value] of context) {
      const lower = key.toLowerCase()
      if (!values.has(lower)) values.set(lower, value)
    }
  return (key) => values.get(key.toLowerCase())
}
