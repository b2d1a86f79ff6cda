import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, type Json, list, string, strings } from '../../cluster/json.ts'
import { mayMatch, parseSelector } from '../../cluster/labels.ts'
import type { Namespace } from '../../cluster/namespace.ts'
import type { KubeObject } from '../../cluster/object.ts'

/** What may refuse the creation of a pod, besides Pod Security, and in which namespaces. */
interface Guard {
  readonly object: KubeObject
  looksAt(namespace: Namespace): boolean
}

const guards = new WeakMap<Cluster, readonly Guard[]>()

/** What of the input may refuse pods, and is not known not to look at this namespace. */
export function guardsOf(cluster: Cluster, namespace: Namespace | undefined): readonly KubeObject[] {
  const all = guards.get(cluster) ?? cluster.objects.flatMap((object) => guardOf(object, cluster) ?? [])
  guards.set(cluster, all)
  return all.filter((guard) => !namespace || guard.looksAt(namespace)).map((guard) => guard.object)
}

function guardOf(object: KubeObject, cluster: Cluster): Guard | undefined {
  switch (`${object.group}/${object.kind}`) {
    case 'admissionregistration.k8s.io/ValidatingWebhookConfiguration':
      return webhooks(object)
    case 'admissionregistration.k8s.io/ValidatingAdmissionPolicy':
      return admissionPolicy(object, cluster)
    case 'kyverno.io/ClusterPolicy':
    case 'kyverno.io/Policy':
      return kyverno(object)
    default:
      return object.group === 'constraints.gatekeeper.sh' ? gatekeeper(object) : undefined
  }
}

/** Each webhook has rules and a namespace selector of its own. */
function webhooks(object: KubeObject): Guard | undefined {
  const selectors = list(field(object.body, 'webhooks'))
    .filter((webhook) => list(field(webhook, 'rules')).some(concernsPods))
    .map((webhook) => field(webhook, 'namespaceSelector'))
  if (selectors.length === 0) return undefined
  return { object, looksAt: (namespace) => selectors.some((selector) => maySelect(selector, namespace)) }
}

/** A policy is enforced by its bindings, of which each may narrow it; without one that denies, it refuses nothing. */
function admissionPolicy(object: KubeObject, cluster: Cluster): Guard | undefined {
  const constraints = at(object.body, 'spec', 'matchConstraints')
  if (!list(field(constraints, 'resourceRules')).some(concernsPods)) return undefined
  const bindings = cluster
    .ofKind('ValidatingAdmissionPolicyBinding', object.group)
    .map((binding) => field(binding.body, 'spec'))
    .filter((spec) => field(spec, 'policyName') === object.name && mayDeny(spec))
  if (bindings.length === 0) return undefined
  return {
    object,
    looksAt: (namespace) =>
      maySelect(field(constraints, 'namespaceSelector'), namespace) &&
      bindings.some((spec) => maySelect(at(spec, 'matchResources', 'namespaceSelector'), namespace)),
  }
}

function mayDeny(binding: Json | undefined): boolean {
  const rules = list(at(binding, 'matchResources', 'resourceRules'))
  return (
    strings(field(binding, 'validationActions')).includes('Deny') && (rules.length === 0 || rules.some(concernsPods))
  )
}

/** admission/plugin/policy/matching and webhook/predicates/rules: group, version, resource, operation and scope. */
function concernsPods(rule: Json): boolean {
  const has = (key: string, ...wanted: readonly string[]): boolean => {
    const values = strings(field(rule, key))
    return values.length === 0 || values.some((each) => wanted.includes(each))
  }
  return (
    has('apiGroups', '', '*') &&
    has('apiVersions', 'v1', '*') &&
    has('resources', 'pods', '*', 'pods/*', '*/*') &&
    has('operations', 'CREATE', '*') &&
    field(rule, 'scope') !== 'Cluster'
  )
}

function maySelect(value: Json | undefined, namespace: Namespace): boolean {
  const selector = parseSelector(value)
  return (
    selector === undefined ||
    typeof selector === 'string' ||
    mayMatch(selector, namespace.labels, namespace.seen) !== 'no'
  )
}

/** A rule enforces by its own word, else by the policy's, else not: the default is Audit. */
function kyverno(object: KubeObject): Guard | undefined {
  const spec = field(object.body, 'spec')
  const rules = list(field(spec, 'rules')).filter(
    (rule) => POD_KIND.test(JSON.stringify(field(rule, 'match') ?? null)) && CHECKS.some((key) => field(rule, key)),
  )
  const enforces = (rule: Json): boolean => {
    const checks = [field(rule, 'validate'), ...list(field(rule, 'verifyImages'))]
    const own = checks.flatMap((check) => string(field(check, 'failureAction')) ?? [])
    const actions = own.length > 0 ? own : [string(field(spec, 'validationFailureAction')) ?? 'Audit']
    const overrides = [
      ...list(field(spec, 'validationFailureActionOverrides')),
      ...checks.flatMap((check) => list(field(check, 'failureActionOverrides'))),
    ].map((override) => string(field(override, 'action')) ?? '')
    return [...actions, ...overrides].some((action) => action.toLowerCase() === 'enforce')
  }
  if (!rules.some(enforces)) return undefined
  return { object, looksAt: (namespace) => object.kind !== 'Policy' || object.namespace === namespace.name }
}

const POD_KIND = /"((\*|v1)\/)?(Pod|\*)"/
const CHECKS = ['validate', 'verifyImages']

function gatekeeper(object: KubeObject): Guard | undefined {
  const action = string(at(object.body, 'spec', 'enforcementAction')) ?? 'deny'
  return action === 'dryrun' || action === 'warn' ? undefined : { object, looksAt: () => true }
}
