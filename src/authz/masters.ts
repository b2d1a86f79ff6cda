import { because } from '../cluster/because.ts'
import type { PolicyRule, Subject } from '../cluster/rbac.ts'
import { type Authorizer, EVERYTHING, type Granted } from './authorizers.ts'
import { isUrlRequest, type Request } from './rules.ts'
import { MASTERS } from './subjects.ts'

const GROUP: Subject = { kind: 'Group', name: MASTERS, namespace: '' }
const WHY = [because('members of system:masters may do everything, and no binding takes it away')]

function granted(rule: PolicyRule): Granted {
  return { authorizer: MASTERS, subject: GROUP, namespace: '', rule, because: WHY }
}

const ruleFor = (request: Request): PolicyRule => EVERYTHING[isUrlRequest(request) ? 1 : 0] as PolicyRule

/** The API server asks it before all others (apiserver/pkg/authorization/authorizerfactory privilegedGroups). */
export const mastersAuthorizer: Authorizer = {
  name: MASTERS,
  grants: ({ groups }, request) => (groups.includes(MASTERS) ? [granted(ruleFor(request))] : []),
  holders: ({ request }) => [granted(ruleFor(request))],
  rulesFor: ({ groups }) => (groups.includes(MASTERS) ? EVERYTHING.map(granted) : []),
}
