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
      yield `  ${JSON.stringify(key)}: ${JSON.stringify(value)}${end}`
      continue
    }
    yield `  ${JSON.stringify(key)}: [\n`
    for (const [index, item] of value.entries())
      yield `    ${JSON.stringify(item)}${index === value.length - 1 ? '' : ','}\n`
    yield `  ]${end}`
  }
  yield '}\n'
}
