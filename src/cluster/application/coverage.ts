import type { Cluster } from '../cluster.ts'
import { at } from '../json.ts'
import type { KubeObject } from '../object.ts'
import { subjectId } from '../rbac.ts'
import type { Applications, Coverage } from './application.ts'

/** Kinds that record what the system does, or bound a whole namespace: no application owns them. */
const LEFT_OUT: ReadonlySet<string> = new Set([
  'Event',
  'Lease',
  'EndpointSlice',
  'Endpoints',
  'ControllerRevision',
  'LimitRange',
  'ResourceQuota',
  'CSIStorageCapacity',
  'PodMetrics',
  'PodTemplate',
  'PolicyReport',
  'EphemeralReport',
  'VulnerabilityReport',
  'ConfigAuditReport',
  'CiliumEndpoint',
  'ReferenceGrant',
])

/** Objects that Kubernetes itself makes, in every namespace or in its own. */
const SYSTEM: ReadonlyMap<string, RegExp> = new Map([
  ['ServiceAccount', /\/default$/],
  ['Service', /^Service\/default\/kubernetes$/],
  [
    'ConfigMap',
    /\/(kube-root-ca|openshift-service-ca)\.crt$|\/kube-system\/(extension-apiserver-authentication|kube-apiserver-legacy-service-account-token-tracking|kubeadm-config|kubelet-config.*)$|\/kube-public\/cluster-info$/,
  ],
])

const BOOTSTRAPPING = 'kubernetes.io/bootstrapping'

export function coverageOf(cluster: Cluster, isResolved: (id: string) => boolean): Applications['coverage'] {
  const workloads = cluster.workloads.map(({ id }) => id)
  const controllers = controllerAccounts(cluster)
  const others = cluster.objects.flatMap((object) =>
    countsAlone(object, cluster) && (!controllers.has(object.id) || isResolved(object.id)) ? [object.id] : [],
  )
  return {
    workloads: share(workloads, isResolved),
    objects: share([...workloads, ...others], isResolved),
    leftOut: [
      ...[...LEFT_OUT].sort(),
      'what a workload owns (Pod, ReplicaSet, Job)',
      'what Kubernetes itself makes (kube-root-ca.crt, the default ServiceAccount, the accounts of its controllers)',
    ],
  }
}

/** The accounts of the controllers in kube-controller-manager: bound to `system:` roles, and no pod runs as them. */
function controllerAccounts(cluster: Cluster): ReadonlySet<string> {
  const ids = cluster.bindings.flatMap(({ roleName, subjects }) =>
    roleName.startsWith('system:') ? subjects.map(subjectId) : [],
  )
  return new Set(ids.filter((id) => id.startsWith('ServiceAccount/kube-system/')))
}

function countsAlone(object: KubeObject, cluster: Cluster): boolean {
  return (
    object.namespace !== '' &&
    cluster.workloadOf(object.id) === undefined &&
    !LEFT_OUT.has(object.kind) &&
    SYSTEM.get(object.kind)?.test(object.id) !== true &&
    at(object.body, 'metadata', 'labels', BOOTSTRAPPING) === undefined
  )
}

function share(ids: readonly string[], isResolved: (id: string) => boolean): Coverage {
  const unresolved = ids.filter((id) => !isResolved(id)).sort()
  const resolved = ids.length - unresolved.length
  return { resources: ids.length, resolved, unresolved, share: ids.length === 0 ? 1 : resolved / ids.length }
}
