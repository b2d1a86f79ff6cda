import type { Edit } from '../../cluster/edit/change.ts'
import { at, type Json, list, type Path } from '../../cluster/json.ts'
import { type PolicyRule, type Role, ruleBody } from '../../cluster/rbac.ts'

/** What becomes of one rule: `keep` as it is, or the rules in its place. */
export type NewRule = 'keep' | readonly PolicyRule[]

const FIELDS = ['verbs', 'apiGroups', 'resources', 'nonResourceURLs'] as const

/**
 * Edits that take out of a role's rules no more than must go: single items, where what stays is still one rule of fewer
 * items. Indices are removed from the last to the first, so that each stands where it stood.
 */
export function editsOf(role: Role, rules: readonly NewRule[]): readonly Edit[] {
  if (rules.every((each) => each !== 'keep' && each.length === 0)) return [{ op: 'set', path: ['rules'], value: [] }]
  const items: Edit[] = []
  const removed: Edit[] = []
  const added: Edit[] = []
  rules.forEach((kept, index) => {
    if (kept === 'keep') return
    const [only] = kept
    const narrower = only && kept.length === 1 ? itemEdits(role, index, only) : undefined
    if (narrower) items.push(...narrower)
    else {
      removed.unshift({ op: 'remove', path: ['rules', index] })
      for (const each of kept) added.push({ op: 'append', path: ['rules'], value: ruleBody(each) })
    }
  })
  return [...items, ...removed, ...added]
}

/** Undefined where the rule has something that the one in its place does not narrow but replace (`*`). */
function itemEdits(role: Role, index: number, kept: PolicyRule): readonly Edit[] | undefined {
  const edits: Edit[] = []
  for (const key of FIELDS) {
    const path: Path = ['rules', index, key]
    const before = list(at(role.object.body, ...path))
    if (kept[key].some((each) => !before.includes(each))) return undefined
    if (kept[key].length === 0 && before.length > 0) edits.push({ op: 'remove', path })
    else
      for (let item = before.length - 1; item >= 0; item--)
        if (!(kept[key] as readonly Json[]).includes(before[item] as Json))
          edits.push({ op: 'remove', path: [...path, item] })
  }
  return edits
}

/** One verb on one resource of one group, as a rule names them. */
export interface Atom {
  readonly verb: string
  readonly group: string
  readonly resource: string
}

/** The fewest rules, more or less, that allow just these: resources with the same verbs in one, groups alike in one. */
export function rulesFor(atoms: readonly Atom[], resourceNames: readonly string[]): readonly PolicyRule[] {
  const byResource = new Map<string, Map<string, Set<string>>>()
  for (const { verb, group, resource } of atoms) {
    const verbs = byResource.get(resource) ?? new Map<string, Set<string>>()
    byResource.set(resource, verbs.set(verb, (verbs.get(verb) ?? new Set()).add(group)))
  }
  const rules = new Map<string, { verbs: readonly string[]; apiGroups: readonly string[]; resources: Set<string> }>()
  for (const [resource, verbs] of byResource) {
    for (const [groups, own] of Map.groupBy(verbs.keys(), (verb) =>
      JSON.stringify([...(verbs.get(verb) ?? [])].sort()),
    )) {
      const key = `${groups} ${JSON.stringify([...own].sort())}`
      const rule = rules.get(key) ?? { verbs: own, apiGroups: JSON.parse(groups) as string[], resources: new Set() }
      rule.resources.add(resource)
      rules.set(key, rule)
    }
  }
  return [...rules.values()].map(({ verbs, apiGroups, resources }) => ({
    verbs,
    apiGroups,
    resources: [...resources],
    resourceNames,
    nonResourceURLs: [],
  }))
}

export function urlsOf(rule: PolicyRule, verbs: readonly string[], urls: readonly string[]): readonly PolicyRule[] {
  if (verbs.length === 0 || urls.length === 0) return []
  if (verbs.length === rule.verbs.length && urls.length === rule.nonResourceURLs.length && rule.resources.length === 0)
    return [{ ...rule }]
  return [{ verbs, apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: urls }]
}
