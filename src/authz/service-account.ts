import { type Because, because } from '../cluster/because.ts'
import type { Truth } from '../cluster/labels.ts'
import { idOf } from '../cluster/object.ts'
import { authorize } from './authorize.ts'
import type { RbacPolicy } from './policy.ts'
import { implicitGroups } from './subjects.ts'

export interface ServiceAccountRequest {
  readonly serviceAccount: string
  readonly namespace: string
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
}

/** Whether a service account may do something to everything of a kind in its own namespace, and by which binding. */
export function serviceAccountMay(
  policy: RbacPolicy,
  request: ServiceAccountRequest,
): { truth: Truth; because: readonly Because[] } {
  const { serviceAccount, namespace } = request
  const requester = {
    user: `system:serviceaccount:${namespace}:${serviceAccount}`,
    groups: implicitGroups(idOf('ServiceAccount', namespace, serviceAccount)),
  }
  const decision = authorize(policy, requester, { ...request, name: '' })
  if (!decision.allowed) return { truth: 'no', because: [] }
  if (decision.by === 'system:masters') return { truth: 'yes', because: [because('is a member of system:masters')] }
  const { binding, role, rule } = decision.by
  const path = role.aggregation ? ['aggregationRule'] : ['rules', rule]
  return {
    truth: 'yes',
    because: [
      because(
        `${binding.kind} ${binding.name} lets it ${request.verb} ${request.resource}/${request.subresource}`,
        binding.object,
        ['roleRef'],
      ),
      because(`a rule of ${role.kind} ${role.name}`, role.object, path),
    ],
  }
}
