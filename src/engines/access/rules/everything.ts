import { everythingRule } from '../../../authz/rules.ts'
import { MASTERS } from '../../../authz/subjects.ts'
import { because } from '../../../cluster/because.ts'
import { idOf } from '../../../cluster/object.ts'
import { CONTROL_PLANE, type Edge } from '../../engine.ts'
import { type Held, type Right, type Rights, ruleId, whyRight } from '../rights.ts'
import type { AccessRule } from '../rule.ts'

const EVERYTHING = { verb: '*', group: '*', resource: '*', subresource: '' }

/** Rights over everything, cluster-wide: held, or that the subject can give itself. */
export const everything: AccessRule = {
  kinds: [
    {
      kind: 'cluster-admin',
      title: 'may do everything in the cluster',
      from: 'User, Group, ServiceAccount',
      to: 'ControlPlane',
      chance: '1',
      precondition:
        'a ClusterRoleBinding to a role with `*` verbs on `*` resources of `*` groups (the group matters: `*` of one group is not everything)',
      source: 'plugin/pkg/auth/authorizer/rbac',
    },
    {
      kind: 'bind-role',
      title: 'binds any ClusterRole to itself',
      from: 'User, Group, ServiceAccount',
      to: 'ControlPlane',
      chance: '1',
      precondition:
        '`bind` on clusterroles (all, or one that allows everything) and `create` clusterrolebindings, or `update`/`patch` of one that refers to such a role: subjects of a binding may be changed, its role may not. With rolebindings the gain is the role’s rights in the namespace, and cluster-wide in each namespace',
      source: 'pkg/registry/rbac/clusterrolebinding/policybased',
    },
    {
      kind: 'escalate-role',
      title: 'writes any right into a role that it holds',
      from: 'User, Group, ServiceAccount',
      to: 'ControlPlane',
      chance: '1',
      precondition:
        '`escalate` and `update`/`patch` on a ClusterRole that is bound cluster-wide to it, or to an account or user that it can be by one right more (its token, impersonation, its pods or new ones); or `escalate` and `create` on clusterroles, where such a binding refers to one that does not exist. In one namespace the gain is everything there. Others’ Roles are not followed where the rights are over every Role of every namespace',
      source: 'pkg/registry/rbac/clusterrole/policybased',
    },
  ],
  *edges(rights: Rights): Generator<Edge> {
    for (const held of rights.held) {
      if (held.namespace !== '') continue
      const rule = everythingRule(held.role.rules)
      const own = held.holder === rights.subject
      if (rule < 0 || !own) continue
      const right: Right = { probe: EVERYTHING, held, rule, names: undefined }
      yield {
        kind: kindOf(held),
        from: rights.subject,
        to: CONTROL_PLANE,
        chance: 1,
        truth: 'yes',
        rule: ruleId(right),
        because: whyRight(right),
      }
    }
  },
}

function kindOf({ by }: Held): string {
  if (!Array.isArray(by)) return 'cluster-admin'
  return (by as readonly Right[])[0]?.probe.verb === 'escalate' ? 'escalate-role' : 'bind-role'
}

/** `system:masters` is allowed everything before RBAC is asked, and no binding can take it away. */
export function mastersEdge(): Edge {
  return {
    kind: 'masters',
    from: idOf('Group', '', MASTERS),
    to: CONTROL_PLANE,
    chance: 1,
    truth: 'yes',
    rule: '',
    because: [because('system:masters is allowed everything by an authorizer of its own')],
  }
}
