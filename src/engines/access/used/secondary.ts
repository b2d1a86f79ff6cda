import { authorize } from '../../../authz/authorize.ts'
import { atoms } from '../../../authz/covers.ts'
import {
  aggregates,
  bindRequest,
  checkBinding,
  checkRole,
  escalateRequest,
  holderOf,
  type RoleWrite,
} from '../../../authz/escalation.ts'
import { type Attempt, attempts, isConstrainedByDefault, isMet, wantedOf } from '../../../authz/impersonation.ts'
import type { RbacPolicy } from '../../../authz/policy.ts'
import { type Request, type ResourceRequest, ruleGrants } from '../../../authz/rules.ts'
import { MASTERS, type Requester, subjectIdsOf } from '../../../authz/subjects.ts'
import type { Truth } from '../../../cluster/labels.ts'
import { idOf } from '../../../cluster/object.ts'
import type { Binding, PolicyRule } from '../../../cluster/rbac.ts'
import type { AccessBehaviour, Who } from './behaviour.ts'
import { bindingOf, rulesOf } from './held.ts'

/**
 * The checks that the API server makes besides the one for the request itself, and that no line of the audit log shows:
 * registry/rbac/escalation_check.go, endpoints/filters/impersonation, handlers/patch.go, registry/certificates.
 */
export interface Check {
  /** For people, after the request: `which needs escalate on its rules, or to hold them`. */
  readonly words: string
  /** Whether it would pass; unknown where the record does not show what was asked. */
  passes(policy: RbacPolicy, requester: Requester): Truth
  /** Whether it may fail for want of a right on one of these resources. */
  concerns(resources: readonly string[]): boolean
}

const RBAC = 'rbac.authorization.k8s.io'
const CERTIFICATES = 'certificates.k8s.io'
const ROLES: ReadonlySet<string> = new Set(['roles', 'clusterroles'])
const BINDINGS: ReadonlySet<string> = new Set(['rolebindings', 'clusterrolebindings'])
const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

/** Those that follow from a request of the requester's own. `today`: where the objects that it wrote are looked up. */
export function checksOf(behaviour: AccessBehaviour, today: RbacPolicy): readonly Check[] {
  const { request, created } = behaviour
  if ('path' in request || !WRITES.has(request.verb) || behaviour.delegated) return []
  const { group, resource, subresource } = request
  const checks: Check[] = []
  if (created) checks.push(creates({ ...request, verb: 'create', name: '' }))
  if (group === RBAC && subresource === '' && ROLES.has(resource)) checks.push(writesRole(behaviour, request, today))
  if (group === RBAC && subresource === '' && BINDINGS.has(resource)) checks.push(binds(behaviour, request, today))
  if (group === CERTIFICATES && resource === 'certificatesigningrequests' && subresource === 'approval')
    checks.push(ofSigner('approve'))
  if (group === CERTIFICATES && resource === 'certificatesigningrequests' && subresource === 'status')
    checks.push(ofSigner('sign'))
  if (group === CERTIFICATES && resource === 'clustertrustbundles') checks.push(ofSigner('attest'))
  return checks
}

function creates(request: ResourceRequest): Check {
  return {
    words: 'which created it and so needs create too',
    concerns: () => true,
    passes: (policy, requester) => truthOf(authorize(policy, requester, request).allowed),
  }
}

/** What a role or binding held when it was written is not recorded: what it holds today stands for it. */
function writesRole({ object }: AccessBehaviour, request: ResourceRequest, today: RbacPolicy): Check {
  const write = roleOf(object, request)
  const role = today.role(write.kind, write.namespace, object)
  return {
    words: 'which needs escalate, or every right that the role gives',
    concerns: () => true,
    passes: (policy, requester) => {
      const holder = holderOf(policy, requester)
      if (!role) return holder.isMaster || holder.may(escalateRequest(write)) ? 'yes' : 'unknown'
      return truthOf(checkRole(holder, { ...write, rules: role.rules, aggregates: aggregates(role.object) }).allowed)
    },
  }
}

