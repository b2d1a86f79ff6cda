import { field, isObject, type Json, list, object, string } from '../cluster/json.ts'
import { parseSelector, type Requirement } from '../cluster/labels.ts'
import { noting, type SettingsDocument } from './document.ts'
import type { Decoded, Exception, ExceptionNote } from './exception.ts'
import { type NamePattern, regex } from './pattern.ts'
import type { ResourceSelector } from './selector.ts'

/** Whether a document is a list of Kubescape's posture exceptions, or one of them. */
export function isPostureExceptions(value: Json): boolean {
  const first = Array.isArray(value) ? list(value)[0] : value
  return (
    string(field(first, 'policyType')) === 'postureExceptionPolicy' || Array.isArray(field(first, 'posturePolicies'))
  )
}

/**
 * Kubescape's exceptions (opa-utils/exceptions/exceptions.go): one of `resources` matches, and one of `posturePolicies`
 * names the control. Names are regular expressions for the whole name. Kubescape has no reasons, owners or expiry here,
 * but an `expirationDate`.
 */
export function decodePostureExceptions(document: SettingsDocument): Decoded {
  const notes: ExceptionNote[] = []
  const told = noting(document, notes)
  const items = Array.isArray(document.value) ? list(document.value) : [document.value]
  const exceptions = items.flatMap((item, index): readonly Exception[] => {
    const path = Array.isArray(document.value) ? [index] : []
    const name = string(field(item, 'name')) ?? `exception ${index + 1}`
    const tell = (text: string): void => told('not-carried-over', path, `${name}: ${text}`)
    if (!isObject(item)) {
      told('malformed', path, `${name} is not a mapping`)
      return []
    }
    const resources = list(field(item, 'resources')).flatMap((each) => {
      const selector = designated(each, field(item, 'objectSelector') ?? null)
      if (typeof selector !== 'string') return [selector]
      tell(selector)
      return []
    })
    const checks = controlsIn(list(field(item, 'posturePolicies')), tell)
    if (resources.length === 0 || checks.length === 0) {
      tell('nothing of it could be carried over')
      return []
    }
    return [
      {
        name,
        kind: 'kubescape',
        from: 'given',
        resources,
        checks,
        reason: reasonOf(item),
        expires: dayOf(item),
        place: () => document.place(path),
      },
    ]
  })
  return { exceptions, notes }
}

function reasonOf(item: Json): string {
  const reason = field(item, 'reason')
  return typeof reason === 'string' ? reason : ''
}

/** An instant is over when its day is. */
function dayOf(item: Json): string {
  const date = string(field(item, 'expirationDate'))
  return date !== undefined && /^\d{4}-\d{2}-\d{2}/.test(date) ? date.slice(0, 10) : 'never'
}

function controlsIn(policies: readonly Json[], tell: (text: string) => void): readonly string[] {
  if (policies.length === 0) return ['kubescape:*']
  const checks: string[] = []
  for (const policy of policies) {
    const control = string(field(policy, 'controlID')) ?? string(field(policy, 'controlId')) ?? ''
    const others = ['frameworkName', 'ruleName'].filter((key) => (string(field(policy, key)) ?? '') !== '')
    if (control === '' && others.length > 0) tell(`a policy by ${others.join(' and ')} alone is not carried over`)
    else if (control === '') checks.push('kubescape:*')
    else if (!/^[A-Za-z]-\d+$/.test(control)) tell(`the control ${control} is a pattern, which is not carried over`)
    else {
      if (others.includes('ruleName')) tell(`${control} is excepted for one rule of it, which is not carried over`)
      else checks.push(`kubescape:${control}`)
    }
  }
  return checks
}

const ATTRIBUTES = { kind: 'kinds', name: 'names', namespace: 'namespaces', containerName: 'containers' } as const

function designated(value: Json, objectSelector: Json): ResourceSelector | string {
  const type = string(field(value, 'designatorType'))
  if (type !== undefined && type.toLowerCase() !== 'attributes') return `a designator by ${type} is not carried over`
  const found: { [key: string]: readonly NamePattern[] } = {}
  const labels: Requirement[] = []
  for (const [key, text] of Object.entries(object(field(value, 'attributes')))) {
    if (typeof text !== 'string') return `the attribute ${key} is not a text`
    if (text === '') continue
    if (Object.hasOwn(ATTRIBUTES, key)) {
      const pattern = regex(text)
      if (typeof pattern === 'string') return `the attribute ${key}: ${pattern}`
      found[ATTRIBUTES[key as keyof typeof ATTRIBUTES]] = [pattern]
    } else if (UNKNOWN_HERE.has(key)) return `resources by ${key} cannot be told apart here`
    else if (!/^[\w./-]*$/.test(text)) return `the label ${key} is a pattern, which is not carried over`
    else labels.push({ key, operator: 'In', values: [text] })
  }
  const selector = parseSelector(objectSelector)
  if (typeof selector === 'string') return `objectSelector: ${selector}`
  if (Object.keys(found).length === 0 && labels.length === 0) return 'a designator without attributes matches nothing'
  labels.push(...(selector ?? []))
  return { ...found, ...(labels.length > 0 ? { labels } : {}) }
}

/** What a scan of files and snapshots does not know of an object. */
const UNKNOWN_HERE: ReadonlySet<string> = new Set(['cluster', 'path', 'resourceID', 'apiGroup', 'apiVersion'])
