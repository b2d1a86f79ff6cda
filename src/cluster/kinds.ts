import { at, field, type Json, string } from './json.ts'

/** What is known of built-in kinds without asking a server: group, scope, plural, and the short names bundles use. */

export interface KindFact {
  readonly kind: string
  readonly group: string
  readonly plural: string
  readonly namespaced: boolean
}

const facts = (group: string, namespaced: boolean, pairs: Record<string, string>): KindFact[] =>
  Object.entries(pairs).map(([kind, plural]) => ({ kind, group, plural, namespaced }))

export const KINDS: readonly KindFact[] = [
  ...facts('', true, {
    ConfigMap: 'configmaps',
    Endpoints: 'endpoints',
    Event: 'events',
    LimitRange: 'limitranges',
    PersistentVolumeClaim: 'persistentvolumeclaims',
    Pod: 'pods',
    PodTemplate: 'podtemplates',
    ReplicationController: 'replicationcontrollers',
    ResourceQuota: 'resourcequotas',
    Secret: 'secrets',
    Service: 'services',
    ServiceAccount: 'serviceaccounts',
  }),
  ...facts('', false, {
    Namespace: 'namespaces',
    Node: 'nodes',
    PersistentVolume: 'persistentvolumes',
    ComponentStatus: 'componentstatuses',
  }),
  ...facts('apps', true, {
    ControllerRevision: 'controllerrevisions',
    DaemonSet: 'daemonsets',
    Deployment: 'deployments',
    ReplicaSet: 'replicasets',
    StatefulSet: 'statefulsets',
  }),
  ...facts('batch', true, { CronJob: 'cronjobs', Job: 'jobs' }),
  ...facts('autoscaling', true, { HorizontalPodAutoscaler: 'horizontalpodautoscalers' }),
  ...facts('policy', true, { PodDisruptionBudget: 'poddisruptionbudgets' }),
  ...facts('policy', false, { PodSecurityPolicy: 'podsecuritypolicies' }),
  ...facts('networking.k8s.io', true, { Ingress: 'ingresses', NetworkPolicy: 'networkpolicies' }),
  ...facts('networking.k8s.io', false, {
    IngressClass: 'ingressclasses',
    IPAddress: 'ipaddresses',
    ServiceCIDR: 'servicecidrs',
  }),
  ...facts('discovery.k8s.io', true, { EndpointSlice: 'endpointslices' }),
  ...facts('coordination.k8s.io', true, { Lease: 'leases' }),
  ...facts('events.k8s.io', true, { Event: 'events' }),
  ...facts('rbac.authorization.k8s.io', true, { Role: 'roles', RoleBinding: 'rolebindings' }),
  ...facts('rbac.authorization.k8s.io', false, {
    ClusterRole: 'clusterroles',
    ClusterRoleBinding: 'clusterrolebindings',
  }),
  ...facts('storage.k8s.io', false, {
    StorageClass: 'storageclasses',
    VolumeAttachment: 'volumeattachments',
    CSIDriver: 'csidrivers',
    CSINode: 'csinodes',
  }),
  ...facts('storage.k8s.io', true, { CSIStorageCapacity: 'csistoragecapacities' }),
  ...facts('scheduling.k8s.io', false, { PriorityClass: 'priorityclasses' }),
  ...facts('node.k8s.io', false, { RuntimeClass: 'runtimeclasses' }),
  ...facts('certificates.k8s.io', false, {
    CertificateSigningRequest: 'certificatesigningrequests',
    ClusterTrustBundle: 'clustertrustbundles',
  }),
  ...facts('admissionregistration.k8s.io', false, {
    MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
    ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
    ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
    ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
    MutatingAdmissionPolicy: 'mutatingadmissionpolicies',
    MutatingAdmissionPolicyBinding: 'mutatingadmissionpolicybindings',
  }),
  ...facts('apiextensions.k8s.io', false, { CustomResourceDefinition: 'customresourcedefinitions' }),
  ...facts('apiregistration.k8s.io', false, { APIService: 'apiservices' }),
  ...facts('flowcontrol.apiserver.k8s.io', false, {
    FlowSchema: 'flowschemas',
    PriorityLevelConfiguration: 'prioritylevelconfigurations',
  }),
  ...facts('resource.k8s.io', false, { DeviceClass: 'deviceclasses', ResourceSlice: 'resourceslices' }),
  ...facts('resource.k8s.io', true, {
    ResourceClaim: 'resourceclaims',
    ResourceClaimTemplate: 'resourceclaimtemplates',
  }),
]

/** Custom kinds that are often seen without their definition and have no namespace. */
const CLUSTER_SCOPED_CUSTOM: ReadonlySet<string> = new Set([
  'GatewayClass.gateway.networking.k8s.io',
  'AdminNetworkPolicy.policy.networking.k8s.io',
  'BaselineAdminNetworkPolicy.policy.networking.k8s.io',
  'ClusterNetworkPolicy.policy.networking.k8s.io',
  'CiliumClusterwideNetworkPolicy.cilium.io',
  'GlobalNetworkPolicy.crd.projectcalico.org',
  'GlobalNetworkPolicy.projectcalico.org',
  'ClusterPolicy.kyverno.io',
  'ClusterIssuer.cert-manager.io',
  'RBACDefinition.rbacmanager.reactiveops.io',
  'ClusterUserDefinedNetwork.k8s.ovn.org',
  'NodePool.karpenter.sh',
  'EC2NodeClass.karpenter.k8s.aws',
  'SecurityContextConstraints.security.openshift.io',
  'ClusterSecretStore.external-secrets.io',
  'Project.project.openshift.io',
])

