import type { Cluster } from '../../../cluster/cluster.ts'
import { at, field, type Json, list, string, strings } from '../../../cluster/json.ts'
import { pluralOf } from '../../../cluster/kinds.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { ruleMeans } from '../../../cluster/webhooks.ts'
import { CHANCE, type Edge } from '../../engine.ts'
import { type Probe, probe, probes } from '../probe.ts'
import { allows, isOwnStep, type Right, type Rights } from '../rights.ts'
import { type AccessContext, type AccessRule, creating, once, step, together } from '../rule.ts'
import type { ScopeKinds } from '../scopes.ts'

/** Rights to say what the API server admits, and as what: by webhooks, and by policies in CEL. All are cluster-scoped. */

const GROUP = 'admissionregistration.k8s.io'
const FROM = 'User, Group, ServiceAccount'
const WEBHOOK_SOURCE = 'apiserver/pkg/admission/plugin/webhook'
const POLICY_SOURCE = 'apiserver/pkg/admission/plugin/policy'

interface Registered {
  readonly kind: string
  readonly create: Probe
  readonly write: readonly Probe[]
}

function registered(kind: string, plural: string): Registered {
  return { kind, create: probe('create', GROUP, plural), write: probes(['update', 'patch'], GROUP, [plural]) }
}

const MUTATING_WEBHOOKS = registered('MutatingWebhookConfiguration', 'mutatingwebhookconfigurations')
const VALIDATING_WEBHOOKS = registered('ValidatingWebhookConfiguration', 'validatingwebhookconfigurations')

interface Policies {
  readonly policy: Registered
  readonly binding: Registered
  /** The first minor version that serves them unless told not to. */
  readonly since: number
}

const MUTATING: Policies = {
  policy: registered('MutatingAdmissionPolicy', 'mutatingadmissionpolicies'),
  binding: registered('MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings'),
  since: 36,
}
const VALIDATING: Policies = {
  policy: registered('ValidatingAdmissionPolicy', 'validatingadmissionpolicies'),
  binding: registered('ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'),
  since: 30,
}

export function admissionRules(kinds: ScopeKinds, cluster: Cluster): readonly AccessRule[] {
  return [
    mutateByWebhook(kinds),
    readByWebhook(kinds),
    mutateByPolicy(kinds, parametersOfMutations(cluster)),
    block(kinds),
  ]
}

