import type { Granted } from '../../../authz/authorizers.ts'
import { rbacAuthorizer } from '../../../authz/rbac.ts'
import { MASTERS } from '../../../authz/subjects.ts'
import { because } from '../../../cluster/because.ts'
import { idOf } from '../../../cluster/object.ts'
import { subjectId } from '../../../cluster/rbac.ts'
import type { Edge, EdgeKind } from '../../engine.ts'
import type { CloudContext } from '../context.ts'

/** Row 34 of the union of the field. */
export const AUTH_MAP_KIND: EdgeKind = {
  kind: 'edit-aws-auth',
  title: 'can edit the ConfigMap aws-auth, by which any AWS principal becomes a member of',
  from: 'User, Group, ServiceAccount',
  to: 'Group system:masters',
  chance: '1',
  precondition:
    'update or patch of kube-system/aws-auth (or create, where the input has none), in a cluster of EKS whose authentication mode is CONFIG_MAP or API_AND_CONFIG_MAP; unknown where no export tells the mode, never with API',
  source: 'Amazon EKS user guide, aws-auth ConfigMap; kubernetes-sigs/aws-iam-authenticator pkg/mapper/configmap',
}

const TARGET = { group: '', resource: 'configmaps', subresource: '', namespace: 'kube-system' } as const

export function* authMapEdges({ eks, cluster, known }: CloudContext): Generator<Edge> {
  if (!eks || eks.mode === 'API') return
  const rbac = rbacAuthorizer(known.policy())
  const exists = cluster.get('ConfigMap/kube-system/aws-auth') !== undefined
  const requests = [
    { ...TARGET, verb: 'update', name: 'aws-auth' },
    { ...TARGET, verb: 'patch', name: 'aws-auth' },
    ...(exists ? [] : [{ ...TARGET, verb: 'create', name: '' }]),
  ]
  const told = new Set<string>()
  for (const request of requests) {
    for (const granted of rbac.holders({ request })) {
      const from = subjectId(granted.subject)
      const rule = granted.grant?.binding.object.id ?? ''
      if (told.has(`${from} ${rule}`) || isEverything(granted) || from === idOf('Group', '', MASTERS)) continue
      told.add(`${from} ${rule}`)
      yield {
        kind: 'edit-aws-auth',
        from,
        to: idOf('Group', '', MASTERS),
        chance: 1,
        truth: eks.mode !== undefined && eks.isSure ? 'yes' : 'unknown',
        rule,
        because: [
          ...granted.because,
          because(
            eks.mode === undefined
              ? 'whether the cluster reads aws-auth is in no export'
              : `the authentication mode is ${eks.mode}`,
          ),
        ],
      }
    }
  }
}

/** Whoever may do everything is not told each thing that follows. */
export function isEverything({ rule }: Granted): boolean {
  return rule.verbs.includes('*') && rule.resources.includes('*') && rule.apiGroups.includes('*')
}
