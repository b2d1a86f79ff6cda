import { at, field, type Json, list, object, type Path, string } from '../../cluster/json.ts'
import { parseSelector, type Selector } from '../../cluster/labels.ts'

/** A field that the API server would refuse, and why. */
export interface Refusal {
  readonly path: Path
  readonly why: string
}

export type Refuse = (refusal: Refusal) => void

/** The items of a list that may be absent or null. */
export function items(value: Json | undefined, path: Path, refuse: Refuse): readonly Json[] {
  if (value !== undefined && value !== null && !Array.isArray(value)) refuse({ path, why: 'it is not a list' })
  return list(value)
}

const NAME = /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)$/
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

/** apimachinery validation.IsQualifiedName. */
function isLabelKey(key: string): boolean {
  const parts = key.split('/')
  const name = parts.at(-1) as string
  const prefix = parts.length === 2 ? parts[0] : undefined
  if (parts.length > 2 || (prefix !== undefined && (prefix.length > 253 || !SUBDOMAIN.test(prefix)))) return false
  return name.length <= 63 && NAME.test(name)
}

/** apimachinery validation.IsValidLabelValue. */
function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && NAME.test(value))
}

/** A metav1.LabelSelector as validation.ValidateLabelSelector admits it; undefined where there is none. */
export function decodeSelector(value: Json | undefined, path: Path, refuse: Refuse): Selector | undefined {
  const selector = parseSelector(value)
  if (typeof selector === 'string') {
    refuse({ path, why: selector })
    return undefined
  }
  for (const [key, label] of Object.entries(object(field(value, 'matchLabels')))) {
    if (!isLabelKey(key)) refuse({ path: [...path, 'matchLabels'], why: `${JSON.stringify(key)} is not a label key` })
    if (!isLabelValue(label as string))
      refuse({ path: [...path, 'matchLabels', key], why: `${JSON.stringify(label)} is not a label value` })
  }
  list(field(value, 'matchExpressions')).forEach((expression, index) => {
    const here = [...path, 'matchExpressions', index]
    const key = string(field(expression, 'key')) ?? ''
    if (!isLabelKey(key)) refuse({ path: [...here, 'key'], why: `${JSON.stringify(key)} is not a label key` })
    for (const each of list(at(expression, 'values'))) {
      if (typeof each !== 'string' || !isLabelValue(each))
        refuse({ path: [...here, 'values'], why: `${JSON.stringify(each)} is not a label value` })
    }
  })
  return selector
}
