import { type Because, because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, type Json, list, strings } from '../../cluster/json.ts'
import { mayMatch, parseSelector } from '../../cluster/labels.ts'
import type { Namespace, PodSecurityLevel } from '../../cluster/namespace.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { Answer } from '../known.ts'

const RANK: Readonly<Record<PodSecurityLevel, number>> = { privileged: 0, baseline: 1, restricted: 2 }
const ENFORCE = ['metadata', 'labels', 'pod-security.kubernetes.io/enforce']

/**
 * Whether a pod that needs this Pod Security level can be created in a namespace (k8s.io/pod-security-admission). The
 * label decides where it is set; where it is not, the API server's own default does, which is `privileged` unless its
 * configuration says otherwise. Webhooks and policies that may refuse pods make a yes unknown.
 */
export function admits(cluster: Cluster, namespace: string, level: PodSecurityLevel): Answer {
  const known = cluster.namespaces.get(namespace)
  if (known?.enforce !== undefined && RANK[known.enforce] > RANK[level]) {
    return {
      truth: 'no',
      because: [because(`namespace ${namespace} enforces ${known.enforce}`, known.object, ENFORCE)],
    }
  }
  const guards = guardsOf(cluster, known)
  if (guards.length > 0)
    return {
      truth: 'unknown',
      because: guards.map((guard) =>
        because(`${guard.kind} ${guard.name} may refuse such a pod; it was not evaluated`, guard),
      ),
    }
  if (!known?.seen)
    return {
      truth: 'unknown',
      because: [because(`namespace ${namespace} is not in the input, nor its Pod Security label`)],
    }
  const why: Because =
    known.enforce === undefined
      ? because(`namespace ${namespace} has no Pod Security label`, known.object, ['metadata'])
      : because(`namespace ${namespace} enforces ${known.enforce}`, known.object, ENFORCE)
  return { truth: 'yes', because: [why] }
}

const guards = new WeakMap<Cluster, readonly KubeObject[]>()

/** What of the input may refuse pods, and is not known not to look at this namespace. */
function guardsOf(cluster: Cluster, namespace: Namespace | undefined): readonly KubeObject[] {
  const all = guards.get(cluster) ?? cluster.objects.filter(mayRefusePods)
  guards.set(cluster, all)
  return all.filter((guard) => looksAt(guard, namespace))
}

function mayRefusePods(object: KubeObject): boolean {
  switch (`${object.group}/${object.kind}`) {
    case 'admissionregistration.k8s.io/ValidatingWebhookConfiguration':
      return list(field(object.body, 'webhooks')).some((webhook) => list(field(webhook, 'rules')).some(concernsPods))
    case 'admissionregistration.k8s.io/ValidatingAdmissionPolicy':
      return list(at(object.body, 'spec', 'matchConstraints', 'resourceRules')).some(concernsPods)
    case 'kyverno.io/ClusterPolicy':
    case 'kyverno.io/Policy':
      return (
        /"Pod"/.test(JSON.stringify(at(object.body, 'spec', 'rules') ?? null)) &&
        field(field(object.body, 'spec'), 'validationFailureAction') !== 'Audit'
      )
    default:
      return object.group === 'constraints.gatekeeper.sh'
  }
}

function concernsPods(rule: Json): boolean {
  const resources = strings(field(rule, 'resources'))
  const operations = strings(field(rule, 'operations'))
  return (
    resources.some((each) => each === 'pods' || each === '*' || each === '*/*') &&
    (operations.length === 0 || operations.some((each) => each === 'CREATE' || each === '*'))
  )
}

function looksAt(guard: KubeObject, namespace: Namespace | undefined): boolean {
  if (guard.kind === 'Policy') return guard.namespace === namespace?.name
  const selectors = [
    at(guard.body, 'spec', 'matchConstraints', 'namespaceSelector'),
    ...list(field(guard.body, 'webhooks')).map((webhook) => field(webhook, 'namespaceSelector')),
  ]
  if (!namespace) return true
  return selectors.some((value) => {
    const selector = parseSelector(value)
    return (
      selector === undefined ||
      typeof selector === 'string' ||
      mayMatch(selector, namespace.labels, namespace.seen) !== 'no'
    )
  })
}
