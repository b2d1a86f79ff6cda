import { escapeUnsafe } from './text.ts'

/** One JSON value on one line; what a terminal would act on is escaped, which JSON reads as the same. */
export function jsonText(value: unknown): string {
  return escapeUnsafe(JSON.stringify(value))
}

/** An element of a list whose text is made already, as `jsonText` makes it. */
export class JsonText {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/**
 * JSON with one element of each top-level list a line: small, and a change to one element is a change to one line.
 * Given out in pieces, so that a large document is never one string; a list may be any iterable, whose elements are asked
 * for one by one.
 */
export function* jsonLines(document: object): Generator<string> {
  const entries = Object.entries(document).filter(([, value]) => value !== undefined)
  yield '{\n'
  for (const [at, [key, value]] of entries.entries()) {
    yield `  ${jsonText(key)}: `
    if (isIterable(value)) yield* jsonItems(value, '  ')
    else yield jsonText(value)
    yield at === entries.length - 1 ? '\n' : ',\n'
  }
  yield '}\n'
}

/** A list with one element a line, which stands at this indentation. */
export function* jsonItems(items: Iterable<unknown>, indent: string): Generator<string> {
  let isEmpty = true
  for (const item of items) {
    yield `${isEmpty ? '[' : ','}\n${indent}  ${item instanceof JsonText ? item.text : jsonText(item)}`
    isEmpty = false
  }
  yield isEmpty ? '[]' : `\n${indent}]`
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value
}
