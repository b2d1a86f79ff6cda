import { dateOf } from './clock.ts'
import { API_SERVER, CALLERS, GRANTS, NODES } from './plan.ts'
import { type Draw, drawOf, pick, podsOf, uuid } from './pods.ts'

/** Of the binding: `name`, or `namespace/name` of a RoleBinding. */
export type Caller = readonly [user: string, from: string, binding: string, role: string, more?: More]

interface More {
  /** Besides those that everyone is in; the binding is then the group's. */
  readonly group?: string
  /** The beginning of the fingerprint of a client certificate. */
  readonly certificate?: string
}

export interface Manner {
  /** 200 unless told, 201 for a `create`; 403 is of the authorizer. */
  readonly code?: number
  readonly dryRun?: true
  /** UTC. */
  readonly hours?: readonly [from: number, to: number]
  /** Sunday is 0. */
  readonly weekdays?: readonly number[]
}

export type Habit = readonly [caller: string, perDay: number, requests: string, manner?: Manner]
export type Once = readonly [at: string, caller: string, request: string, manner?: Manner]

/** A caller as the API server records it. */
export interface Calling {
  readonly user: object
  readonly name: string
  readonly address: string
  readonly agent: string
  /** `authorization.k8s.io/reason`; the Node authorizer gives none. */
  readonly reason: string
}

const VERSION = 'v1.36.1'
/** People sit there. */
const OFFICE = '198.51.100.'
const COMMIT = 'kubernetes/8d3c1f2'
const CREDENTIAL = 'authentication.kubernetes.io/credential-id'

/** A caller of CALLERS, `node NAME`, `controller NAME`, or one of the pods of a workload. */
export function callerOf(name: string, time: number, draw: Draw): Calling {
  const known = CALLERS[name]
  if (known) return person(known)
  const [kind, own = ''] = name.split(' ')
  if (kind === 'node') return node(own)
  if (kind === 'controller') return controller(own)
  const pod = pick(podsOf(name, time), draw)
  const { user, account } = accountOf(pod.namespace, pod.account)
  const [binding, role] = GRANTS[name] ?? []
  const extra = {
    [CREDENTIAL]: [`JTI=${uuid(drawOf(`${pod.uid} ${dateOf(time)}`))}`],
    'authentication.kubernetes.io/node-name': [pod.node],
    'authentication.kubernetes.io/pod-name': [pod.name],
    'authentication.kubernetes.io/pod-uid': [pod.uid],
  }
  return {
    user: { ...user, extra },
    name: user.username,
    address: pod.address,
    agent: `${pod.workload.name} (linux/amd64) client-go/v0.36.1`,
    reason: binding === undefined || role === undefined ? '' : reasonOf(binding, role, account),
  }
}

function person([user, from, binding, role, { group, certificate } = {}]: Caller): Calling {
  const [, , namespace, account] = user.split(':')
  const agent = `kubectl/${VERSION} (${from.startsWith(OFFICE) ? 'darwin/arm64' : 'linux/amd64'}) ${COMMIT}`
  if (namespace !== undefined && account !== undefined) {
    const own = accountOf(namespace, account)
    return { user: own.user, name: user, address: from, agent, reason: reasonOf(binding, role, own.account) }
  }
  const groups = [...(group === undefined ? [] : [group]), 'system:authenticated']
  const extra = certificate === undefined ? {} : { extra: { [CREDENTIAL]: [`X509SHA256=${certificate.repeat(8)}`] } }
  const subject = group === undefined ? `User "${user}"` : `Group "${group}"`
  return {
    user: { username: user, groups, ...extra },
    name: user,
    address: from,
    agent,
    reason: reasonOf(binding, role, subject),
  }
}

function node(name: string): Calling {
  const username = `system:node:${name}`
  const certificate = uuid(drawOf(username)).replaceAll('-', '').repeat(2)
  return {
    user: {
      username,
      groups: ['system:nodes', 'system:authenticated'],
      extra: { [CREDENTIAL]: [`X509SHA256=${certificate}`] },
    },
    name: username,
    address: Object.values(NODES).find((each) => each.name === name)?.address ?? '',
    agent: `kubelet/${VERSION} (linux/amd64) ${COMMIT}`,
    reason: '',
  }
}

function controller(name: string): Calling {
  const { user, account } = accountOf('kube-system', name)
  return {
    user,
    name: user.username,
    address: API_SERVER,
    agent: `kube-controller-manager/${VERSION} (linux/amd64) ${COMMIT}/${user.username}`,
    reason: reasonOf(`system:controller:${name}`, `system:controller:${name}`, account),
  }
}

export function accountOf(namespace: string, name: string) {
  const username = `system:serviceaccount:${namespace}:${name}`
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
  return { user: { username, uid: uuid(drawOf(username)), groups }, account: `ServiceAccount "${name}/${namespace}"` }
}

/** The authorizer writes the name of a binding before its namespace. */
function reasonOf(binding: string, role: string, subject: string): string {
  const [first = '', second] = binding.split('/')
  const by = second === undefined ? `ClusterRoleBinding "${first}"` : `RoleBinding "${second}/${first}"`
  const of = role.startsWith('Role/') ? `Role "${role.slice('Role/'.length)}"` : `ClusterRole "${role}"`
  return `RBAC: allowed by ${by} of ${of} to ${subject}`
}
