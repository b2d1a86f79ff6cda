// The words in which the API server refuses to hand on what is not held.
import { quoted } from '../../src/authz/quoted.ts'
import type { PolicyRule } from '../../src/cluster/rbac.ts'

/** CompactRules and CompactString of pkg/registry/rbac/validation and pkg/apis/rbac/v1: verbs of one resource together, sorted. */
export function compacted(missing: readonly PolicyRule[]): readonly string[] {
  const verbs = new Map<string, string[]>()
  const lines = new Set<string>()
  for (const atom of missing) {
    if (atom.nonResourceURLs.length > 0) lines.add(line(atom, atom.verbs))
    else {
      const key = JSON.stringify([atom.apiGroups, atom.resources, atom.resourceNames])
      verbs.set(key, [...(verbs.get(key) ?? []), ...atom.verbs])
    }
  }
  for (const [key, all] of verbs) {
    const [apiGroups, resources, resourceNames] = JSON.parse(key)
    lines.add(line({ apiGroups, resources, resourceNames, nonResourceURLs: [] }, all))
  }
  return [...lines].sort(byBytes)
}

function line(rule: Omit<PolicyRule, 'verbs'>, verbs: readonly string[]): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', verbs],
  ] as const
  const told = parts.filter(([, words]) => words.length > 0)
  return `{${told.map(([name, words]) => `${name}:[${words.map(quoted).join(' ')}]`).join(', ')}}`
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
