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

/** Reads the `applications` part of a configuration file. A problem is told, and what has it is left out. */
export function decodeApplicationConfig(value: Json | undefined): {
  config: ApplicationConfig
  problems: readonly string[]
} {
  const problems: string[] = []
  const rules = list(field(value, 'rules')).flatMap((item, index) => decodeRule(item, `rules[${index}]`, problems))
  const keys = (name: 'applicationKeys' | 'ownerKeys'): ApplicationConfig =>
    field(value, name) === undefined ? {} : { [name]: strings(field(value, name)) }
  return { config: { rules, ...keys('applicationKeys'), ...keys('ownerKeys') }, problems }
}

function decodeRule(item: Json, where: string, problems: string[]): ApplicationRule[] {
  const application = string(field(item, 'application'))
  const team = string(field(item, 'team'))
  const select = field(item, 'select')
  if (!application && !team) problems.push(`${where} names neither an application nor a team`)
  else if (!isObject(select)) problems.push(`${where}.select is missing: it would match nothing`)
  else {
    const labels = parseSelector(field(select, 'labels'))
    const namespaceLabels = parseSelector(field(select, 'namespaceLabels'))
    if (typeof labels === 'string') problems.push(`${where}.select.labels: ${labels}`)
    else if (typeof namespaceLabels === 'string') problems.push(`${where}.select.namespaceLabels: ${namespaceLabels}`)
    else {
      const name = string(field(select, 'name'))
      return [
        {
          ...(application ? { application } : {}),
          ...(team ? { team } : {}),
          ...(field(select, 'namespaces') === undefined ? {} : { namespaces: strings(field(select, 'namespaces')) }),
          ...(field(select, 'kinds') === undefined ? {} : { kinds: strings(field(select, 'kinds')) }),
          ...(name === undefined ? {} : { name }),
          ...(labels ? { labels } : {}),
          ...(namespaceLabels ? { namespaceLabels } : {}),
        },
      ]
    }
  }
  return []
}
