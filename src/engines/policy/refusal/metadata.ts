import { field, type JsonObject, string, stringMap } from '../../../cluster/json.ts'
import { bytesOf, labelValue, qualifiedName, subdomain } from './names.ts'
import { forbidden, invalid, type Refusal, required, tooLong } from './refusal.ts'

const MOST_ANNOTATION_BYTES = 256 * 1024

/** Of a cluster-scoped object: k8s.io/apimachinery pkg/api/validation/objectmeta.go. */
export function metadataRefusals(metadata: JsonObject): readonly Refusal[] {
  const found: Refusal[] = []
  const name = string(field(metadata, 'name')) ?? ''
  const start = string(field(metadata, 'generateName')) ?? ''
  if (start !== '')
    for (const why of subdomain(masked(start))) found.push(invalid(['metadata', 'generateName'], start, why))
  if (name !== '') for (const why of subdomain(name)) found.push(invalid(['metadata', 'name'], name, why))
  else if (start === '') found.push(required(['metadata', 'name'], 'name or generateName is required'))
  if (string(field(metadata, 'namespace'))) found.push(forbidden(['metadata', 'namespace'], 'not allowed on this type'))
  const labels = stringMap(field(metadata, 'labels'))
  for (const [key, value] of labels) {
    for (const why of qualifiedName(key)) found.push(invalid(['metadata', 'labels'], key, why))
    for (const why of labelValue(value)) found.push(invalid(['metadata', 'labels'], value, why))
  }
  const annotations = stringMap(field(metadata, 'annotations'))
  let bytes = 0
  for (const [key, value] of annotations) {
    bytes += bytesOf(key) + bytesOf(value)
    for (const why of qualifiedName(key.toLowerCase())) found.push(invalid(['metadata', 'annotations'], key, why))
  }
  if (bytes > MOST_ANNOTATION_BYTES) found.push(tooLong(['metadata', 'annotations'], MOST_ANNOTATION_BYTES))
  return found
}

/** The end of a name that is generated stands for any letter. */
function masked(start: string): string {
  return start.length > 1 && start.endsWith('-') ? `${start.slice(0, -2)}a` : start
}
