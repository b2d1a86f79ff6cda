import type { PolicyRule } from '../../cluster/rbac.ts'
import data from './access-policies.json' with { type: 'json' }

interface Row {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

const POLICIES: ReadonlyMap<string, readonly Row[]> = new Map(Object.entries(data.policies))

/**
 * The rules of an EKS access policy, as the Amazon EKS user guide tables them (access-policy-reference); undefined of one
 * that the table does not have.
 */
export function accessPolicyRules(name: string): readonly PolicyRule[] | undefined {
  return POLICIES.get(name)?.map((row) =>
    row.apiGroups.length === 0
      ? { verbs: row.verbs, apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: row.resources }
      : { ...row, resourceNames: [], nonResourceURLs: [] },
  )
}

export function knownAccessPolicies(): readonly string[] {
  return [...POLICIES.keys()]
}
