import { isDefaultBinding } from '../../authz/bootstrap.ts'
import type { RbacPolicy } from '../../authz/policy.ts'
import { ANONYMOUS, AUTHENTICATED, SERVICE_ACCOUNTS, UNAUTHENTICATED } from '../../authz/subjects.ts'
import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, string } from '../../cluster/json.ts'
import { idParts, type KubeObject } from '../../cluster/object.ts'
import type { Binding } from '../../cluster/rbac.ts'
import type { Edge, Finding, Severity, Unknown } from '../engine.ts'
import { deputiesOf } from './deputies.ts'
import type { Rights } from './rights.ts'

interface Said {
  readonly severity: Severity
  readonly says: string
}

/** How grave it is that a subject may take a step of a kind, and how a sentence says it; the gravest stand first. */
const STEPS: Readonly<Record<string, Said>> = {
  'cluster-admin': { severity: 'critical', says: 'do everything in the cluster' },
  'bind-role': { severity: 'critical', says: 'bind any ClusterRole to itself' },
  'escalate-role': { severity: 'critical', says: 'write any right into a role that it holds' },
  'impersonate-group': { severity: 'critical', says: 'act as a member of other groups' },
  'replace-api': { severity: 'critical', says: 'have a group of the API served by itself' },
  'approve-certificate': { severity: 'critical', says: 'approve client certificates in any name' },
  'mutate-admitted': { severity: 'critical', says: 'have every new pod changed by a webhook of its own' },
  'mutate-by-policy': { severity: 'critical', says: 'have every new pod changed by an admission policy of its own' },
  deputy: { severity: 'high', says: 'write what a controller does with rights of its own' },
  'write-converted': { severity: 'high', says: 'change what a controller with rights of its own is told' },
  'approve-node-certificate': { severity: 'high', says: 'have certificates signed in the names of nodes' },
  'create-account': { severity: 'high', says: 'create service accounts that bindings wait for' },
  'impersonate-user': { severity: 'high', says: 'act as other users' },
  'kubelet-exec': { severity: 'high', says: 'run commands in pods through the kubelet' },
  'unguarded-pod': { severity: 'high', says: 'take off the Pod Security label and create privileged pods' },
  'unguarded-container': {
    severity: 'high',
    says: 'take off the Pod Security label and add privileged containers to pods',
  },
  'host-volume': { severity: 'high', says: 'mount paths of nodes through PersistentVolumes' },
  'remove-guard': { severity: 'high', says: 'take away what refuses privileged pods' },
  'new-namespace': { severity: 'high', says: 'create namespaces without a guard, and privileged pods in them' },
  'ingress-snippet': { severity: 'high', says: 'configure the ingress controller by snippets' },
  'rewrite-dns': { severity: 'high', says: 'say where the names of the cluster lead' },
  'create-pod': { severity: 'high', says: 'create pods' },
  'patch-template': { severity: 'high', says: 'change pod templates' },
  'impersonate-service-account': { severity: 'high', says: 'act as service accounts' },
  'mint-token': { severity: 'high', says: 'ask for tokens of service accounts' },
  'create-token-secret': {
    severity: 'high',
    says: 'have a token of a service account written into a Secret that it reads',
  },
  'read-secret': { severity: 'medium', says: 'read Secrets' },
  exec: { severity: 'medium', says: 'run commands in pods' },
  attach: { severity: 'medium', says: 'attach to pods' },
  'privileged-container': { severity: 'high', says: 'add privileged containers to pods' },
  'ephemeral-container': { severity: 'medium', says: 'add containers to pods' },
  'patch-pod': { severity: 'medium', says: 'change the image of pods' },
  'block-admission': { severity: 'medium', says: 'have every write to the API refused' },
  'read-admitted': { severity: 'medium', says: 'have Secrets sent to itself when they are written' },
  'forge-front-proxy': { severity: 'low', says: 'be whoever it says to extension API servers' },
  'rebind-volume': { severity: 'medium', says: 'have volumes of other claims bound to its own' },
  'redirect-service': { severity: 'medium', says: 'say where connections to Services lead' },
  'drop-policies': { severity: 'medium', says: 'take NetworkPolicies away' },
  'relabel-namespace': { severity: 'low', says: 'choose the labels by which policies mean its namespace' },
  'relabel-pod': { severity: 'low', says: 'choose the labels by which policies mean pods' },
  'open-address': { severity: 'medium', says: 'lead requests from outside to pods of any namespace' },
  'take-route': { severity: 'low', says: 'take requests for names that routes of others have' },
  'open-service': { severity: 'low', says: 'open pods to the outside by Services' },
  'open-route': { severity: 'low', says: 'open Services to the outside by routes' },
  'claim-address': { severity: 'low', says: 'give Services addresses of others' },
  'stop-node': { severity: 'medium', says: 'drive pods from nodes' },
  'stop-namespace': { severity: 'medium', says: 'delete namespaces' },
  preempt: { severity: 'medium', says: 'have pods of others driven out by its own' },
  'stop-workload': { severity: 'low', says: 'stop workloads' },
  'break-service': { severity: 'low', says: 'take Services from applications' },
  'take-lease': { severity: 'low', says: 'take the leases of controllers' },
  'node-state': { severity: 'low', says: 'read logs or memory of nodes' },
  'port-forward': { severity: 'low', says: 'connect to pods past every NetworkPolicy' },
}

