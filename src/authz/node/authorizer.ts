import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { at, string } from '../../cluster/json.ts'
import { decodeRole, type PolicyRule, type Subject } from '../../cluster/rbac.ts'
import type { Asked, Authorizer, Granted } from '../authorizers.ts'
import { bootstrapObjects } from '../bootstrap.ts'
import { isUrlRequest, type Request, type ResourceRequest } from '../rules.ts'
import { NODES, type Requester } from '../subjects.ts'
import { type NodeUses, nodeUses, type Used } from './uses.ts'
import { nodeVerdict } from './verdict.ts'

export const NODE_USER = 'system:node:'

/** A node by pkg/auth/nodeidentifier: its name, the group system:nodes, and something after the prefix. */
function nodeOf({ user, groups }: Requester): string | undefined {
  if (!user.startsWith(NODE_USER) || !groups.includes(NODES)) return undefined
  return user.slice(NODE_USER.length) || undefined
}

/** The nodes that the input holds or that its pods run on. */
export function nodeNames(cluster: Cluster): ReadonlySet<string> {
  const names = new Set(cluster.ofKind('Node').map((node) => node.name))
  for (const pod of cluster.ofKind('Pod')) {
    const name = string(at(pod.body, 'spec', 'nodeName'))
    if (name) names.add(name)
  }
  return names
}

/** The Node authorizer over the pods and volumes of the input; kube-apiserver has it by `--authorization-mode=Node,RBAC`. */
export function nodeAuthorizer(cluster: Cluster): Authorizer {
  const { minor } = cluster.version
  const rules = rulesOfNodes(minor)
  let known: NodeUses | undefined
  const uses = (): NodeUses => {
    known ??= nodeUses(cluster)
    return known
  }
  const granted = (node: string, request: Request): Granted[] => {
    const verdict = nodeVerdict({ node, uses, rules, minor }, request)
    if (!verdict.allowed) return []
    const namespace = isUrlRequest(request) ? '' : request.namespace
    return [{ ...ofNode(node), namespace, rule: ruleOf(request), because: verdict.because }]
  }
  return {
    name: 'Node',
    grants: (requester, request) => {
      const node = nodeOf(requester)
      return node === undefined ? [] : granted(node, request)
    },
    *holders(asked) {
      const nodes = nodeNames(cluster)
      if (nodes.size === 0) return
      for (const request of requestsOf(asked, uses)) for (const node of nodes) yield* granted(node, request)
    },
    *rulesFor(requester, namespace) {
      const node = nodeOf(requester)
      if (node === undefined) return
      yield* alike(node, rules, minor)
      yield* own(node, uses(), minor, namespace)
    },
  }
}

function ofNode(node: string): Pick<Granted, 'authorizer' | 'subject'> {
  const subject: Subject = { kind: 'User', name: `${NODE_USER}${node}`, namespace: '' }
  return { authorizer: 'Node', subject }
}

/** NodeRules of rbac/bootstrappolicy, which the default ClusterRole system:node repeats; the cluster's own copy does not count. */
function rulesOfNodes(minor: number): readonly PolicyRule[] {
  const role = bootstrapObjects(minor).find((object) => object.kind === 'ClusterRole' && object.name === 'system:node')
  return role ? decodeRole(role, true).rules : []
}

function ruleOf(request: Request): PolicyRule {
  const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] }
  if (isUrlRequest(request)) return { ...none, verbs: [request.verb], nonResourceURLs: [request.path] }
  const { verb, group, resource, subresource, name } = request
  return {
    ...none,
    verbs: [verb],
    apiGroups: [group],
    resources: [subresource === '' ? resource : `${resource}/${subresource}`],
    resourceNames: name === '' ? [] : [name],
  }
}

/** For a request in every namespace, those namespaces in which a node may have an answer. */
function* requestsOf({ request, each }: Asked, uses: () => NodeUses): Generator<Request> {
  if (isUrlRequest(request) || each === undefined || each === 'name') {
    yield request
    return
  }
  if (request.resource === 'leases') yield { ...request, namespace: 'kube-node-lease' }
  else if (!isDivided(request)) yield request
  else if (request.name === '') yield request
  else
    for (const { namespace, name } of uses().all(request.resource as Used))
      if (name === request.name) yield { ...request, namespace }
}

