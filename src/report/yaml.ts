import { dump } from 'js-yaml'

/** A JSON document as YAML, strings quoted wherever kubectl's reader would take them for something else. */
export function yamlText(document: object): string {
  return dump(document, { lineWidth: 120, noRefs: true, noCompatMode: false })
}
