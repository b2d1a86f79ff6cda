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
