// What nodes may do, by the API server's authorizers together and by the product's. Run: npm run e2e
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { accessOf } from '../../src/access.ts'
import type { ResourceRequest } from '../../src/authz/rules.ts'
import type { Requester } from '../../src/authz/subjects.ts'
import { buildCluster } from '../../src/cluster/cluster.ts'
import { at, field, type JsonObject, list, object, string } from '../../src/cluster/json.ts'
import { toObject } from '../../src/cluster/object.ts'
import { type ControlPlane, startControlPlane } from '../controlplane/start.ts'
import { type Api, connect, each, POLL_MS } from '../policy/api.ts'
import { type Random, seeded } from '../policy/random.ts'
import { review } from './held.ts'
import { NAMESPACES, some } from './policy.ts'

const MINOR = 'v1.36'
const QUESTIONS = 4000
const SEEN_MS = 20_000
const NODES = ['n1', 'n2', 'n3'] as const
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'] as const

let plane: ControlPlane
let api: Api
const random = seeded(20261124)
before(async () => {
  plane = await startControlPlane({ components: ['apiserver'] })
  api = connect(plane)
  for (const name of NAMESPACES) await make({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const name of NODES) await make({ apiVersion: 'v1', kind: 'Node', metadata: { name } })
  const places = NAMESPACES.flatMap((namespace) => NAMES.map((name) => ({ namespace, name })))
  for (const { namespace, name } of places) {
    await make({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } })
    await make(claim(namespace, name))
    await make(volume(namespace, name))
  }
  for (const { namespace, name } of places)
    for (let index = 0; index < 2; index++)
      if (random.chance(0.7)) await make(pod(random, namespace, `${name}-${index}`))
})
after(async () => {
  api?.close()
  await plane?.stop()
})

async function make(body: JsonObject): Promise<void> {
  const { code, body: answer } = await api.create(body)
  assert.ok(code === 201 || code === 409, JSON.stringify(answer))
}

const SIZE = { storage: '1Gi' }

function claim(namespace: string, name: string): JsonObject {
  const spec = {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: SIZE },
    volumeName: `${namespace}-${name}`,
    storageClassName: '',
  }
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace }, spec }
}

/** Its Secret is in the namespace of the claim, for whoever mounts it. */
function volume(namespace: string, name: string): JsonObject {
  const csi = { driver: 'e2e', volumeHandle: name, nodePublishSecretRef: { name: `volume-${name}`, namespace } }
  const claimRef = { kind: 'PersistentVolumeClaim', namespace, name }
  const spec = { capacity: SIZE, accessModes: ['ReadWriteOnce'], claimRef, csi }
  return { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `${namespace}-${name}` }, spec }
}

function pod(from: Random, namespace: string, name: string): JsonObject {
  const of = (): string => from.pick(NAMES)
  const kinds: readonly (() => JsonObject)[] = [
    () => ({ secret: { secretName: of() } }),
    () => ({ configMap: { name: of() } }),
    () => ({ persistentVolumeClaim: { claimName: of() } }),
    () => ({ projected: { sources: [{ secret: { name: of() } }, { configMap: { name: of() } }] } }),
  ]
  const volumes = some(from, kinds, 2).map((kind, index) => ({ name: `v${index}`, ...kind() }))
  const env = [{ name: 'E', valueFrom: { secretKeyRef: { name: of(), key: 'k' } } }]
  const envFrom = [{ configMapRef: { name: of() } }]
  const spec = {
    nodeName: from.pick(NODES),
    serviceAccountName: of(),
    containers: [{ name: 'c', image: 'e2e', ...(from.chance(0.5) ? { env } : { envFrom }) }],
    volumes,
    ...(from.chance(0.3) ? { imagePullSecrets: [{ name: of() }] } : {}),
  }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec }
}

const CALLERS: readonly Requester[] = [
  ...NODES.map((name) => ({ user: `system:node:${name}`, groups: ['system:nodes', 'system:authenticated'] })),
  { user: 'system:node:gone', groups: ['system:nodes', 'system:authenticated'] },
  { user: 'system:node:n1', groups: ['system:authenticated'] },
  { user: 'n1', groups: ['system:nodes', 'system:authenticated'] },
  { user: 'root', groups: ['system:masters'] },
]

