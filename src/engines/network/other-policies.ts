import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, isObject, type Json, list, string } from '../../cluster/json.ts'
import { plainSelector, type Selector } from '../../cluster/labels.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { Direction } from './policy.ts'

/** Whether an object that is not evaluated may take away, or give, connections in a direction. */
export interface Ways {
  readonly denies: boolean
  readonly allows: boolean
}

/** An object of a kind that is not evaluated: what it may touch is unknown. */
export interface OtherPolicy {
  readonly object: KubeObject
  /** Undefined: pods of every namespace. */
  readonly namespace: string | undefined
  readonly pods: Selector
  readonly ingress: Ways
  readonly egress: Ways
  /** It has no say where a NetworkPolicy isolates the pod. */
  readonly yields: boolean
  /** False for a mesh's own, which the network plugin has no part in. */
  readonly byNetworkPlugin: boolean
}

export const NEITHER: Ways = { denies: false, allows: false }
const DENIES: Ways = { denies: true, allows: false }
const ALLOWS: Ways = { denies: false, allows: true }
export const BOTH: Ways = { denies: true, allows: true }

type Reader = (object: KubeObject) => Partial<OtherPolicy> | undefined

/** Each entry says which way its kind can act on what NetworkPolicy v1 decides. */
const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  // sigs.k8s.io/network-policy-api: Admin rules come before NetworkPolicy, Baseline ones only where none selects the pod.
  ['AdminNetworkPolicy.policy.networking.k8s.io', (object) => tiered(object, BOTH)],
  [
    'ClusterNetworkPolicy.policy.networking.k8s.io',
    (object) => (at(object.body, 'spec', 'tier') === 'Baseline' ? baseline(object) : tiered(object, BOTH)),
  ],
  ['BaselineAdminNetworkPolicy.policy.networking.k8s.io', baseline],
  // Cilium adds its rules to those of NetworkPolicy, isolates as they do, and has deny rules that beat both.
  ['CiliumNetworkPolicy.cilium.io', (object) => ({ ...cilium(object), namespace: namespaceOf(object) })],
  ['CiliumClusterwideNetworkPolicy.cilium.io', cilium],
  // Calico orders its policies before NetworkPolicy (order 1000) or after it.
  ['NetworkPolicy.crd.projectcalico.org', (object) => ({ ...calico(object), namespace: namespaceOf(object) })],
  ['NetworkPolicy.projectcalico.org', (object) => ({ ...calico(object), namespace: namespaceOf(object) })],
  ['GlobalNetworkPolicy.crd.projectcalico.org', calico],
  ['GlobalNetworkPolicy.projectcalico.org', calico],
  // Secondary networks of Multus: NetworkPolicy does not reach them, so pods on one may meet there.
  [
    'MultiNetworkPolicy.k8s.cni.cncf.io',
    (object) => ({ namespace: namespaceOf(object), ingress: ALLOWS, egress: ALLOWS }),
  ],
  // A primary user-defined network cuts its pods off from those of every other network.
  ['UserDefinedNetwork.k8s.ovn.org', (object) => ({ namespace: namespaceOf(object), ingress: DENIES, egress: DENIES })],
  ['ClusterUserDefinedNetwork.k8s.ovn.org', () => ({ ingress: DENIES, egress: DENIES })],
  ['AuthorizationPolicy.security.istio.io', authorizationPolicy],
])

/** Most objects are of none of these. */
const READ_KINDS: ReadonlySet<string> = new Set([...READERS.keys()].map((name) => name.slice(0, name.indexOf('.'))))

export function otherPolicies(cluster: Cluster): readonly OtherPolicy[] {
  return cluster.objects.flatMap((object) => {
    if (!READ_KINDS.has(object.kind)) return []
    const found = READERS.get(`${object.kind}.${object.group}`)?.(object)
    return found
      ? [
          {
            object,
            namespace: undefined,
            pods: [],
            ingress: NEITHER,
            egress: NEITHER,
            yields: false,
            byNetworkPlugin: true,
            ...found,
          },
        ]
      : []
  })
}

function baseline(object: KubeObject): Partial<OtherPolicy> {
  return { ...tiered(object, DENIES), yields: true }
}

/** One that says no namespace may be meant for any. */
function namespaceOf(object: KubeObject): string | undefined {
  return object.namespace === '' ? undefined : object.namespace
}

/** Only the actions that its rules name can be its effect; Pass leaves the decision to the next tier. */
function tiered(object: KubeObject, most: Ways): Partial<OtherPolicy> {
  const ways = (direction: Direction): Ways => {
    const actions = list(at(object.body, 'spec', direction)).map((rule) => string(field(rule, 'action')) ?? '')
    const other = actions.some((action) => !['Allow', 'Accept', 'Deny', 'Pass'].includes(action))
    return {
      denies: most.denies && (other || actions.includes('Deny')),
      allows: most.allows && (other || actions.includes('Allow') || actions.includes('Accept')),
    }
  }
  return { ingress: ways('ingress'), egress: ways('egress') }
}

/** A direction that no rule of the policy has is left alone. */
function cilium(object: KubeObject): Partial<OtherPolicy> {
  const specs = [field(object.body, 'spec'), ...list(field(object.body, 'specs'))]
  const has = (key: string): boolean => specs.some((spec) => isObject(spec) && Object.hasOwn(spec, key))
  return {
    ingress: has('ingress') || has('ingressDeny') ? BOTH : NEITHER,
    egress: has('egress') || has('egressDeny') ? BOTH : NEITHER,
  }
}

/** Without `types` a policy has the directions of its rules, and ingress if it has none. */
function calico(object: KubeObject): Partial<OtherPolicy> {
  const spec = field(object.body, 'spec')
  const types = list(field(spec, 'types'))
  const egress = types.length > 0 ? types.includes('Egress') : isObject(spec) && Object.hasOwn(spec, 'egress')
  const ingress =
    types.length > 0 ? types.includes('Ingress') : !egress || (isObject(spec) && Object.hasOwn(spec, 'ingress'))
  return { ingress: ingress ? BOTH : NEITHER, egress: egress ? BOTH : NEITHER }
}

/** Istio: denies what reaches a sidecar or waypoint, allows nothing that the network does not. */
function authorizationPolicy(object: KubeObject): Partial<OtherPolicy> {
  const isMeshWide = object.namespace === 'istio-system'
  const labels: Json | undefined = at(object.body, 'spec', 'selector', 'matchLabels')
  return {
    namespace: isMeshWide ? undefined : namespaceOf(object),
    pods: plainSelector(labels) ?? [],
    ingress: DENIES,
    byNetworkPlugin: false,
  }
}