/** A POST has no name, and what it creates is the object. */
function roleOf(object: string, { resource, namespace, verb }: ResourceRequest): Omit<RoleWrite, 'rules'> {
  return { kind: resource === 'roles' ? 'Role' : 'ClusterRole', namespace, name: verb === 'create' ? '' : object }
}

function binds({ object }: AccessBehaviour, request: ResourceRequest, today: RbacPolicy): Check {
  const binding = writtenBinding(object, request, today)
  return {
    words: 'which needs bind, or every right that the binding gives',
    concerns: () => true,
    passes: (policy, requester) => {
      const holder = holderOf(policy, requester)
      if (!binding) return holder.isMaster ? 'yes' : 'unknown'
      const checked = checkBinding(holder, { ...binding, rules: today.roleOf(binding)?.rules })
      return !checked.allowed && checked.why === 'no-role' ? 'unknown' : truthOf(checked.allowed)
    },
  }
}

function writtenBinding(object: string, request: ResourceRequest, policy: RbacPolicy): Binding | undefined {
  const kind = request.resource === 'rolebindings' ? 'RoleBinding' : 'ClusterRoleBinding'
  return bindingOf(policy, idOf(kind, request.namespace, object))
}

/** The signer is in the body, which is not recorded. */
function ofSigner(verb: string): Check {
  return {
    words: `which needs ${verb} on its signer`,
    concerns: (resources) => resources.includes('*') || resources.includes('signers'),
    passes: (policy, requester) => {
      if (requester.groups.includes(MASTERS)) return 'yes'
      const granting = rulesOf(policy, subjectIdsOf(requester), '').filter((rule) =>
        ruleGrants(rule, verb, CERTIFICATES, 'signers', ''),
      )
      if (granting.some((rule) => rule.resourceNames.length === 0)) return 'yes'
      return granting.length > 0 ? 'unknown' : 'no'
    },
  }
}

/** Of an impersonated request, what its impersonator needed: of the user and each group, or by a constrained mode. */
export function impersonates(behaviour: AccessBehaviour): Check {
  return {
    words: `which needs impersonate on ${behaviour.who.user}`,
    concerns: () => true,
    passes: (policy, requester) => {
      const may = (asked: Request): boolean => authorize(policy, requester, asked).allowed
      const met = attemptsOf(behaviour, policy, requester).filter((attempt) => isMet(attempt, may))
      // Whether the pod that asked was on that node, the record does not show.
      if (met.some(({ mode }) => mode !== 'associated-node')) return 'yes'
      return met.length > 0 ? 'unknown' : 'no'
    },
  }
}

function attemptsOf({ who, request }: AccessBehaviour, policy: RbacPolicy, requester: Requester): readonly Attempt[] {
  const node = /^system:node:(.+)$/.exec(who.user)?.[1]
  const impersonator = node === undefined ? requester : { ...requester, node }
  return wantedOf(who).flatMap((wanted) =>
    attempts(impersonator, wanted, request, isConstrainedByDefault(policy.minor)),
  )
}

function truthOf(holds: boolean): Truth {
  return holds ? 'yes' : 'no'
}

/** A right that was needed, and the request that needed it. */
export interface SideUse {
  readonly behaviour: AccessBehaviour
  readonly request: Request
}

/**
 * The rights that a subject has used without a record of their own, as far as it holds them today. Where the log does not
 * tell which of them it was (the role of a binding that is gone, a signer), all that it holds of the kind. `beside`: what
 * other authorizers than RBAC let through.
 */
