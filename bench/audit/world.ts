import { random } from '../generate.ts'

/** One kind of request that somebody makes, and how often beside the others of theirs. */
export interface Habit {
  readonly weight: number
  readonly verb: string
  readonly group: string
  readonly version: string
  /** Empty for a path. */
  readonly resource: string
  readonly subresource: string
  /** Empty for the cluster’s own objects, for all namespaces, and for a path. */
  readonly namespace: string
  /** What is asked for by name; none for collections. */
  readonly names: readonly string[]
  readonly path: string
  /** Of a list or a watch: beside paging and watching. */
  readonly query: string
}

export type IdentityKind = 'app' | 'person' | 'ci' | 'node' | 'controller'

/** Who asks: one user with one credential at a time. */
export interface Identity {
  readonly kind: IdentityKind
  readonly user: string
  readonly uid: string
  readonly groups: readonly string[]
  /** `authentication.kubernetes.io/credential-id`; a service account’s token is renewed, see `renewals`. */
  readonly credentials: readonly string[]
  readonly pod?: { readonly name: string; readonly uid: string; readonly node: string; readonly nodeUid: string }
  readonly source: string
  readonly agent: string
  /** How many of a thousand requests of the log are of this identity, on average. */
  readonly share: number
  readonly habits: readonly Habit[]
  /** Asked for now and then, and always refused. */
  readonly refused: readonly Habit[]
  /** What allows the habits, as in the reason of the log. */
  readonly binding: {
    readonly kind: 'RoleBinding' | 'ClusterRoleBinding'
    readonly name: string
    readonly role: string
  }
  readonly namespace: string
}

export interface World {
  readonly namespaces: readonly string[]
  readonly identities: readonly Identity[]
}

const NAMESPACES = 25
const COUNTS: Readonly<Record<IdentityKind, number>> = { app: 700, person: 120, ci: 20, node: 100, controller: 60 }
const SHARES: Readonly<Record<IdentityKind, number>> = { app: 430, person: 20, ci: 30, node: 270, controller: 250 }

/** A thousand identities, the same for the same seed; what they do is the truth that a reader of the log must find. */
export function worldOf(seed: number): World {
  const draw = random(seed)
  const namespaces = Array.from({ length: NAMESPACES }, (_, at) => `team-${at + 1}`)
  const make = { app, person, ci, node, controller }
  const identities = (Object.keys(COUNTS) as IdentityKind[]).flatMap((kind) => {
    const made = Array.from({ length: COUNTS[kind] }, (_, at) => make[kind](at, draw, namespaces))
    // Few of each kind ask most.
    const weights = made.map((_, at) => 1 / (at + 4))
    const sum = weights.reduce((all, each) => all + each, 0)
    return made.map((each, at) => ({ ...each, share: (SHARES[kind] * (weights[at] as number)) / sum }))
  })
  return { namespaces, identities }
}

type Made = Omit<Identity, 'share'>
type Draw = () => number

