import { field, isObject, type Json, list, string, strings } from '../json.ts'
import { parseSelector, type Selector, selects } from '../labels.ts'
import type { Namespace } from '../namespace.ts'

/** What the user says of applications and teams: it always wins, and it only comes from what the user named. */
export interface ApplicationConfig {
  /** The first that matches and names an application decides that, the first that matches and names a team decides that. */
  readonly rules?: readonly ApplicationRule[]
  /** Labels and annotations that name the application, besides those that Bulkhead knows. */
  readonly applicationKeys?: readonly string[]
  /** Labels and annotations that name the owner; replaces the default list. */
  readonly ownerKeys?: readonly string[]
}

/** All conditions that are given hold. A rule without any matches nothing, so that a slip glues nothing together. */
export interface ApplicationRule {
  readonly application?: string
  readonly team?: string
  /** Globs. */
  readonly namespaces?: readonly string[]
  readonly kinds?: readonly string[]
  /** A glob of `*` and `?`. */
  readonly name?: string
  /** Labels of the object, or of its pods. */
  readonly labels?: Selector
  readonly namespaceLabels?: Selector
}

export const DEFAULT_OWNER_KEYS = ['team', 'owner', 'app.kubernetes.io/owner', 'bulkhead.dev/owner'] as const

export interface Candidate {
  readonly namespace: string
  readonly kind: string
  readonly name: string
  readonly labels: readonly ReadonlyMap<string, string>[]
}

export function matches(rule: ApplicationRule, candidate: Candidate, namespace: Namespace | undefined): boolean {
  const { namespaces, kinds, name, labels, namespaceLabels } = rule
  if (!namespaces && !kinds && name === undefined && !labels && !namespaceLabels) return false
  return (
    (kinds?.includes(candidate.kind) ?? true) &&
    (namespaces?.some((each) => matchesGlob(each, candidate.namespace)) ?? true) &&
    (name === undefined || matchesGlob(name, candidate.name)) &&
    (!labels || candidate.labels.some((each) => selects(labels, each))) &&
    (!namespaceLabels || (namespace !== undefined && selects(namespaceLabels, namespace.labels)))
  )
}

/** `*` and `?` only. It goes back to the last star alone, so its time is bounded by the product of the lengths. */
export function matchesGlob(glob: string, text: string): boolean {
  let at = 0
  let star = -1
  let resume = 0
  for (let index = 0; index < text.length; ) {
    if (glob[at] === '*') {
      star = at++
      resume = index
    } else if (at < glob.length && (glob[at] === '?' || glob[at] === text[index])) {
      at++
      index++
    } else if (star >= 0) {
      at = star + 1
      index = ++resume
    } else return false
  }
  while (glob[at] === '*') at++
  return at === glob.length
}

/** Reads the `applications` part of a configuration file. Each problem is told; what has one is left out. */
export function decodeApplicationConfig(value: Json | undefined): {
  config: ApplicationConfig
  problems: readonly string[]
} {
  const problems: string[] = []
  const told = (where: string, problem: string): void => void problems.push(`applications${where}${problem}`)
  if (value !== undefined && !isObject(value)) told('', ' is not a mapping')
  onlyKeys(value, ['rules', 'applicationKeys', 'ownerKeys'], '', told)
  const given = field(value, 'rules')
  if (given !== undefined && !Array.isArray(given)) told('.rules', ' is not a list')
  const rules = list(given).flatMap((item, index) => decodeRule(item, `.rules[${index}]`, told))
  const keys = (name: 'applicationKeys' | 'ownerKeys'): ApplicationConfig => {
    const names = field(value, name)
    return names === undefined ? {} : { [name]: textsOf(names, `.${name}`, told) }
  }
  return { config: { rules, ...keys('applicationKeys'), ...keys('ownerKeys') }, problems }
}

type Tell = (where: string, problem: string) => void

function decodeRule(item: Json, where: string, told: Tell): ApplicationRule[] {
  const application = string(field(item, 'application'))
  const team = string(field(item, 'team'))
  const select = field(item, 'select')
  onlyKeys(item, ['application', 'team', 'select'], where, told)
  if (!application && !team) {
    told(where, ' names neither an application nor a team')
    return []
  }
  if (!isObject(select)) {
    told(where, '.select is missing: it would match nothing')
    return []
  }
  onlyKeys(select, ['namespaces', 'kinds', 'name', 'labels', 'namespaceLabels'], `${where}.select`, told)
  const texts = (name: 'namespaces' | 'kinds'): ApplicationRule => {
    const given = field(select, name)
    return given === undefined ? {} : { [name]: textsOf(given, `${where}.select.${name}`, told) }
  }
  const selector = (name: 'labels' | 'namespaceLabels'): ApplicationRule | undefined => {
    const given = field(select, name)
    if (given === undefined) return {}
    const place = `${where}.select.${name}`
    // An empty selector selects everything, so `labels: {app: x}` must not be read as one.
    onlyKeys(given, ['matchLabels', 'matchExpressions'], place, told)
    const parsed = parseSelector(given)
    if (typeof parsed === 'string') told(place, `: ${parsed}`)
    return typeof parsed === 'string' ? undefined : parsed ? { [name]: parsed } : {}
  }
  const labels = selector('labels')
  const namespaceLabels = selector('namespaceLabels')
  if (!labels || !namespaceLabels) return []
  const name = field(select, 'name')
  if (name !== undefined && typeof name !== 'string') told(where, '.select.name is not a string')
  return [
    {
      ...(application ? { application } : {}),
      ...(team ? { team } : {}),
      ...texts('namespaces'),
      ...texts('kinds'),
      ...(typeof name === 'string' ? { name } : {}),
      ...labels,
      ...namespaceLabels,
    },
  ]
}

/** A key that nothing reads is a slip, and a slip would change what is grouped without a word. */
export function onlyKeys(value: Json | undefined, known: readonly string[], where: string, told: Tell): void {
  if (!isObject(value)) return
  for (const key of Object.keys(value))
    if (!known.includes(key)) told(where, `: "${key}" is not one of ${known.join(', ')}`)
}

function textsOf(value: Json, where: string, told: Tell): readonly string[] {
  if (!Array.isArray(value) || !value.every((each) => typeof each === 'string'))
    told(where, ' is not a list of strings')
  return strings(value)
}