const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(KINDS.map((fact) => fact.group))
const BY_KIND: ReadonlyMap<string, KindFact> = new Map(KINDS.map((fact) => [typeName(fact.group, fact.kind), fact]))

/** Groups that served a kind before it moved: the same object under another name. */
const MOVED: ReadonlyMap<string, string> = new Map([
  ['extensions/Deployment', 'apps'],
  ['extensions/DaemonSet', 'apps'],
  ['extensions/ReplicaSet', 'apps'],
  ['extensions/Ingress', 'networking.k8s.io'],
  ['extensions/NetworkPolicy', 'networking.k8s.io'],
  ['extensions/PodSecurityPolicy', 'policy'],
])

export function currentGroup(group: string, kind: string): string {
  return MOVED.get(`${group}/${kind}`) ?? group
}

/** `Deployment` for a built-in kind, `Rollout.argoproj.io` for any other. */
export function typeName(group: string, kind: string): string {
  return group === '' || BUILT_IN_GROUPS.has(group) ? kind : `${kind}.${group}`
}

/** True, false, or undefined for a kind whose scope is not known without its CustomResourceDefinition. */
export function isNamespaced(group: string, kind: string): boolean | undefined {
  const fact = BY_KIND.get(typeName(group, kind))
  if (fact && fact.group === group) return fact.namespaced
  return CLUSTER_SCOPED_CUSTOM.has(`${kind}.${group}`) ? false : undefined
}

/**
 * The resource that a kind is served as: built-in kinds are known, custom ones defined in the input say it; others are
 * taken for the regular plural, which nearly all of them have.
 */
export function pluralOf(group: string, kind: string, cluster: Definitions): string {
  const fact = BY_KIND.get(typeName(group, kind))
  if (fact && fact.group === group) return fact.plural
  for (const definition of cluster.ofKind('CustomResourceDefinition', 'apiextensions.k8s.io')) {
    const spec = field(definition.body, 'spec')
    if (field(spec, 'group') !== group || at(spec, 'names', 'kind') !== kind) continue
    const plural = string(at(spec, 'names', 'plural'))
    if (plural !== undefined) return plural
  }
  const lower = kind.toLowerCase()
  if (/(s|x|z|ch|sh)$/.test(lower)) return `${lower}es`
  return /[^aeiou]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : `${lower}s`
}

/** What tells the definitions of custom kinds: a cluster. */
export interface Definitions {
  ofKind(kind: string, group: string): readonly { readonly body: Json }[]
}

/**
 * What a kind should be that is written as no server serves it: a built-in kind in the wrong built-in group, or with
 * other capitals. Custom groups may use any name.
 */
export function misnamedKind(group: string, kind: string): string | undefined {
  if (!BUILT_IN_GROUPS.has(group) && group !== 'extensions') return undefined
  const alike = KINDS.filter((fact) => fact.kind.toLowerCase() === kind.toLowerCase())
  const [right] = alike
  if (!right || alike.some((fact) => fact.group === group && fact.kind === kind)) return undefined
  return right.group === '' ? `v1 ${right.kind}` : `${right.group} ${right.kind}`
}

const PATH_NAMES: ReadonlyMap<string, KindFact> = new Map(
  KINDS.flatMap((fact) => [[fact.plural, fact] as const, [fact.kind.toLowerCase(), fact] as const]).concat(
    (
      [
        ['pvcs', 'PersistentVolumeClaim'],
        ['pvs', 'PersistentVolume'],
        ['network-policy', 'NetworkPolicy'],
        ['ingress', 'Ingress'],
        ['resource-quota', 'ResourceQuota'],
        ['resource-quotas', 'ResourceQuota'],
        ['limit-ranges', 'LimitRange'],
        ['storage-classes', 'StorageClass'],
        ['custom-resource-definitions', 'CustomResourceDefinition'],
        ['pod-disruption-budgets', 'PodDisruptionBudget'],
        ['pod-disruption-budgets-info', 'PodDisruptionBudget'],
        ['service-accounts', 'ServiceAccount'],
        ['cluster-roles', 'ClusterRole'],
        ['cluster-role-bindings', 'ClusterRoleBinding'],
        ['role-bindings', 'RoleBinding'],
        ['endpoint-slices', 'EndpointSlice'],
        ['priority-classes', 'PriorityClass'],
      ] as const
    ).map(([name, kind]) => [name, BY_KIND.get(kind) as KindFact] as const),
  ),
)

const VERSIONS: ReadonlyMap<string, string> = new Map([['autoscaling', 'autoscaling/v2']])

/** The type that a dump's file or folder name says: `cluster-resources/pods/default.json`, `config/pod/web/api.json`. */
export function typeFromPath(path: string): { apiVersion: string; kind: string } | undefined {
  const parts = path.replace(/\.(json|ya?ml)(\.gz)?$/, '').split(/[/\\]/)
  for (let index = parts.length - 1; index >= 0; index--) {
    const fact = PATH_NAMES.get((parts[index] as string).toLowerCase())
    if (fact)
      return {
        apiVersion: VERSIONS.get(fact.group) ?? (fact.group === '' ? 'v1' : `${fact.group}/v1`),
        kind: fact.kind,
      }
  }
  return undefined
}
