import type { UsedRight } from '../fix.ts'
import type { Atom } from './rules-edit.ts'

/** Rights whose use leaves no request of the one who has them. */

/**
 * Asked by the kubelet on behalf of whoever calls it (pkg/kubelet/server/auth.go): a SubjectAccessReview of another
 * subject. Those that give control of pods, `nodes/proxy` and `nodes/log`, are not spared.
 */
const DELEGATED: ReadonlySet<string> = new Set([
  'nodes/metrics',
  'nodes/stats',
  'nodes/spec',
  'nodes/healthz',
  'nodes/configz',
])

export function isUntold({ resource }: Atom): boolean {
  return DELEGATED.has(resource)
}

const RBAC = 'rbac.authorization.k8s.io'
const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

/**
 * Checked besides a request, with no line of its own in the audit log: `escalate` and `bind` (registry/rbac), `approve`,
 * `sign` and `attest` (registry/certificates), `update` of finalizers (admission/gc). They are needed only by whoever
 * makes the request that asks for them.
 */
export function needed(rights: readonly UsedRight[]): (atom: Atom) => boolean {
  const writes = rights.filter(({ verb }) => WRITES.has(verb))
  const wrote = (group: string, test: (resource: string) => boolean): boolean =>
    writes.some((right) => right.group === group && test(right.resource))
  const roles = wrote(RBAC, (resource) => resource === 'roles' || resource === 'clusterroles')
  const bindings = wrote(RBAC, (resource) => resource.endsWith('bindings'))
  const certificates = wrote('certificates.k8s.io', () => true)
  const isRole = (resource: string): boolean => resource === 'roles' || resource === 'clusterroles'
  return ({ verb, resource }) =>
    (verb === 'escalate' && isRole(resource) && roles) ||
    (verb === 'bind' && isRole(resource) && bindings) ||
    ((verb === 'approve' || verb === 'sign' || verb === 'attest') && resource === 'signers' && certificates) ||
    (verb === 'update' && resource.endsWith('/finalizers') && writes.length > 0)
}
