import { accessPolicyRules } from '../../../authz/cloud/access-policies.ts'
import { starMatches } from '../../../authz/cloud/glob.ts'
import { type ResourceRequest, ruleAllows } from '../../../authz/rules.ts'
import { because } from '../../../cluster/because.ts'
import { idOf } from '../../../cluster/object.ts'
import type { PolicyRule } from '../../../cluster/rbac.ts'
import { CONTROL_PLANE, type Edge, type EdgeKind } from '../../engine.ts'
import type { CloudContext } from '../context.ts'

export const POLICY_REACH_KIND: EdgeKind = {
  kind: 'access-policy',
  title: 'lets its holder take',
  from: 'AccessPolicy',
  to: 'ControlPlane, Secret, ServiceAccount, workload',
  chance: '1',
  precondition:
    'its rules, as Amazon tables them, read Secrets, or create pods or execute in them, in the namespaces of its scope; of a policy whose rules are not known, all of it is unknown',
  source: 'Amazon EKS user guide, Review access policy permissions',
}

/** The node of a policy in a scope. */
export function policyNode(policy: string, namespaces: readonly string[] | undefined): string {
  return idOf('AccessPolicy', namespaces ? [...namespaces].sort().join(',') : '', policy)
}

/** What any rules of Kubernetes that a cloud grants lead to. */
export function* ruleEdges(
  context: CloudContext,
  node: string,
  rules: readonly PolicyRule[] | undefined,
  namespaces: readonly string[] | undefined,
): Generator<Edge> {
  const truth = rules ? 'yes' : 'unknown'
  const edge = (to: string, text: string): Edge => ({
    kind: 'access-policy',
    from: node,
    to,
    chance: 1,
    truth,
    rule: '',
    because: [because(text)],
  })
  const may = (request: Partial<ResourceRequest>): boolean =>
    !rules || rules.some((rule) => ruleAllows(rule, { ...NOTHING, ...request }))
  const inScope = (namespace: string): boolean =>
    namespaces === undefined || namespaces.some((pattern) => starMatches(pattern, namespace))
  if (namespaces === undefined && may({ verb: '*', group: '*', resource: '*' })) {
    yield edge(CONTROL_PLANE, rules ? 'its rules allow everything' : 'its rules are not known')
    return
  }
  const ofRoles = { group: 'rbac.authorization.k8s.io', resource: 'clusterroles' }
  const binds =
    may({ ...ofRoles, verb: 'create', resource: 'clusterrolebindings' }) && may({ ...ofRoles, verb: 'bind' })
  if (
    namespaces === undefined &&
    (binds || (may({ ...ofRoles, verb: 'escalate' }) && may({ ...ofRoles, verb: 'update' })))
  )
    yield edge(CONTROL_PLANE, 'its rules bind any ClusterRole, or write rules into one that its holder has')
  const { cluster } = context
  if (may({ verb: 'get', resource: 'secrets' }) || may({ verb: 'list', resource: 'secrets' }))
    for (const secret of cluster.ofKind('Secret'))
      if (inScope(secret.namespace)) yield edge(secret.id, 'its rules read Secrets')
  const runs = may({ verb: 'create', resource: 'pods' })
  const executes = may({ verb: 'create', resource: 'pods', subresource: 'exec' })
  if (!runs && !executes && !may({ verb: 'impersonate', resource: 'serviceaccounts' })) return
  for (const account of context.accounts)
    if (inScope(account.namespace))
      yield edge(account.id, 'its rules create pods, which may run as any service account')
  if (executes)
    for (const workload of cluster.workloads)
      if (!workload.finished && inScope(workload.namespace)) yield edge(workload.id, 'its rules execute in pods')
  if (!runs) return
  for (const name of cluster.namespaces.keys()) {
    if (!inScope(name) || context.known.admits(name, 'privileged').truth === 'no') continue
    for (const each of cluster.placement.nodes)
      yield edge(each.id, 'its rules create pods, which may be privileged and choose their node')
    return
  }
}

const NOTHING: ResourceRequest = { verb: '', group: '', resource: '', subresource: '', namespace: '', name: '' }

export function rulesOfPolicy(policy: string): readonly PolicyRule[] | undefined {
  return accessPolicyRules(policy)
}
