import { isDefaultBinding } from '../../authz/bootstrap.ts'
import type { RbacPolicy } from '../../authz/policy.ts'
import { ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED } from '../../authz/subjects.ts'
import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { idParts } from '../../cluster/object.ts'
import type { Binding } from '../../cluster/rbac.ts'
import type { Edge, Finding, Severity, Unknown } from '../engine.ts'
import type { Rights } from './rights.ts'

/** How grave it is that a subject may take a step of a kind, and how a sentence says it. */
const STEPS: Readonly<Record<string, { readonly severity: Severity; readonly says: string }>> = {
  'cluster-admin': { severity: 'critical', says: 'may do everything in the cluster' },
  'bind-role': { severity: 'critical', says: 'may bind any ClusterRole to itself' },
  'escalate-role': { severity: 'critical', says: 'may write any right into a role that it holds' },
  'impersonate-group': { severity: 'critical', says: 'may act as a member of other groups' },
  'impersonate-user': { severity: 'high', says: 'may act as other users' },
  'impersonate-service-account': { severity: 'high', says: 'may act as other service accounts' },
  'unguarded-pod': {
    severity: 'high',
    says: 'may take the Pod Security label off a namespace and create a privileged pod there',
  },
  'kubelet-exec': { severity: 'high', says: 'may run commands in every pod through the kubelet' },
  'create-pod': {
    severity: 'high',
    says: 'may create pods, and so be any service account and read any Secret of the namespace',
  },
  'patch-template': {
    severity: 'high',
    says: 'may change pod templates, and so be any service account and read any Secret of the namespace',
  },
  'create-token-secret': {
    severity: 'high',
    says: 'may have the token of any service account written into a Secret that it reads',
  },
  'mint-token': { severity: 'high', says: 'may ask for tokens of service accounts' },
  'read-secret': { severity: 'medium', says: 'may read Secrets' },
  exec: { severity: 'medium', says: 'may run commands in pods' },
  attach: { severity: 'medium', says: 'may attach to pods' },
  'ephemeral-container': { severity: 'medium', says: 'may add containers to pods' },
  'patch-pod': { severity: 'medium', says: 'may change the image of pods' },
  'node-state': { severity: 'low', says: 'may read logs or memory of nodes' },
  'port-forward': { severity: 'low', says: 'may connect to pods past every NetworkPolicy' },
}

const WIDE: ReadonlySet<string> = new Set([ANONYMOUS, UNAUTHENTICATED, AUTHENTICATED, SERVICE_ACCOUNTS])

/** A wide group is everybody, or every service account: what it may do, any breach may do. */
function isWide(subject: string): boolean {
  const { kind, name } = idParts(subject)
  return (kind === 'User' || kind === 'Group') && (WIDE.has(name) || name.startsWith(`${SERVICE_ACCOUNTS}:`))
}

/** One finding for each subject, binding and kind of step: bindings that Kubernetes makes itself are not findings. */
export function* accessFindings(
  cluster: Cluster,
  subjects: ReadonlyMap<string, { readonly rights: Rights; readonly edges: readonly Edge[] }>,
): Generator<Finding> {
  const defaults = new Set(
    cluster.bindings.filter((each) => isDefaultBinding(each, cluster.version.minor)).map((each) => each.object.id),
  )
  for (const [subject, { edges }] of subjects) {
    const told = new Set<string>()
    for (const edge of edges) {
      const known = STEPS[edge.kind]
      const binding = edge.because.find((each) => each.object?.kind.endsWith('Binding'))?.object
      if (!known || !binding?.origin || defaults.has(binding.id)) continue
      const part = `${edge.kind} ${subject}`
      if (told.has(`${part} ${binding.id}`)) continue
      told.add(`${part} ${binding.id}`)
      const wide = isWide(subject)
      const { kind, namespace, name } = idParts(subject)
      const whom = `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`
      yield {
        check: wide ? 'wide-group' : `access-${edge.kind}`,
        severity: wide ? 'critical' : known.severity,
        object: binding,
        part,
        message: `${whom} ${known.says}${binding.namespace === '' ? '' : ` (namespace ${binding.namespace})`}`,
        because: edge.because,
      }
    }
  }
  yield* dangling(cluster)
}

function* dangling(cluster: Cluster): Generator<Finding> {
  const roles = new Set(cluster.roles.map((role) => `${role.kind}/${role.namespace}/${role.name}`))
  const accounts = new Set(cluster.ofKind('ServiceAccount').map((each) => each.id))
  for (const binding of cluster.bindings) {
    const missing = missingRole(binding, roles)
    if (missing) {
      yield {
        check: 'dangling-role',
        severity: 'low',
        object: binding.object,
        message: `refers to ${missing}, which is not in the input; it grants nothing until somebody creates it`,
        because: [because('no such role', binding.object, ['roleRef'])],
      }
    }
    if (accounts.size === 0) continue
    for (const [index, subject] of binding.subjects.entries()) {
      if (
        subject.kind !== 'ServiceAccount' ||
        subject.name === 'default' ||
        accounts.has(`ServiceAccount/${subject.namespace}/${subject.name}`)
      )
        continue
      yield {
        check: 'dangling-subject',
        severity: 'low',
        object: binding.object,
        part: `${subject.namespace}/${subject.name}`,
        message: `names service account ${subject.namespace}/${subject.name}, which is not in the input; whoever creates it has its rights`,
        because: [because('no such service account', binding.object, ['subjects', index])],
      }
    }
  }
}

/** A role that the input does not hold, and that is none of the defaults either. */
function missingRole({ roleKind, roleName, namespace }: Binding, roles: ReadonlySet<string>): string | undefined {
  const id = `${roleKind}/${roleKind === 'Role' ? namespace : ''}/${roleName}`
  const mayBeDefault =
    roleKind === 'ClusterRole' &&
    (roleName.startsWith('system:') || ['cluster-admin', 'admin', 'edit', 'view'].includes(roleName))
  return roles.has(id) || mayBeDefault ? undefined : `${roleKind} ${roleName}`
}

export function* accessUnknowns(cluster: Cluster, policy: RbacPolicy): Generator<Unknown> {
  const used = new Set(
    cluster.bindings.flatMap((binding) => policy.roleOf(binding) ?? []).filter((role) => role.assumed),
  )
  if (used.size > 0) {
    yield {
      id: 'assumed-roles',
      message: `${[...used]
        .map((role) => role.name)
        .sort()
        .join(', ')}: not in the input, so the default of Kubernetes 1.${cluster.version.minor} was taken`,
      count: used.size,
      because: [...used].map((role) => because(`${role.kind} ${role.name} is the default`)),
      settle: 'add the ClusterRoles of the cluster to the input (kubectl get clusterroles -o yaml)',
    }
  }
  if (cluster.bindings.length === 0 && !cluster.wasListed('RoleBinding') && !cluster.wasListed('ClusterRoleBinding')) {
    yield {
      id: 'no-rbac',
      message: 'the input holds no RBAC: what service accounts and people may do beyond the defaults is not known',
      count: 1,
      because: [],
      settle: 'add roles and bindings (kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml)',
    }
  }
}
