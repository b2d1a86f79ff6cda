import { authorize } from '../authz/authorize.ts'
import { uncovered } from '../authz/covers.ts'
import type { RbacPolicy } from '../authz/policy.ts'
import { type Request, type ResourceRequest, ruleGrants } from '../authz/rules.ts'
import { implicitGroups, MASTERS, type Requester, subjectIdsOf } from '../authz/subjects.ts'
import type { Truth } from '../cluster/labels.ts'
import { idOf } from '../cluster/object.ts'
import type { PolicyRule } from '../cluster/rbac.ts'
import type { AccessBehaviour, Who } from './behaviour.ts'
import { bindingOf, rulesOf } from './rights.ts'

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

function writesRole({ object }: AccessBehaviour, request: ResourceRequest, today: RbacPolicy): Check {
  const role = today.role(request.resource === 'roles' ? 'Role' : 'ClusterRole', request.namespace, object)
  return {
    words: 'which needs escalate, or every right that the role gives',
    concerns: () => true,
    passes: (policy, requester) => {
      const may = authorize(policy, requester, { ...request, verb: 'escalate', name: object })
      return may.allowed ? 'yes' : holdsAll(policy, requester, request.namespace, role?.rules)
    },
  }
}

function binds({ object }: AccessBehaviour, request: ResourceRequest, today: RbacPolicy): Check {
  const kind = request.resource === 'rolebindings' ? 'RoleBinding' : 'ClusterRoleBinding'
  const id = idOf(kind, request.namespace, object)
  const binding = bindingOf(today, id)
  const role = binding && today.roleOf(binding)
  return {
    words: 'which needs bind, or every right that the binding gives',
    concerns: () => true,
    passes: (policy, requester) => {
      const resource = binding?.roleKind === 'Role' ? 'roles' : 'clusterroles'
      const may = authorize(policy, requester, {
        ...request,
        verb: 'bind',
        resource,
        name: binding?.roleName ?? '',
      })
      return may.allowed ? 'yes' : holdsAll(policy, requester, request.namespace, role?.rules)
    },
  }
}

/** What the object held when it was written is not recorded: what it holds today stands for it. */
function holdsAll(
  policy: RbacPolicy,
  requester: Requester,
  namespace: string,
  rules: readonly PolicyRule[] | undefined,
): Truth {
  const own = rulesOf(policy, subjectIdsOf(requester), namespace)
  return rules === undefined ? 'unknown' : truthOf(uncovered(own, rules).length === 0)
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

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):(.+)$/

/** Of an impersonated request, what its impersonator needed: of the user and each group, or a constrained mode (KEP-5284). */
export function impersonates({ who, request }: AccessBehaviour): Check {
  const needed = impersonated(who)
  const account = SERVICE_ACCOUNT.test(who.user)
  const modes = account ? ['serviceaccount', 'user-info'] : ['user-info']
  return {
    words: `which needs impersonate on ${who.user}`,
    concerns: () => true,
    passes: (policy, requester) => {
      const may = (asked: Request): boolean => authorize(policy, requester, asked).allowed
      if (needed.every(may)) return 'yes'
      const constrained = modes.some(
        (mode) =>
          may({ ...request, verb: `impersonate-on:${mode}:${request.verb}` }) &&
          needed.every((each) => may({ ...each, verb: `impersonate:${mode}`, group: 'authentication.k8s.io' })),
      )
      return truthOf(constrained)
    },
  }
}

function truthOf(holds: boolean): Truth {
  return holds ? 'yes' : 'no'
}

/** The groups that follow from a name are added by the API server and need no right. */
function impersonated(who: Who): readonly ResourceRequest[] {
  const account = SERVICE_ACCOUNT.exec(who.user)
  const base = { verb: 'impersonate', group: '', subresource: '' }
  const implied = new Set(implicitGroups(who.subject))
  return [
    account
      ? {
          ...base,
          resource: 'serviceaccounts',
          namespace: account[1] as string,
          name: account[2] as string,
        }
      : { ...base, resource: 'users', namespace: '', name: who.user },
    ...who.groups
      .filter((group) => !implied.has(group))
      .map((name) => ({ ...base, resource: 'groups', namespace: '', name })),
  ]
}

/** The rights that a subject has used without a record of their own, as far as it holds them today. */
export function sideUses(
  who: Who,
  policy: RbacPolicy,
): readonly { readonly behaviour: AccessBehaviour; readonly request: ResourceRequest }[] {
  const found: { behaviour: AccessBehaviour; request: ResourceRequest }[] = []
  const addHeld = (behaviour: AccessBehaviour, request: ResourceRequest): void => {
    if (authorize(policy, who, request).allowed) found.push({ behaviour, request })
  }
  for (const behaviour of who.behaviours) {
    const { request, object, outcome } = behaviour
    if (outcome !== 'used' || 'path' in request || !WRITES.has(request.verb)) continue
    const { group, resource, subresource } = request
    if (behaviour.created) addHeld(behaviour, { ...request, verb: 'create', name: '' })
    if (group === RBAC && subresource === '' && ROLES.has(resource))
      addHeld(behaviour, { ...request, verb: 'escalate', name: object })
    if (group === RBAC && subresource === '' && BINDINGS.has(resource)) {
      const id = idOf(resource === 'rolebindings' ? 'RoleBinding' : 'ClusterRoleBinding', request.namespace, object)
      const binding = bindingOf(policy, id)
      const of = binding?.roleKind === 'Role' ? 'roles' : 'clusterroles'
      addHeld(behaviour, { ...request, verb: 'bind', resource: of, name: binding?.roleName ?? '' })
    }
    const signers = { verb: '', group: CERTIFICATES, resource: 'signers', subresource: '', namespace: '', name: '' }
    if (group !== CERTIFICATES) continue
    if (subresource === 'approval') addHeld(behaviour, { ...signers, verb: 'approve' })
    if (resource === 'certificatesigningrequests' && subresource === 'status')
      addHeld(behaviour, { ...signers, verb: 'sign' })
    if (resource === 'clustertrustbundles') addHeld(behaviour, { ...signers, verb: 'attest' })
  }
  for (const behaviour of who.impersonations) {
    if (behaviour.outcome !== 'used') continue
    for (const request of impersonated(behaviour.who)) addHeld(behaviour, request)
  }
  return found
}
