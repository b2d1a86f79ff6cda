import { dump } from 'js-yaml'
import { escapeUnsafe } from './text.ts'

/**
 * A JSON document as YAML, strings quoted wherever kubectl's reader would take them for something else. Where a string
 * holds what a terminal would act on, every string stands in double quotes, in which it can be escaped.
 */
export function yamlText(document: object): string {
  const plain = dump(document, { lineWidth: 120, noRefs: true, noCompatMode: false })
  if (escapeUnsafe(plain) === plain) return plain
  return escapeUnsafe(dump(document, { lineWidth: -1, noRefs: true, forceQuotes: true, quotingType: '"' }))
}

/** The same piece by piece: a top-level list may be any iterable, whose elements are asked for one by one. */
export function* yamlPieces(document: object): Generator<string> {
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined) continue
    if (Array.isArray(value) || typeof value !== 'object' || value === null || !(Symbol.iterator in value)) {
      yield yamlText({ [key]: value })
      continue
    }
    let isEmpty = true
    for (const item of value as Iterable<object>) {
      if (isEmpty) yield `${key}:\n`
      isEmpty = false
      yield yamlText([item]).replace(/^(?=.)/gm, '  ')
    }
    if (isEmpty) yield `${key}: []\n`
  }
}