export function sideUses(who: Who, policy: RbacPolicy, beside: May = () => false): readonly SideUse[] {
  const found: SideUse[] = []
  const may = (asked: Request): boolean => authorize(policy, who, asked).allowed || beside(asked)
  const add = (behaviour: AccessBehaviour, requests: readonly Request[]): void => {
    for (const request of requests) if (may(request)) found.push({ behaviour, request })
  }
  for (const behaviour of who.behaviours) {
    const { request, object, outcome } = behaviour
    if (outcome !== 'used' || 'path' in request || !WRITES.has(request.verb)) continue
    const { group, resource, subresource } = request
    if (behaviour.created) add(behaviour, [{ ...request, verb: 'create', name: '' }])
    if (group === RBAC && subresource === '' && ROLES.has(resource))
      add(behaviour, toWriteRole(object, request, policy, may))
    if (group === RBAC && subresource === '' && BINDINGS.has(resource))
      add(behaviour, toBind(who, object, request, policy, may, beside))
    if (group !== CERTIFICATES) continue
    const signers = (verb: string): readonly Request[] =>
      heldOf(policy, who, { ...NOTHING, verb, group: CERTIFICATES, resource: 'signers' }, beside)
    if (subresource === 'approval') add(behaviour, signers('approve'))
    if (resource === 'certificatesigningrequests' && subresource === 'status') add(behaviour, signers('sign'))
    if (resource === 'clustertrustbundles') add(behaviour, signers('attest'))
  }
  for (const behaviour of who.impersonations) {
    if (behaviour.outcome !== 'used') continue
    const met = attemptsOf(behaviour, policy, who).find((attempt) => isMet(attempt, may))
    const needs = met?.needs ?? []
    add(
      behaviour,
      needs.map(({ request, instead }) => (instead && !may(request) ? instead : request)),
    )
  }
  return found
}

const NOTHING = { subresource: '', namespace: '', name: '' }

type May = (request: Request) => boolean

function toWriteRole(object: string, request: ResourceRequest, policy: RbacPolicy, may: May): readonly Request[] {
  const write = roleOf(object, request)
  const escalate = escalateRequest(write)
  if (may(escalate)) return [escalate]
  return handedOn(policy.role(write.kind, write.namespace, object)?.rules, request.namespace)
}

function toBind(
  who: Who,
  object: string,
  request: ResourceRequest,
  policy: RbacPolicy,
  may: May,
  beside: May,
): readonly Request[] {
  const binding = writtenBinding(object, request, policy)
  const { namespace } = request
  if (!binding)
    return [...ROLES].flatMap((resource) =>
      heldOf(policy, who, { ...NOTHING, verb: 'bind', group: RBAC, resource, namespace }, beside),
    )
  const bind = bindRequest(binding)
  return bind && may(bind) ? [bind] : handedOn(policy.roleOf(binding)?.rules, namespace)
}

/** Whoever may not escalate must go on holding what it hands on. */
function handedOn(rules: readonly PolicyRule[] | undefined, namespace: string): readonly Request[] {
  return (rules ?? []).flatMap(atoms).map((atom) => {
    const [verb = '', group = '', name = ''] = [atom.verbs[0], atom.apiGroups[0], atom.resourceNames[0]]
    const [path] = atom.nonResourceURLs
    if (path !== undefined) return { verb, path }
    const [resource = '', ...rest] = (atom.resources[0] ?? '').split('/')
    return { verb, group, resource, subresource: rest.join('/'), namespace, name }
  })
}

/** One right on whatever name, or on each of the names for which it is held. */
function heldOf(policy: RbacPolicy, who: Who, request: ResourceRequest, beside: May): readonly Request[] {
  if (beside(request)) return [request]
  const { verb, group, resource, subresource, namespace } = request
  const granting = rulesOf(policy, who.ids, namespace).filter((rule) =>
    ruleGrants(rule, verb, group, resource, subresource),
  )
  if (granting.some((rule) => rule.resourceNames.length === 0)) return [request]
  return [...new Set(granting.flatMap((rule) => rule.resourceNames))].map((name) => ({ ...request, name }))
}
