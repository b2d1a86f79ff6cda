import { field, isObject, type Json, list, string, strings } from './json.ts'

export type Truth = 'yes' | 'no' | 'unknown'

/** `yes` beats `unknown` beats `no`. */
export function either(a: Truth, b: Truth): Truth {
  return a === 'yes' || b === 'yes' ? 'yes' : a === 'unknown' || b === 'unknown' ? 'unknown' : 'no'
}

/** `no` beats `unknown` beats `yes`. */
export function both(a: Truth, b: Truth): Truth {
  return a === 'no' || b === 'no' ? 'no' : a === 'unknown' || b === 'unknown' ? 'unknown' : 'yes'
}

export type Operator = 'In' | 'NotIn' | 'Exists' | 'DoesNotExist'

export interface Requirement {
  readonly key: string
  readonly operator: Operator
  readonly values: readonly string[]
}

/** A metav1.LabelSelector: all requirements hold. None at all selects everything. */
export type Selector = readonly Requirement[]

const OPERATORS: ReadonlySet<string> = new Set(['In', 'NotIn', 'Exists', 'DoesNotExist'])

/**
 * metav1.LabelSelectorAsSelector: undefined for an absent selector, which selects nothing; a string is the reason why
 * the API server would refuse it.
 */
export function parseSelector(value: Json | undefined): Selector | undefined | string {
  if (value === undefined || value === null) return undefined
  if (!isObject(value)) return 'a label selector is not an object'
  const requirements: Requirement[] = []
  const matchLabels = field(value, 'matchLabels')
  if (matchLabels !== undefined && matchLabels !== null && !isObject(matchLabels)) return 'matchLabels is not an object'
  for (const [key, label] of Object.entries(isObject(matchLabels) ? matchLabels : {})) {
    if (typeof label !== 'string') return `matchLabels[${JSON.stringify(key)}] is not a string`
    requirements.push({ key, operator: 'In', values: [label] })
  }
  for (const expression of list(field(value, 'matchExpressions'))) {
    const key = string(field(expression, 'key'))
    const operator = string(field(expression, 'operator'))
    const values = strings(field(expression, 'values'))
    if (key === undefined || operator === undefined) return 'a match expression lacks its key or operator'
    if (!OPERATORS.has(operator)) return `"${operator}" is not a valid label selector operator`
    const wantsValues = operator === 'In' || operator === 'NotIn'
    if (wantsValues !== values.length > 0)
      return wantsValues ? `${operator} needs values` : `${operator} takes no values`
    requirements.push({ key, operator: operator as Operator, values })
  }
  return requirements
}

/** spec.selector of a Service or ReplicationController: plain key-value pairs; absent or empty selects nothing. */
export function plainSelector(value: Json | undefined): Selector | undefined {
  if (!isObject(value)) return undefined
  const requirements = Object.entries(value).flatMap(([key, label]) =>
    typeof label === 'string' ? [{ key, operator: 'In' as const, values: [label] }] : [],
  )
  return requirements.length === 0 ? undefined : requirements
}

function satisfies(requirement: Requirement, label: string | undefined): boolean {
  switch (requirement.operator) {
    case 'In':
      return label !== undefined && requirement.values.includes(label)
    case 'NotIn':
      return label === undefined || !requirement.values.includes(label)
    case 'Exists':
      return label !== undefined
    case 'DoesNotExist':
      return label === undefined
    default:
      return requirement.operator satisfies never
  }
}

export function selects(selector: Selector, labels: ReadonlyMap<string, string>): boolean {
  return selector.every((requirement) => satisfies(requirement, labels.get(requirement.key)))
}

/** As `selects`, where a label that is not in `labels` may exist all the same (`complete` is false). */
export function mayMatch(selector: Selector, labels: ReadonlyMap<string, string>, complete: boolean): Truth {
  let truth: Truth = 'yes'
  for (const requirement of selector) {
    const label = labels.get(requirement.key)
    if (label === undefined && !complete) truth = both(truth, 'unknown')
    else if (!satisfies(requirement, label)) return 'no'
  }
  return truth
}

export function formatSelector(selector: Selector): string {
  if (selector.length === 0) return 'everything'
  return selector
    .map(({ key, operator, values }) => {
      if (operator === 'Exists') return key
      if (operator === 'DoesNotExist') return `!${key}`
      if (operator === 'In' && values.length === 1) return `${key}=${values[0]}`
      return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`
    })
    .join(',')
}