/** How grave it is that a subject may take a step of this kind; undefined for edges that are no such step. */
export function severityOfStep(kind: string): Severity | undefined {
  return Object.hasOwn(STEPS, kind) ? STEPS[kind]?.severity : undefined
}

const WIDE: ReadonlySet<string> = new Set([ANONYMOUS, UNAUTHENTICATED, AUTHENTICATED, SERVICE_ACCOUNTS])

/** A wide group is everybody, or every service account: what it may do, any breach may do. */
function isWide(subject: string): boolean {
  const { kind, name } = idParts(subject)
  return (kind === 'User' || kind === 'Group') && (WIDE.has(name) || name.startsWith(`${SERVICE_ACCOUNTS}:`))
}

interface Told {
  readonly subject: string
  readonly binding: KubeObject
  /** By kind of step. */
  readonly edges: Map<string, Edge[]>
}

/** One finding for each subject and binding, with all that follows: bindings that Kubernetes makes itself are not findings. */
export function* accessFindings(
  cluster: Cluster,
  subjects: ReadonlyMap<string, { readonly rights: Rights; readonly edges: readonly Edge[] }>,
): Generator<Finding> {
  const defaults = new Set(
    cluster.bindings.filter((each) => isDefaultBinding(each, cluster.version.minor)).map((each) => each.object.id),
  )
  const found = new Map<string, Told>()
  for (const [subject, { edges }] of subjects) {
    for (const edge of edges) {
      const binding = edge.because.find((each) => each.object?.kind.endsWith('Binding'))?.object
      if (!Object.hasOwn(STEPS, edge.kind) || !binding || defaults.has(binding.id)) continue
      if (!binding.origin && !binding.made) continue
      const key = `${binding.id} ${subject}`
      const told = found.get(key) ?? { subject, binding, edges: new Map<string, Edge[]>() }
      found.set(key, told)
      const same = told.edges.get(edge.kind)
      if (same) same.push(edge)
      else told.edges.set(edge.kind, [edge])
    }
  }
  for (const told of found.values()) yield findingOf(told)
  yield* dangling(cluster)
}

const RANK: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** Whoever has the pods of a place is told nothing new by what opens them to the outside. */
const HAVING_PODS: ReadonlySet<string> = new Set(['create-pod', 'patch-template', 'patch-pod', 'exec', 'attach'])
const OPENING: ReadonlySet<string> = new Set(['open-service', 'open-route'])

