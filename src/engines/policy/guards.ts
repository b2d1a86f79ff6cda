import type { Cluster } from '../../cluster/cluster.ts'
import { at, field, type Json, list, string, strings } from '../../cluster/json.ts'
import { mayMatch, parseSelector } from '../../cluster/labels.ts'
import type { Namespace } from '../../cluster/namespace.ts'
import type { KubeObject } from '../../cluster/object.ts'

/** A kind of object, as policies and webhooks name it. */
interface Guarded {
  readonly kind: string
  readonly group: string
  readonly resource: string
}

const POD: Guarded = { kind: 'Pod', group: '', resource: 'pods' }

/** What may refuse the creation of an object, besides Pod Security, and in which namespaces. */
interface Guard {
  readonly object: KubeObject
  looksAt(namespace: Namespace): boolean
}

const guards = new WeakMap<Cluster, Map<string, readonly Guard[]>>()

/** What of the input may refuse pods, or objects of another kind, and is not known not to look at this namespace. */
export function guardsOf(
  cluster: Cluster,
  namespace: Namespace | undefined,
  guarded: Guarded = POD,
): readonly KubeObject[] {
  const ofCluster = guards.get(cluster) ?? new Map<string, readonly Guard[]>()
  guards.set(cluster, ofCluster)
  const key = `${guarded.group}/${guarded.resource}`
  const all = ofCluster.get(key) ?? cluster.objects.flatMap((object) => guardOf(object, cluster, guarded) ?? [])
  ofCluster.set(key, all)
  return all.filter((guard) => !namespace || guard.looksAt(namespace)).map((guard) => guard.object)
}

function guardOf(object: KubeObject, cluster: Cluster, guarded: Guarded): Guard | undefined {
  switch (`${object.group}/${object.kind}`) {
    case 'admissionregistration.k8s.io/ValidatingWebhookConfiguration':
      return webhooks(object, guarded)
    case 'admissionregistration.k8s.io/ValidatingAdmissionPolicy':
      return admissionPolicy(object, cluster, guarded)
    case 'kyverno.io/ClusterPolicy':
    case 'kyverno.io/Policy':
      return kyverno(object, guarded)
    default:
      return object.group === 'constraints.gatekeeper.sh' ? gatekeeper(object, guarded) : undefined
  }
}

/** Each webhook has rules and a namespace selector of its own. */
function webhooks(object: KubeObject, guarded: Guarded): Guard | undefined {
  const selectors = list(field(object.body, 'webhooks'))
    .filter((webhook) => guarded === POD || !VALIDATES.test(string(field(webhook, 'name')) ?? ''))
    .filter((webhook) => list(field(webhook, 'rules')).some((rule) => concerns(rule, guarded)))
    .map((webhook) => field(webhook, 'namespaceSelector'))
  if (selectors.length === 0) return undefined
  return { object, looksAt: (namespace) => selectors.some((selector) => maySelect(selector, namespace)) }
}

/** Webhooks of what serves the kind itself: they refuse what is malformed, and nothing for whom it comes from. */
const VALIDATES =
  /(^|\.)(nginx\.ingress\.kubernetes\.io|elbv2\.k8s\.aws|gateway\.networking\.k8s\.io|istio\.io|konghq\.com|metallb\.io|projectcontour\.io)$/

/** A policy is enforced by its bindings, of which each may narrow it; without one that denies, it refuses nothing. */
function admissionPolicy(object: KubeObject, cluster: Cluster, guarded: Guarded): Guard | undefined {
  const constraints = at(object.body, 'spec', 'matchConstraints')
  if (!list(field(constraints, 'resourceRules')).some((rule) => concerns(rule, guarded))) return undefined
  const bindings = cluster
    .ofKind('ValidatingAdmissionPolicyBinding', object.group)
    .map((binding) => field(binding.body, 'spec'))
    .filter((spec) => field(spec, 'policyName') === object.name && mayDeny(spec, guarded))
  if (bindings.length === 0) return undefined
  return {
    object,
    looksAt: (namespace) =>
      maySelect(field(constraints, 'namespaceSelector'), namespace) &&
      bindings.some((spec) => maySelect(at(spec, 'matchResources', 'namespaceSelector'), namespace)),
  }
}

function mayDeny(binding: Json | undefined, guarded: Guarded): boolean {
  const rules = list(at(binding, 'matchResources', 'resourceRules'))
  return (
    strings(field(binding, 'validationActions')).includes('Deny') &&
    (rules.length === 0 || rules.some((rule) => concerns(rule, guarded)))
  )
}

/** admission/plugin/policy/matching and webhook/predicates/rules: group, version, resource, operation and scope. */
function concerns(rule: Json, { group, resource }: Guarded): boolean {
  const has = (key: string, ...wanted: readonly string[]): boolean => {
    const values = strings(field(rule, key))
    return values.length === 0 || values.some((each) => wanted.includes(each))
  }
  return (
    has('apiGroups', group, '*') &&
    (group !== '' || has('apiVersions', 'v1', '*')) &&
    has('resources', resource, '*', `${resource}/*`, '*/*') &&
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
function kyverno(object: KubeObject, guarded: Guarded): Guard | undefined {
  const spec = field(object.body, 'spec')
  const rules = list(field(spec, 'rules')).filter(
    (rule) =>
      namesKind(JSON.stringify(field(rule, 'match') ?? null), guarded) && CHECKS.some((key) => field(rule, key)),
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

/** `Pod`, `v1/Pod`, `networking.k8s.io/v1/Ingress`, or any. */
function namesKind(match: string, { kind, group }: Guarded): boolean {
  const before = ['', '*/', 'v1/', ...(group === '' ? [] : ['*/*/', `${group}/*/`, `${group}/v1/`])]
  return before.some((each) => match.includes(`"${each}${kind}"`) || match.includes(`"${each}*"`))
}

const CHECKS = ['validate', 'verifyImages']

function gatekeeper(object: KubeObject, guarded: Guarded): Guard | undefined {
  const action = string(at(object.body, 'spec', 'enforcementAction')) ?? 'deny'
  const kinds = list(at(object.body, 'spec', 'match', 'kinds'))
  const isOfOthers =
    guarded !== POD &&
    kinds.length > 0 &&
    !kinds.some((each) => strings(field(each, 'kinds')).some((kind) => kind === '*' || kind === guarded.kind))
  return isOfOthers || action === 'dryrun' || action === 'warn' ? undefined : { object, looksAt: () => true }
}
