import { escapeUnsafe } from './text.ts'

/** One JSON value on one line; what a terminal would act on is escaped, which JSON reads as the same. */
export function jsonText(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value))
}

/**
 * JSON with one element of each top-level list a line: small, and a change to one element is a change to one line.
 * Given out in pieces, so that a large document is never one string.
 */
export function* jsonLines(document: object): Generator<string> {
  const entries = Object.entries(document).filter(([, value]) => value !== undefined)
  yield '{\n'
  for (const [at, [key, value]] of entries.entries()) {
    const end = at === entries.length - 1 ? '\n' : ',\n'
    if (!Array.isArray(value) || value.length === 0) {
      yield `  ${jsonText(key)}: ${jsonText(value)}${end}`
      continue
    }
    yield `  ${jsonText(key)}: [\n`
    for (const [index, item] of value.entries()) yield `    ${jsonText(item)}${index === value.length - 1 ? '' : ','}\n`
    yield `  ]${end}`
  }
  yield '}\n'
}