function mutateByWebhook(kinds: ScopeKinds): AccessRule {
  return {
    kinds: [
      {
        kind: 'mutate-admitted',
        title: 'has every new pod sent to itself and changed',
        from: FROM,
        to: 'Scope admitted-pods: the workloads of each namespace, and whatever their pods may be made to be',
        chance: '1',
        precondition:
          '`create` on mutatingwebhookconfigurations, or `update` or `patch` on one that exists, cluster-wide. The webhook may stand at any address that the API server reaches',
        source: WEBHOOK_SOURCE,
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      for (const right of writing(rights, context, MUTATING_WEBHOOKS))
        yield* once(told, step('mutate-admitted', rights, context.scopes.of(kinds.admittedPods, ''), [right]))
    },
  }
}

function readByWebhook(kinds: ScopeKinds): AccessRule {
  return {
    kinds: [
      {
        kind: 'read-admitted',
        title: 'has every Secret that is written sent to itself',
        from: FROM,
        to: 'Scope secrets',
        chance: '0.1',
        precondition:
          '`create` on validatingwebhookconfigurations, or `update` or `patch` on one that exists, cluster-wide. A Secret is seen when it is written again: no control, since that may not come',
        source: WEBHOOK_SOURCE,
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      const chance = CHANCE.served
      for (const right of writing(rights, context, VALIDATING_WEBHOOKS))
        yield* once(told, step('read-admitted', rights, context.scopes.of(kinds.secrets, ''), [right], { chance }))
    },
  }
}

function mutateByPolicy(kinds: ScopeKinds, parameters: readonly Parameter[]): AccessRule {
  return {
    kinds: [
      {
        kind: 'mutate-by-policy',
        title: 'changes every new pod by an admission policy',
        from: FROM,
        to: 'Scope admitted-pods',
        chance: '1',
        precondition:
          'MutatingAdmissionPolicy is served (from 1.36, or one is in the input): `create` on mutatingadmissionpolicies and mutatingadmissionpolicybindings; `update` or `patch` on a policy that a binding names (unknown where the binding says for what); or such a policy and `create` on bindings. Who changes only the parameters of a policy that means pods: unknown',
        source: POLICY_SOURCE,
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      const change = (by: readonly Right[], truth: Edge['truth']): Edge =>
        step('mutate-by-policy', rights, context.scopes.of(kinds.admittedPods, ''), by, { truth })
      for (const { by, truth } of writingPolicies(rights, context, MUTATING)) yield* once(told, change(by, truth))
      for (const { write, namespace, name } of parameters)
        for (const right of rights.in(namespace, ...write))
          if ((name === undefined || allows(right, name)) && isOwnStep(rights.subject, [right]))
            yield* once(told, change([right], 'unknown'))
    },
  }
}

function block(kinds: ScopeKinds): AccessRule {
  return {
    kinds: [
      {
        kind: 'block-admission',
        title: 'has every write refused, leases and new pods among them',
        from: FROM,
        to: 'Scope applications',
        chance: '1',
        precondition:
          'the rights of mutate-admitted or read-admitted; or those of mutate-by-policy on validatingadmissionpolicies and their bindings (from 1.30). Nodes that cannot renew their leases lose their pods, and no new ones are admitted',
        source: `${WEBHOOK_SOURCE}; ${POLICY_SOURCE}`,
      },
    ],
    *edges(rights, context) {
      const told = new Set<string>()
      const stop = (by: readonly Right[], truth: Edge['truth'] = 'yes'): Edge =>
        step('block-admission', rights, context.scopes.of(kinds.applications, ''), by, { truth })
      for (const which of [MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS])
        for (const right of writing(rights, context, which)) yield* once(told, stop([right]))
      for (const { by, truth } of writingPolicies(rights, context, VALIDATING)) yield* once(told, stop(by, truth))
    },
  }
}

/** Rights to register one, or to change one that is registered: what it means is its own field, as is where it is. */
function writing(rights: Rights, { cluster }: AccessContext, { kind, create, write }: Registered): readonly Right[] {
  const existing = cluster.ofKind(kind, GROUP)
  return [
    ...creating(rights, '', create),
    ...rights.in('', ...write).filter((each) => existing.some(({ name }) => allows(each, name))),
  ].filter((right) => isOwnStep(rights.subject, [right]))
}

interface Way {
  readonly by: readonly Right[]
  readonly truth: Edge['truth']
}

function* writingPolicies(rights: Rights, { cluster }: AccessContext, of: Policies): Generator<Way> {
  const policies = cluster.ofKind(of.policy.kind, GROUP)
  if (cluster.version.minor < of.since && policies.length === 0) return
  const writes = rights.in('', ...of.policy.write)
  const makes = creating(rights, '', of.policy.create)
  if (writes.length === 0 && makes.length === 0) return
  const binds = creating(rights, '', of.binding.create)
  const changes = writes.filter((right) => policies.some(({ name }) => allows(right, name)))
  for (const by of together(rights, [...makes, ...changes], binds)) yield { by, truth: 'yes' }
  const bindings = boundPolicies(cluster, of)
  for (const right of changes) {
    if (!isOwnStep(rights.subject, [right])) continue
    const truths = policies.flatMap(({ name }) => (allows(right, name) ? (bindings.get(name) ?? []) : []))
    if (truths.length > 0) yield { by: [right], truth: truths.includes('yes') ? 'yes' : 'unknown' }
  }
}

/** The policies that a binding puts in force; one that says itself for what objects may leave most out. */
function boundPolicies(cluster: Cluster, { binding }: Policies): ReadonlyMap<string, Edge['truth']> {
  const found = new Map<string, Edge['truth']>()
  for (const { body } of cluster.ofKind(binding.kind, GROUP)) {
    const name = string(at(body, 'spec', 'policyName')) ?? ''
    if (found.get(name) !== 'yes') found.set(name, isWide(body) ? 'yes' : 'unknown')
  }
  return found
}

function isWide(body: KubeObject['body']): boolean {
  const resources = at(body, 'spec', 'matchResources')
  const isOf = (key: string): boolean =>
    Object.keys(Object(at(resources, key, 'matchLabels') ?? {})).length > 0 ||
    list(at(resources, key, 'matchExpressions')).length > 0
  return (
    !isOf('namespaceSelector') &&
    !isOf('objectSelector') &&
    list(field(resources, 'resourceRules')).length === 0 &&
    list(field(resources, 'excludeResourceRules')).length === 0
  )
}

/** What a binding of a policy that means pods takes its parameters from. */
interface Parameter {
  readonly write: readonly Probe[]
  /** Empty for what stands in no namespace, and where each namespace has its own. */
  readonly namespace: string
  /** Undefined: chosen by labels. */
  readonly name: string | undefined
}

function parametersOfMutations(cluster: Cluster): readonly Parameter[] {
  const kinds = new Map<string, readonly Probe[]>()
  for (const { name, body } of cluster.ofKind(MUTATING.policy.kind, GROUP)) {
    const kind = at(body, 'spec', 'paramKind')
    if (kind !== undefined && meansPods(body)) kinds.set(name, writingKind(cluster, kind))
  }
  if (kinds.size === 0) return []
  return cluster.ofKind(MUTATING.binding.kind, GROUP).flatMap(({ body }): readonly Parameter[] => {
    const reference = at(body, 'spec', 'paramRef')
    const write = kinds.get(string(at(body, 'spec', 'policyName')) ?? '') ?? []
    if (reference === undefined || write.length === 0) return []
    const namespace = string(field(reference, 'namespace')) ?? ''
    return [{ write, namespace, name: string(field(reference, 'name')) }]
  })
}

function meansPods(body: KubeObject['body']): boolean {
  return list(at(body, 'spec', 'matchConstraints', 'resourceRules')).some((rule) =>
    ruleMeans(
      { operations: [], groups: strings(field(rule, 'apiGroups')), resources: strings(field(rule, 'resources')) },
      '',
      'pods',
    ),
  )
}

function writingKind(cluster: Cluster, of: Json): readonly Probe[] {
  const apiVersion = string(field(of, 'apiVersion')) ?? ''
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.lastIndexOf('/')) : ''
  return probes(['create', 'update', 'patch'], group, [pluralOf(group, string(field(of, 'kind')) ?? '', cluster)])
}
