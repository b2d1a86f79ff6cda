import { field, isObject, type Json, list, type Path } from '../json.ts'
import { parseSelector, type Selector } from '../labels.ts'
import type { Tell } from './problem.ts'

/**
 * The `namespaceSelector` of a roleBinding: undefined where there is none, `empty` where rbac-manager takes it for none.
 * That is neither matchLabels nor any expression; `matchLabels: {}` is there, and selects every namespace.
 */
export function decodeNamespaceSelector(
  value: Json | undefined,
  path: Path,
  tell: Tell,
): Selector | 'empty' | 'invalid' | undefined {
  if (value === undefined || value === null) return undefined
  const fault = (why: string): 'invalid' => {
    tell('invalid-selector', 'error', path, `${why}: rbac-manager applies nothing of the definition`)
    return 'invalid'
  }
  if (!isObject(value)) return fault('the namespaceSelector is no mapping')
  for (const key of Object.keys(value))
    if (key !== 'matchLabels' && key !== 'matchExpressions')
      tell(
        'unknown-field',
        'warning',
        [...path, key],
        `${JSON.stringify(key.slice(0, 60))} is no field here: the API server drops it`,
      )
  const expressions = field(value, 'matchExpressions') ?? undefined
  if (expressions !== undefined && !Array.isArray(expressions)) return fault('matchExpressions is no list')
  for (const each of list(expressions)) {
    const values = field(each, 'values') ?? undefined
    if (values !== undefined && (!Array.isArray(values) || values.some((one) => typeof one !== 'string')))
      return fault('the values of a match expression are no list of texts')
  }
  const labels = field(value, 'matchLabels') ?? undefined
  if (labels === undefined && list(expressions).length === 0) return 'empty'
  const selector = parseSelector(value)
  if (selector === undefined || typeof selector === 'string') return fault(selector ?? 'the namespaceSelector is empty')
  for (const { key, values } of selector) {
    if (!isLabelKey(key)) return fault(`${JSON.stringify(key.slice(0, 80))} is no key of a label`)
    const bad = values.find((each) => !isLabelValue(each))
    if (bad !== undefined) return fault(`${JSON.stringify(bad.slice(0, 80))} is no value of a label`)
  }
  if (selector.length === 0)
    tell('selects-everything', 'warning', path, 'matchLabels is there and empty: every namespace is selected')
  return selector
}

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const PREFIX = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/

/** apimachinery/pkg/labels/selector.go NewRequirement: a qualified name; a value of at most 63 characters, or none. */
function isLabelKey(key: string): boolean {
  const parts = key.split('/')
  const name = parts.at(-1) as string
  const prefix = parts.length === 2 ? (parts[0] as string) : undefined
  if (parts.length > 2 || name.length > 63 || !NAME.test(name)) return false
  return prefix === undefined || (prefix.length <= 253 && PREFIX.test(prefix) && !/\.[.-]|-\./.test(prefix))
}

function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && NAME.test(value))
}
