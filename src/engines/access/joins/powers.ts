import { ruleGrants } from '../../../authz/rules.ts'
import type { PolicyRule } from '../../../cluster/rbac.ts'
import type { Power } from './binding-join.ts'

const RBAC = 'rbac.authorization.k8s.io'
const ALL = '*'
const EVERY_COMMON_VERB = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']

/** Every resource of every group, by the star or by each of the usual verbs. */
export const doesEverything: Power = ({ verbs, apiGroups, resources, resourceNames }) => {
  if (!apiGroups.includes(ALL) || !resources.includes(ALL) || resourceNames.length > 0) return undefined
  return verbs.includes(ALL) || EVERY_COMMON_VERB.every((verb) => verbs.includes(verb))
    ? 'do everything to every resource'
    : undefined
}

function only({ resourceNames }: PolicyRule): string {
  if (resourceNames.length === 0) return ''
  const more = resourceNames.length > 3 ? ', …' : ''
  return ` (only ${resourceNames.slice(0, 3).join(', ')}${more})`
}

/** POST and, through a websocket, GET: pkg/registry/core/pod/rest/subresources.go. */
export const runsCommands: Power = (rule) => {
  const found = ['exec', 'attach'].find((each) =>
    ['create', 'get'].some((verb) => ruleGrants(rule, verb, '', 'pods', each)),
  )
  if (found === undefined) return undefined
  return `${found === 'exec' ? 'run commands in' : 'attach to'} pods${only(rule)}`
}

/** A Secret that a rule names is a decision; all of them are a breach. */
export const readsSecrets: Power = (rule) =>
  rule.resourceNames.length === 0 && ['get', 'list', 'watch'].some((verb) => ruleGrants(rule, verb, '', 'secrets', ''))
    ? 'read Secrets'
    : undefined

const POD_MAKERS: readonly (readonly [string, string])[] = [
  ['', 'pods'],
  ['apps', 'deployments'],
  ['apps', 'daemonsets'],
  ['apps', 'statefulsets'],
  ['apps', 'replicasets'],
  ['', 'replicationcontrollers'],
  ['batch', 'jobs'],
  ['batch', 'cronjobs'],
]

/** What it writes there runs as any service account of the namespace. */
export const makesPods: Power = (rule) => {
  if (rule.resourceNames.length > 0) return undefined
  for (const verb of ['create', 'update', 'patch']) {
    const made = POD_MAKERS.find(([group, resource]) => ruleGrants(rule, verb, group, resource, ''))
    if (made) return `${verb} ${made[1]}`
  }
  return undefined
}

type Probe = readonly [verb: string, group: string, resource: string, subresource: string, says: string]

/** What leads to everything that the namespace's service accounts may do. */
const TAKES_NAMESPACE: readonly Probe[] = [
  ['create', '', 'pods', 'exec', 'run commands in pods'],
  ['create', '', 'pods', 'attach', 'attach to pods'],
  ['patch', '', 'pods', 'ephemeralcontainers', 'add containers to pods'],
  ['create', '', 'serviceaccounts', 'token', 'make tokens of service accounts'],
  ['impersonate', '', 'serviceaccounts', '', 'act as service accounts'],
  ['escalate', RBAC, 'roles', '', 'write any right into roles'],
  ['bind', RBAC, 'roles', '', 'bind any role'],
]

const TAKES_CLUSTER: readonly Probe[] = [
  ['impersonate', '', 'users', '', 'act as other users'],
  ['impersonate', '', 'groups', '', 'act as a member of other groups'],
  ['escalate', RBAC, 'clusterroles', '', 'write any right into roles'],
  ['bind', RBAC, 'clusterroles', '', 'bind any role'],
  ['get', '', 'nodes', 'proxy', 'run commands in pods through the kubelet'],
  ['create', '', 'nodes', 'proxy', 'run commands in pods through the kubelet'],
  ['create', 'admissionregistration.k8s.io', 'mutatingwebhookconfigurations', '', 'change what others write'],
  ['patch', 'admissionregistration.k8s.io', 'mutatingwebhookconfigurations', '', 'change what others write'],
]

function firstProbe(rule: PolicyRule, probes: readonly Probe[]): string | undefined {
  if (rule.resourceNames.length > 0) return undefined
  return probes.find(([verb, group, resource, sub]) => ruleGrants(rule, verb, group, resource, sub))?.[4]
}

/** Held in a namespace: takes over every service account of it. */
export const takesNamespace: Power = (rule) =>
  doesEverything(rule) ?? readsSecrets(rule) ?? makesPods(rule) ?? firstProbe(rule, TAKES_NAMESPACE)

/** Held everywhere: takes over the cluster. */
export const takesCluster: Power = (rule) => takesNamespace(rule) ?? firstProbe(rule, TAKES_CLUSTER)