function app(at: number, draw: Draw, namespaces: readonly string[]): Made {
  const namespace = namespaces[at % namespaces.length] as string
  const name = `app-${at}`
  const own = { group: '', version: 'v1', namespace }
  const lease = {
    group: 'coordination.k8s.io',
    version: 'v1',
    resource: 'leases',
    namespace,
    names: [`${name}-leader`],
  }
  const reads = pick([['configmaps'], ['configmaps', 'secrets'], ['endpoints', 'services'], ['pods']], draw)
  const habits = [
    habit({ ...lease, verb: 'get', weight: 20 }),
    habit({ ...lease, verb: 'update', weight: 20 }),
    ...reads.flatMap((resource) => [
      habit({ ...own, verb: 'list', resource, weight: 4 }),
      habit({ ...own, verb: 'watch', resource, weight: 10 }),
    ]),
    habit({ ...own, verb: 'get', resource: 'configmaps', names: [`${name}-config`, `${name}-features`], weight: 6 }),
    ...(draw() < 0.4 ? [habit({ ...own, verb: 'get', resource: 'secrets', names: [`${name}-db`], weight: 3 })] : []),
    ...(draw() < 0.3
      ? [
          habit({
            ...own,
            group: 'batch',
            verb: 'create',
            resource: 'jobs',
            weight: 1,
            names: [`${name}-${hex(draw).slice(0, 5)}`],
          }),
        ]
      : []),
    ...(draw() < 0.2
      ? [habit({ ...own, verb: 'patch', resource: 'pods', subresource: 'status', names: [`${name}-0`], weight: 2 })]
      : []),
  ]
  const node = `node-${at % COUNTS.node}`
  return {
    kind: 'app',
    user: `system:serviceaccount:${namespace}:${name}`,
    uid: uuid(draw),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    credentials: Array.from({ length: 8 }, () => `JTI=${uuid(draw)}`),
    pod: {
      name: `${name}-${hex(draw).slice(0, 8)}-${hex(draw).slice(0, 5)}`,
      uid: uuid(draw),
      node,
      nodeUid: uuid(draw),
    },
    source: `10.${128 + (at >> 8)}.${at & 255}.${1 + (at % 250)}`,
    agent: `${name}/v1.4.${at % 9} (linux/amd64) client-go/v0.3${4 + (at % 3)}.1 kubernetes/$Format`,
    habits,
    refused: [
      habit({ ...own, verb: 'list', resource: 'secrets' }),
      habit({ ...own, group: 'apps', verb: 'patch', resource: 'deployments', names: [name] }),
    ],
    binding: { kind: 'RoleBinding', name: `${name}-runtime`, role: `${name}-runtime` },
    namespace,
  }
}

function person(at: number, draw: Draw, namespaces: readonly string[]): Made {
  const namespace = namespaces[(at * 7) % namespaces.length] as string
  const own = { group: '', version: 'v1', namespace }
  const apps = { group: 'apps', version: 'v1', namespace }
  const names = Array.from({ length: 6 }, (_, each) => `app-${each * 25 + ((at * 7) % 25)}`)
  const pods = names.map((name) => `${name}-${hex(draw).slice(0, 8)}-${hex(draw).slice(0, 5)}`)
  const habits = [
    habit({ verb: 'get', path: '/api', weight: 3 }),
    habit({ verb: 'get', path: '/apis', weight: 3 }),
    habit({ verb: 'get', path: '/openapi/v3', weight: 2 }),
    habit({ ...own, verb: 'list', resource: 'pods', weight: 12 }),
    habit({ ...own, verb: 'get', resource: 'pods', names: pods, weight: 8 }),
    habit({ ...own, verb: 'get', resource: 'pods', subresource: 'log', names: pods, weight: 6 }),
    habit({ ...apps, verb: 'list', resource: 'deployments', weight: 4 }),
    habit({ ...apps, verb: 'get', resource: 'deployments', names, weight: 4 }),
    habit({ ...own, verb: 'list', resource: 'events', weight: 3 }),
    ...(draw() < 0.3 ? [habit({ ...apps, verb: 'patch', resource: 'deployments', names: names.slice(0, 2) })] : []),
    ...(draw() < 0.15
      ? [habit({ ...own, verb: 'create', resource: 'pods', subresource: 'exec', names: pods.slice(0, 2) })]
      : []),
    ...(draw() < 0.2 ? [habit({ ...own, verb: 'get', resource: 'configmaps', names: [`${names[0]}-config`] })] : []),
  ]
  return {
    kind: 'person',
    user: `oidc:person-${at}@example.com`,
    uid: '',
    groups: [`oidc:team-${1 + ((at * 7) % NAMESPACES)}`, 'oidc:developers', 'system:authenticated'],
    credentials: [`X509SHA256=${Array.from({ length: 8 }, () => hex(draw)).join('')}`],
    source: `198.51.${100 + (at % 50)}.${1 + (at % 250)}`,
    agent: `kubectl/v1.3${4 + (at % 3)}.${at % 5} (${pick(['darwin/arm64', 'linux/amd64', 'windows/amd64'], draw)}) kubernetes/${hex(draw).slice(1)}`,
    habits,
    refused: [
      habit({ ...own, verb: 'list', resource: 'secrets' }),
      habit({ ...own, verb: 'delete', resource: 'pods', names: pods.slice(0, 2) }),
      habit({ ...own, verb: 'list', resource: 'pods', namespace: '' }),
    ],
    binding: { kind: 'RoleBinding', name: `team-${1 + ((at * 7) % NAMESPACES)}-developers`, role: 'developer' },
    namespace,
  }
}

