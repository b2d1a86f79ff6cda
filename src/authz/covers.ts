import type { PolicyRule } from '../cluster/rbac.ts'
import { urlMatches } from './rules.ts'

/** component-helpers/auth/rbac/validation/policy_comparator.go: whether an owner's rules cover those it would hand on. */

/** Breaks a rule into atoms of one group, resource, verb and name, or one URL and verb. */
export function atoms(rule: PolicyRule): readonly PolicyRule[] {
  const parts: PolicyRule[] = []
  const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] }
  for (const apiGroup of rule.apiGroups) {
    for (const resource of rule.resources) {
      for (const verb of rule.verbs) {
        const atom = { ...none, verbs: [verb], apiGroups: [apiGroup], resources: [resource] }
        if (rule.resourceNames.length === 0) parts.push(atom)
        else for (const name of rule.resourceNames) parts.push({ ...atom, resourceNames: [name] })
      }
    }
  }
  for (const url of rule.nonResourceURLs)
    for (const verb of rule.verbs) parts.push({ ...none, verbs: [verb], nonResourceURLs: [url] })
  return parts
}

function hasAll(owner: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((each) => owner.includes(each))
}

/** `*` covers everything; `*\/sub` covers that subresource of any resource; a list never covers `*`. */
function resourcesCovered(owner: readonly string[], wanted: readonly string[]): boolean {
  if (owner.includes('*') || hasAll(owner, wanted)) return true
  return wanted.every((each) => {
    const slash = each.indexOf('/')
    return owner.includes(each) || (slash >= 0 && owner.includes(`*${each.slice(slash)}`))
  })
}

/** One rule of the owner must cover the whole atom. */
export function ruleCovers(owner: PolicyRule, atom: PolicyRule): boolean {
  const verbs = owner.verbs.includes('*') || hasAll(owner.verbs, atom.verbs)
  const groups = owner.apiGroups.includes('*') || hasAll(owner.apiGroups, atom.apiGroups)
  const urls = atom.nonResourceURLs.every((each) => urlMatches(owner, each))
  const names =
    atom.resourceNames.length === 0
      ? owner.resourceNames.length === 0
      : owner.resourceNames.length === 0 || hasAll(owner.resourceNames, atom.resourceNames)
  return verbs && groups && resourcesCovered(owner.resources, atom.resources) && urls && names
}

/** The atoms of `wanted` that no single rule of `owner` covers; empty means covered. */
export function uncovered(owner: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(atoms).filter((atom) => !owner.some((rule) => ruleCovers(rule, atom)))
}