function findingOf({ subject, binding, edges }: Told): Finding {
  const all = Object.keys(STEPS).filter((kind) => edges.has(kind))
  const hasPods = all.some((kind) => HAVING_PODS.has(kind) && only(edges.get(kind) as Edge[]) === '')
  const kinds = hasPods ? all.filter((kind) => !OPENING.has(kind)) : all
  const gravest = RANK.find((severity) => kinds.some((kind) => STEPS[kind]?.severity === severity)) as Severity
  const wide = isWide(subject)
  const { kind, namespace, name } = idParts(subject)
  const where = binding.namespace === '' ? '' : `, in namespace ${binding.namespace},`
  const makesPods = kinds.some((each) => each === 'create-pod' || each === 'patch-template')
  const tail = makesPods ? '. Whoever makes pods may be any service account and read any Secret there' : ''
  const says = kinds.map((each) => `${STEPS[each]?.says}${only(edges.get(each) as Edge[])}`)
  return {
    check: wide ? 'wide-group' : 'access-binding',
    severity: wide ? 'critical' : gravest,
    object: binding,
    part: subject,
    message: `${kind} ${namespace === '' ? name : `${namespace}/${name}`} may${where} ${says.join('; ')}${tail}`,
    because: [
      ...new Map(
        kinds
          .flatMap((each) => edges.get(each)?.[0]?.because ?? [])
          .map((each) => [`${each.object?.id} ${each.text}`, each]),
      ).values(),
    ],
  }
}

/** Which ones, where the rule names them. */
function only(edges: readonly Edge[]): string {
  const targets = [...new Set(edges.map((edge) => edge.to))]
  if (targets.some((to) => to.startsWith('Scope/') || to.startsWith('ControlPlane/'))) return ''
  const names = targets.slice(0, 3).map((to) => idParts(to).name)
  return ` (only ${names.join(', ')}${targets.length > 3 ? ` and ${targets.length - 3} more` : ''})`
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

/** Manifests without a namespace go to the default one, and bindings that name their accounts elsewhere find nobody. */
function* unplaced(cluster: Cluster): Generator<Unknown> {
  const accounts = cluster.ofKind('ServiceAccount')
  const ids = new Set(accounts.map(({ id }) => id))
  const adrift = new Set(
    accounts.filter(({ body }) => !string(at(body, 'metadata', 'namespace'))).map(({ name }) => name),
  )
  const found = cluster.bindings.flatMap((binding) =>
    binding.subjects.flatMap(({ kind, namespace, name }, index) =>
      kind === 'ServiceAccount' && adrift.has(name) && !ids.has(`ServiceAccount/${namespace}/${name}`)
        ? [{ namespace, why: because(`names ${namespace}/${name}`, binding.object, ['subjects', index]) }]
        : [],
    ),
  )
  const [first] = found
  if (!first) return
  yield {
    id: 'unplaced-accounts',
    message: `bindings name service accounts of namespace ${first.namespace}; the input holds accounts of these names without a namespace, which went elsewhere, so they have no rights here`,
    count: found.length,
    because: found.map(({ why }) => why),
    settle: `say where objects go that name no namespace: -n ${first.namespace}`,
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

export function* accessUnknowns(cluster: Cluster, policy: RbacPolicy, edges: readonly Edge[]): Generator<Unknown> {
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
  yield* unplaced(cluster)
  if (cluster.bindings.length === 0 && !cluster.wasListed('RoleBinding') && !cluster.wasListed('ClusterRoleBinding')) {
    yield {
      id: 'no-rbac',
      message: 'the input holds no RBAC: what service accounts and people may do beyond the defaults is not known',
      count: 1,
      because: [],
      settle: 'add roles and bindings (kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml)',
    }
  }
  const { unseen } = deputiesOf(cluster)
  if (unseen.size > 0) {
    const objects = [...unseen.values()].flat()
    yield {
      id: 'deputies-unseen',
      message: `${[...unseen.keys()].sort().join(', ')}: objects that its controller would obey, and no such controller in the input; what whoever writes them gains is not known, and no path is drawn`,
      count: objects.length,
      because: objects.slice(0, 20).map((object) => because('is for a controller that was not seen', object)),
      settle: 'add the workloads of the controllers to the input (kubectl get deployments,statefulsets -A -o yaml)',
    }
  }
  const choosers = edges.filter((edge) => edge.kind === 'new-privileged-pod')
  if (!cluster.placement.seen && choosers.length > 0 && cluster.workloads.length + cluster.bindings.length > 0) {
    yield {
      id: 'control-plane-nodes',
      message:
        'whoever may create privileged pods may ask for a node of the control plane; whether there is one that takes pods was not seen, and no path is drawn to it',
      count: choosers.length,
      because: choosers.flatMap((edge) => edge.because),
      settle: 'add the nodes of the cluster to the input (kubectl get nodes -o yaml)',
    }
  }
}