function ci(at: number, draw: Draw, namespaces: readonly string[]): Made {
  const targets = Array.from({ length: 3 }, (_, each) => namespaces[(at * 3 + each) % namespaces.length] as string)
  const habits = targets.flatMap((namespace) => {
    const names = Array.from({ length: 8 }, (_, each) => `app-${each * 25 + namespaces.indexOf(namespace)}`)
    return [
      habit({ group: 'apps', version: 'v1', namespace, verb: 'get', resource: 'deployments', names, weight: 6 }),
      habit({ group: 'apps', version: 'v1', namespace, verb: 'patch', resource: 'deployments', names, weight: 5 }),
      habit({ group: '', version: 'v1', namespace, verb: 'patch', resource: 'services', names, weight: 2 }),
      habit({
        group: '',
        version: 'v1',
        namespace,
        verb: 'patch',
        resource: 'configmaps',
        names: names.map((each) => `${each}-config`),
        weight: 2,
      }),
      habit({
        group: 'apps',
        version: 'v1',
        namespace,
        verb: 'watch',
        resource: 'deployments',
        names: names.slice(0, 1),
        weight: 2,
        query: 'fieldSelector=metadata.name%3D',
      }),
    ]
  })
  return {
    kind: 'ci',
    user: `system:serviceaccount:ci:deployer-${at}`,
    uid: uuid(draw),
    groups: ['system:serviceaccounts', 'system:serviceaccounts:ci', 'system:authenticated'],
    credentials: Array.from({ length: 8 }, () => `JTI=${uuid(draw)}`),
    source: `203.0.113.${1 + at}`,
    agent: `kubectl/v1.36.1 (linux/amd64) kubernetes/${hex(draw).slice(1)}`,
    habits,
    refused: [
      habit({ group: 'rbac.authorization.k8s.io', version: 'v1', verb: 'create', resource: 'clusterrolebindings' }),
    ],
    binding: { kind: 'ClusterRoleBinding', name: `deployer-${at}`, role: 'deployer' },
    namespace: '',
  }
}

