import type { KubeObject } from '../../cluster/object.ts'
import type { Check } from '../check.ts'
import { checkOf, type PolicyCheck } from './check.ts'

export const PROFILES = ['default', 'baseline', 'restricted', 'polaris', 'all'] as const
export type Profile = (typeof PROFILES)[number]

/** The newest policy version of Pod Security that is known: k8s.io/pod-security-admission of Kubernetes 1.37. */
export const LATEST_POD_SECURITY = 37

/**
 * The catalogue's policies as checks. Of a Pod Security control that has changed its meaning, the text that holds for the
 * policy version: of those not newer than it, the newest (k8s.io/pod-security-admission/policy/registry.go).
 */
export function catalogueChecks(policies: readonly KubeObject[], podSecurity: number): readonly PolicyCheck[] {
  const chosen = new Map<string, PolicyCheck>()
  for (const check of policies.map(checkOf)) {
    const since = check.podSecurity?.since
    if (since !== undefined && since > podSecurity) continue
    const other = chosen.get(check.id)
    if (other?.podSecurity === undefined || since === undefined || since > other.podSecurity.since)
      chosen.set(check.id, check)
  }
  return [...chosen.values()]
}

/** Whether a check belongs to a profile. `overridden`: baseline controls that a restricted one says more strictly. */
export function inProfile(check: Check | PolicyCheck, profile: Profile, overridden: ReadonlySet<string>): boolean {
  const level = 'podSecurity' in check ? check.podSecurity?.level : undefined
  switch (profile) {
    case 'all':
      return true
    case 'default':
      return check.profiles.includes('default')
    case 'polaris':
      return check.polaris !== undefined
    case 'baseline':
      return level === 'baseline'
    case 'restricted':
      return level === 'restricted' || (level === 'baseline' && !overridden.has(check.aliases.pss ?? ''))
    default:
      return profile satisfies never
  }
}

/** Pod Security's ids of the baseline controls that the chosen restricted ones override. */
export function overriddenBy(checks: readonly PolicyCheck[]): ReadonlySet<string> {
  return new Set(checks.flatMap((check) => check.podSecurity?.overrides ?? []))
}
