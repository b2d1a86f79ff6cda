import { accountOf, wantedOf } from '../../authz/impersonation.ts'
import type { Request, ResourceRequest } from '../../authz/rules.ts'
import type { AccessBehaviour, Who } from '../../engines/access/used/behaviour.ts'

const RBAC = 'rbac.authorization.k8s.io'
const CERTIFICATES = 'certificates.k8s.io'
const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch'])

/**
 * What requests needed beside the right to make them, where today's rules are not known: what could have been needed in one
 * way only. Roles and bindings may be written by whoever holds what they give, which the log does not show; `untold` hears
 * of those.
 */
export function passing(
  who: Who,
  untold: (behaviour: AccessBehaviour, why: string) => void,
): readonly { readonly behaviour: AccessBehaviour; readonly request: Request }[] {
  const found: { behaviour: AccessBehaviour; request: Request }[] = []
  for (const behaviour of who.behaviours) {
    const { request, outcome, created } = behaviour
    if (outcome !== 'used' || 'path' in request || !WRITES.has(request.verb)) continue
    const { group, resource, subresource } = request
    if (created) found.push({ behaviour, request: { ...request, verb: 'create', name: '' } })
    if (group === RBAC && subresource === '')
      untold(behaviour, 'it needs escalate or bind beside it, or to hold what is given: say by -f what is held today')
    const verb = group === CERTIFICATES ? signerVerb(resource, subresource) : undefined
    if (verb !== undefined) found.push({ behaviour, request: { ...SIGNERS, verb } })
  }
  for (const behaviour of who.impersonations) {
    if (behaviour.outcome !== 'used') continue
    for (const request of impersonated(behaviour.who)) found.push({ behaviour, request })
  }
  return found
}

const SIGNERS = { group: CERTIFICATES, resource: 'signers', subresource: '', namespace: '', name: '' }

function signerVerb(resource: string, subresource: string): string | undefined {
  if (subresource === 'approval') return 'approve'
  if (resource === 'certificatesigningrequests' && subresource === 'status') return 'sign'
  return resource === 'clustertrustbundles' && subresource === '' ? 'attest' : undefined
}

/** The way that every version has: `impersonate` on the user and on each group. */
function impersonated(who: Who): readonly ResourceRequest[] {
  const base = { verb: 'impersonate', group: '', subresource: '' }
  const account = accountOf(who.user)
  const [wanted] = wantedOf(who)
  return [
    account
      ? { ...base, resource: 'serviceaccounts', namespace: account.namespace, name: account.name }
      : { ...base, resource: 'users', namespace: '', name: who.user },
    ...(wanted?.groups ?? []).map((name) => ({ ...base, resource: 'groups', namespace: '', name })),
  ]
}