function node(at: number, draw: Draw, namespaces: readonly string[]): Made {
  const name = `node-${at}`
  const lease = {
    group: 'coordination.k8s.io',
    version: 'v1',
    resource: 'leases',
    namespace: 'kube-node-lease',
    names: [name],
  }
  const pods = Array.from({ length: 7 }, (_, each) => `app-${at + each * 100}`)
  const namespace = namespaces[at % namespaces.length] as string
  return {
    kind: 'node',
    user: `system:node:${name}`,
    uid: '',
    groups: ['system:nodes', 'system:authenticated'],
    credentials: [`X509SHA256=${Array.from({ length: 8 }, () => hex(draw)).join('')}`],
    source: `192.168.${at >> 4}.${10 + at}`,
    agent: 'kubelet/v1.36.1 (linux/amd64) kubernetes/8d3c1f2',
    habits: [
      habit({ ...lease, verb: 'update', weight: 30 }),
      habit({ version: 'v1', verb: 'get', resource: 'nodes', names: [name], weight: 8 }),
      habit({ version: 'v1', verb: 'patch', resource: 'nodes', subresource: 'status', names: [name], weight: 8 }),
      habit({
        version: 'v1',
        verb: 'patch',
        resource: 'pods',
        subresource: 'status',
        namespace,
        names: pods,
        weight: 5,
      }),
      habit({ version: 'v1', verb: 'get', resource: 'configmaps', namespace, names: ['kube-root-ca.crt'], weight: 3 }),
      habit({
        version: 'v1',
        verb: 'create',
        resource: 'serviceaccounts',
        subresource: 'token',
        namespace,
        names: pods,
        weight: 3,
      }),
      habit({
        version: 'v1',
        verb: 'watch',
        resource: 'pods',
        weight: 2,
        query: `fieldSelector=spec.nodeName%3D${name}`,
      }),
    ],
    refused: [habit({ version: 'v1', verb: 'get', resource: 'secrets', namespace, names: ['not-of-this-node'] })],
    binding: { kind: 'ClusterRoleBinding', name: '', role: '' },
    namespace: '',
  }
}

const CONTROLLED = ['deployments', 'replicasets', 'statefulsets', 'daemonsets'] as const

function controller(at: number, draw: Draw): Made {
  const name = `controller-${at}`
  const lease = {
    group: 'coordination.k8s.io',
    version: 'v1',
    resource: 'leases',
    namespace: 'kube-system',
    names: [name],
  }
  const resource = CONTROLLED[at % CONTROLLED.length] as string
  const all = { group: 'apps', version: 'v1', resource }
  return {
    kind: 'controller',
    user: `system:serviceaccount:kube-system:${name}`,
    uid: uuid(draw),
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
    credentials: Array.from({ length: 8 }, () => `JTI=${uuid(draw)}`),
    pod: { name: `${name}-0`, uid: uuid(draw), node: `node-${at}`, nodeUid: uuid(draw) },
    source: `10.127.0.${1 + at}`,
    agent: `manager/v0.0.0 (linux/amd64) kubernetes/$Format ${name}`,
    habits: [
      habit({ ...lease, verb: 'get', weight: 20 }),
      habit({ ...lease, verb: 'update', weight: 20 }),
      habit({ ...all, verb: 'list', weight: 2 }),
      habit({ ...all, verb: 'watch', weight: 6 }),
      habit({
        ...all,
        verb: 'update',
        subresource: 'status',
        namespace: `team-${1 + (at % NAMESPACES)}`,
        names: [`app-${at}`, `app-${at + 100}`],
        weight: 10,
      }),
      habit({
        version: 'v1',
        verb: 'create',
        resource: 'events',
        namespace: `team-${1 + (at % NAMESPACES)}`,
        names: [`app-${at}.${hex(draw)}`],
        weight: 4,
      }),
      habit({ verb: 'get', path: '/healthz', weight: 1 }),
    ],
    refused: [habit({ version: 'v1', verb: 'list', resource: 'nodes' })],
    binding: { kind: 'ClusterRoleBinding', name, role: name },
    namespace: '',
  }
}

function habit(told: Partial<Habit> & { readonly verb: string }): Habit {
  return {
    weight: 1,
    group: '',
    version: 'v1',
    resource: '',
    subresource: '',
    namespace: '',
    names: [],
    path: '',
    query: '',
    ...told,
  }
}

export function pick<T>(all: readonly T[], draw: Draw): T {
  return all[Math.floor(draw() * all.length)] as T
}

export function hex(draw: Draw): string {
  return Math.floor(draw() * 0x1_0000_0000)
    .toString(16)
    .padStart(8, '0')
}

export function uuid(draw: Draw): string {
  const [a, b] = [hex(draw), hex(draw)]
  return `${hex(draw)}-${a.slice(0, 4)}-4${a.slice(5)}-a${b.slice(0, 3)}-${b.slice(4)}${hex(draw)}`
}