const RESOURCES: readonly (readonly [string, string])[] = [
  ...[
    'secrets',
    'configmaps',
    'persistentvolumeclaims',
    'persistentvolumes',
    'pods',
    'pods/status',
    'pods/eviction',
  ].map(core),
  ...['nodes', 'nodes/status', 'serviceaccounts', 'serviceaccounts/token', 'services', 'events'].map(core),
  ['coordination.k8s.io', 'leases'],
  ['storage.k8s.io', 'csinodes'],
  ['storage.k8s.io', 'volumeattachments'],
  ['authentication.k8s.io', 'tokenreviews'],
]

function core(resource: string): readonly [string, string] {
  return ['', resource]
}

const VERBS = ['get', 'get', 'get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

function question(from: Random): { readonly who: Requester; readonly request: ResourceRequest } {
  const [group, text] = from.chance(0.5) ? from.pick(RESOURCES.slice(0, 4)) : from.pick(RESOURCES)
  const [resource = '', subresource = ''] = text.split('/')
  const namespace = from.pick([...NAMESPACES, ...NAMESPACES, 'kube-node-lease', ''])
  const ofNode = resource === 'nodes' || resource === 'leases' || resource === 'csinodes'
  const plain = from.pick([...NAMES, ''])
  const name = ofNode
    ? from.pick([...NODES, ''])
    : resource === 'persistentvolumes'
      ? `${from.pick(NAMESPACES)}-${plain}`
      : resource === 'secrets' && from.chance(0.3)
        ? `volume-${plain}`
        : resource === 'pods'
          ? `${plain}-0`
          : plain
  return { who: from.pick(CALLERS), request: { verb: from.pick(VERBS), group, resource, subresource, namespace, name } }
}

const LISTED = [
  '/api/v1/pods',
  '/api/v1/nodes',
  '/api/v1/persistentvolumes',
  '/api/v1/persistentvolumeclaims',
  '/api/v1/serviceaccounts',
  ...['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map(
    (each) => `/apis/rbac.authorization.k8s.io/v1/${each}`,
  ),
]

/** The cluster as a snapshot of the API server gives it. */
async function held(): Promise<ReturnType<typeof accessOf>> {
  const bodies = (
    await each(LISTED, async (path) => {
      const { body } = await api.request('GET', path)
      const kind = string(field(body, 'kind'))?.replace(/List$/, '') ?? ''
      const apiVersion = string(field(body, 'apiVersion')) ?? ''
      return list(field(body, 'items')).map((item) => ({ apiVersion, kind, ...object(item) }))
    })
  ).flat()
  const objects = bodies.map((body) => {
    const made = toObject(
      body,
      { source: 0, start: 0, end: 0, inner: [] },
      { namespace: 'default', clusterScoped: new Set() },
    )
    if (typeof made === 'string') throw new Error(made)
    return made
  })
  return accessOf({ cluster: buildCluster({ objects, version: MINOR }), asOf: Date.now() })
}

describe('the authorizers of nodes', () => {
  test('let through what ours do', async (t) => {
    const view = await held()
    const ours = (who: Requester, request: ResourceRequest): string | undefined => {
      for (const authorizer of view.authorizers) for (const _ of authorizer.grants(who, request)) return authorizer.name
      return undefined
    }
    const asked = Array.from({ length: QUESTIONS }, () => question(random))
    const ask = ({ who, request }: (typeof asked)[number]): Promise<JsonObject> =>
      review(api, { user: who.user, groups: who.groups, resourceAttributes: { ...request } })
    // Its graph follows the pods by a watch: what is allowed by the last of them must be seen.
    const last = asked.filter(({ who, request }) => ours(who, request) === 'Node').slice(-20)
    for (const deadline = Date.now() + SEEN_MS; Date.now() < deadline; await setTimeout(POLL_MS))
      if ((await each(last, ask)).every(({ allowed }) => allowed === true)) break
    const by = new Map<string, number>()
    const wrong: unknown[] = []
    await each(asked, async (one) => {
      const status = await ask(one)
      const name = ours(one.who, one.request)
      by.set(name ?? 'nobody', (by.get(name ?? 'nobody') ?? 0) + 1)
      if ((name !== undefined) !== (status.allowed === true)) wrong.push({ ...one, status, ours: name })
    })
    const pods = view.cluster.ofKind('Pod').filter((one) => at(one.body, 'spec', 'nodeName') !== undefined)
    t.diagnostic(
      `${QUESTIONS} SubjectAccessReviews over ${pods.length} pods: ${[...by].map(([name, count]) => `${count} by ${name}`).join(', ')}`,
    )
    assert.deepEqual(wrong.slice(0, 10), [], `${wrong.length} differ`)
    assert.ok((by.get('Node') ?? 0) > 200 && (by.get('nobody') ?? 0) > 1000)
  })
})