const BY_NAMESPACE = new Set([
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'serviceaccounts',
  'resourceclaims',
  'pods',
])

function isDivided({ group, resource }: ResourceRequest): boolean {
  return (group === '' || group === 'resource.k8s.io') && BY_NAMESPACE.has(resource)
}

/** Resources of which a node is allowed some objects only. */
const DIVIDED = new Set([
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'persistentvolumeclaims/status',
  'persistentvolumes',
  'resourceclaims',
  'volumeattachments',
  'serviceaccounts',
  'serviceaccounts/token',
  'leases',
  'csinodes',
  'resourceslices',
  'podcertificaterequests',
])

/** What every node is allowed whatever object it names. */
function* alike(node: string, rules: readonly PolicyRule[], minor: number): Generator<Granted> {
  for (const rule of rules) {
    const resources = rule.resources.filter((each) => !DIVIDED.has(each))
    const verbs =
      minor >= 32 && resources.every((each) => each === 'pods' || each === 'nodes')
        ? rule.verbs.filter((verb) => verb !== 'get' && verb !== 'list' && verb !== 'watch')
        : rule.verbs
    if (resources.length === 0 || verbs.length === 0) continue
    const why = [because('every node may')]
    yield { ...ofNode(node), namespace: '', rule: { ...rule, resources, verbs }, because: why }
  }
}

/** Its own objects, and those that its pods use, by name. */
function* own(node: string, uses: NodeUses, minor: number, namespace: string | undefined): Generator<Granted> {
  const named = (verbs: readonly string[], group: string, resource: string, name: string): PolicyRule => ({
    verbs,
    apiGroups: [group],
    resources: [resource],
    resourceNames: name === '' ? [] : [name],
    nonResourceURLs: [],
  })
  const one = (rule: PolicyRule, where: string, why: Granted['because']): Granted[] =>
    where === '' || namespace === undefined || where === namespace
      ? [{ ...ofNode(node), namespace: where, rule, because: why }]
      : []
  const mine = [because('it is the node’s own')]
  const change = ['get', 'update', 'patch', 'delete']
  yield* one(named(['create'], 'coordination.k8s.io', 'leases', ''), 'kube-node-lease', mine)
  yield* one(named(change, 'coordination.k8s.io', 'leases', node), 'kube-node-lease', mine)
  yield* one(named(['create'], 'storage.k8s.io', 'csinodes', ''), '', mine)
  yield* one(named(change, 'storage.k8s.io', 'csinodes', node), '', mine)
  if (minor >= 32) yield* one(named(['get', 'list', 'watch'], '', 'nodes', node), '', mine)
  if (minor >= 30) yield* one(named(['create'], 'resource.k8s.io', 'resourceslices', ''), '', mine)
  for (const [type, group, verbs, resource, since] of OWNED) {
    if (minor < since) continue
    for (const { namespace: where, name, nodes } of uses.all(type)) {
      const why = nodes.get(node)
      if (why) yield* one(named(verbs, group, resource, name), where, why)
    }
  }
}

const OWNED: readonly (readonly [Used, string, readonly string[], string, number])[] = [
  ['pods', '', ['get', 'list', 'watch'], 'pods', 32],
  ['secrets', '', ['get', 'list', 'watch'], 'secrets', 0],
  ['configmaps', '', ['get', 'list', 'watch'], 'configmaps', 0],
  ['persistentvolumeclaims', '', ['get'], 'persistentvolumeclaims', 0],
  ['persistentvolumeclaims', '', ['update', 'patch'], 'persistentvolumeclaims/status', 0],
  ['persistentvolumes', '', ['get'], 'persistentvolumes', 0],
  ['serviceaccounts', '', ['get'], 'serviceaccounts', 34],
  ['serviceaccounts', '', ['create'], 'serviceaccounts/token', 0],
  ['resourceclaims', 'resource.k8s.io', ['get'], 'resourceclaims', 0],
  ['volumeattachments', 'storage.k8s.io', ['get'], 'volumeattachments', 0],
  ['resourceslices', 'resource.k8s.io', ['get', 'update', 'patch', 'delete'], 'resourceslices', 30],
  ['podcertificaterequests', 'certificates.k8s.io', ['get'], 'podcertificaterequests', 37],
]
