import type { RbacPolicy } from '../../../authz/policy.ts'
import { NOT_KEPT } from './behaviour.ts'

/**
 * A path as rules see it: itself where one names it, else what the longest pattern with a star says of it and the mark of
 * those that are not kept, which no narrower pattern matches.
 */
export function urlClassOf(policy: RbacPolicy): (path: string) => string {
  const patterns = new Set(policy.roles.flatMap((role) => role.rules.flatMap((rule) => rule.nonResourceURLs)))
  const prefixes = [...patterns]
    .filter((each) => each.endsWith('*'))
    .map((each) => each.replace(/\*+$/, ''))
    .sort((a, b) => b.length - a.length)
  return (path) =>
    patterns.has(path) ? path : `${prefixes.find((prefix) => path.startsWith(prefix)) ?? ''}${NOT_KEPT}`
}
