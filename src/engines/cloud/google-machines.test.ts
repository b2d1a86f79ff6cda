import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../../cluster/because.ts'
import { type CloudExports, NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { GcpBinding, GcpExports, GcpMachine, GcpNodePool } from '../../cluster/cloud/gcp-exports.ts'
import { analyseText, type Judged } from '../../loop.testing.ts'

const from = because('an export')
const ALL = 'https://www.googleapis.com/auth/cloud-platform'
const NODES = 'nodes@p.iam.gserviceaccount.com'
const AL = 'al@p.iam.gserviceaccount.com'
const NODE = 'Node//gke-c-main-1a2b-x1'

const text = (options: { spec?: string; shield?: boolean; annotation?: string } = {}): string => `
apiVersion: v1
kind: Node
metadata:
  name: gke-c-main-1a2b-x1
  labels: {cloud.google.com/gke-nodepool: main${options.shield ? ", iam.gke.io/gke-metadata-server-enabled: 'true'" : ''}}
spec: {providerID: 'gce://p/west1-a/gke-c-main-1a2b-x1'}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: shop, annotations: {${options.annotation ?? ''}}}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop}
spec: {nodeName: gke-c-main-1a2b-x1, serviceAccountName: api, ${options.spec ?? ''} containers: [{name: c, image: x}]}
`
const machine = (more: Partial<GcpMachine> = {}): GcpMachine => ({
  project: 'p',
  zone: 'west1-a',
  name: 'gke-c-main-1a2b-x1',
  account: NODES,
  scopes: [ALL],
  from,
  ...more,
})
const pool = (more: Partial<GcpNodePool> = {}): GcpNodePool => ({
  name: 'main',
  project: 'p',
  prefixes: ['projects/p/zones/west1-a/instances/gke-c-main-1a2b-'],
  account: NODES,
  scopes: [ALL],
  metadata: 'GCE_METADATA',
  isAutopilot: false,
  from,
  ...more,
})
const cloud = (gcp: Partial<GcpExports>): CloudExports => ({ ...NO_CLOUD, gcp: { ...NO_CLOUD.gcp, ...gcp } })
const judge = (gcp: Partial<GcpExports>, options: Parameters<typeof text>[0] = {}): Judged =>
  analyseText(text(options), { cloud: cloud(gcp) })
const edges = (judged: Judged, ...kinds: string[]): readonly string[] =>
  judged.analysis.edges
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, to, truth }) => `${kind} ${to.replace('CloudIdentity/gcp/', '')} ${truth}`)
const unknowns = (judged: Judged): readonly string[] => judged.analysis.unknowns().map(({ id }) => id)

describe('which Google identity a node has', () => {
  test('by its instance, by its pool, the instance first', () => {
    for (const gcp of [{ machines: [machine()] }, { pools: [pool()] }]) {
      const judged = judge(gcp)
      assert.deepEqual(edges(judged, 'node-role', 'metadata'), [`node-role ${NODES} yes`, `metadata ${NODES} yes`])
      assert.ok(!unknowns(judged).includes('cloud-node-roles'))
      assert.ok(
        judged.analysis
          .findings()
          .some(({ check, message }) => check === 'cloud-node-role-reachable' && message.includes(NODES)),
      )
    }
    const both = judge({ machines: [machine({ account: AL })], pools: [pool()] })
    assert.deepEqual(edges(both, 'node-role'), [`node-role ${AL} yes`])
  })
  test('machines of another project, zone or name, and pools of other groups, are not it', () => {
    for (const gcp of [
      { machines: [machine({ project: 'q' })] },
      { machines: [machine({ zone: 'west1-b' })] },
      { machines: [machine({ name: 'gke-c-main-1a2b-x2' })] },
      { pools: [pool({ prefixes: ['projects/p/zones/west1-a/instances/gke-d-main-ffff-'] })] },
      { pools: [pool({ name: 'other' })] },
      { pools: [pool({ prefixes: [], project: 'q' })] },
    ])
      assert.deepEqual(edges(judge(gcp), 'node-role'), ['node-role service account of nodes main unknown'])
  })
  test('a pool without instance groups must be the only one of its name', () => {
    const loose = pool({ prefixes: [] })
    assert.deepEqual(edges(judge({ pools: [loose] }), 'node-role'), [`node-role ${NODES} yes`])
    assert.deepEqual(edges(judge({ pools: [loose, { ...loose, account: AL }] }), 'node-role'), [
      `node-role ${NODES} unknown`,
    ])
  })
  test('the default account is known by the project, or by its number', () => {
    const pools = [pool({ account: 'default' })]
    const email = '12-compute@developer.gserviceaccount.com'
    assert.deepEqual(edges(judge({ pools }), 'node-role'), ['node-role default service account of p unknown'])
    assert.deepEqual(edges(judge({ pools, projects: new Map([['12', 'p']]) }), 'node-role'), [`node-role ${email} yes`])
    assert.deepEqual(edges(judge({ pools, compute: new Map([['p', { account: email }]]) }), 'node-role'), [
      `node-role ${email} yes`,
    ])
    assert.deepEqual(edges(judge({ pools, projects: new Map([['12', 'q']]) }), 'node-role'), [
      'node-role default service account of p unknown',
    ])
  })
  test('scopes that narrow its tokens leave open what they are good for, and none are no credentials', () => {
    const scopes = ['https://www.googleapis.com/auth/devstorage.read_only']
    const judged = judge({ machines: [machine({ scopes })] })
    assert.deepEqual(edges(judged, 'node-role'), [`node-role ${NODES} unknown`])
    assert.ok(
      judged.analysis.edges.some(({ because: why }) => why.some((each) => each.text.includes('devstorage.read_only'))),
    )
    assert.ok(unknowns(judged).includes('cloud-node-roles'))
    const { account: _, ...bare } = machine()
    assert.deepEqual(edges(judge({ machines: [bare] }), 'node-role', 'metadata'), [])
  })
})

describe('the metadata server of GKE', () => {
  const shielded = { pools: [pool({ metadata: 'GKE_METADATA' })] }
  test('shields pods, but not those on the host network', () => {
    assert.deepEqual(edges(judge(shielded, { shield: true }), 'metadata'), [])
    assert.deepEqual(edges(judge(shielded, { shield: true, spec: 'hostNetwork: true,' }), 'metadata'), [
      `metadata ${NODES} yes`,
    ])
  })
  test('where label and pool differ, it is not known', () => {
    assert.deepEqual(edges(judge(shielded), 'metadata'), [`metadata ${NODES} unknown`])
    assert.deepEqual(edges(judge({ pools: [pool()] }, { shield: true }), 'metadata'), [`metadata ${NODES} unknown`])
    assert.ok(unknowns(judge(shielded)).includes('cloud-node-roles'))
  })
  test('egress that is cut shields as well', () => {
    const policy = `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: shop}
spec: {podSelector: {}, policyTypes: [Egress], egress: []}
`
    const judged = analyseText(`${text()}${policy}`, { cloud: cloud({ pools: [pool()] }) })
    assert.deepEqual(edges(judged, 'metadata'), [])
  })
})

describe('ways of Google Cloud to a node', () => {
  const gsa = `iam.gke.io/gcp-service-account: ${AL}`
  const bind = (role: string, resource: string, member = `serviceAccount:${AL}`): GcpBinding => ({
    resource,
    role,
    member,
    from: because(`${role} on ${resource}`),
  })
  const user = bind(
    'roles/iam.workloadIdentityUser',
    `//iam.googleapis.com/projects/p/serviceAccounts/${AL}`,
    'serviceAccount:p.svc.id.goog[shop/api]',
  )
  const acts = bind('roles/iam.serviceAccountUser', `//iam.googleapis.com/projects/p/serviceAccounts/${NODES}`)
  const ways = (bindings: readonly GcpBinding[], gcp: Partial<GcpExports> = {}): readonly string[] =>
    judge({ machines: [machine()], bindings: [user, ...bindings], ...gcp }, { annotation: gsa, shield: true })
      .analysis.edges.filter(({ kind }) => kind === 'gcp-node-command')
      .map(({ from: a, to, rule, truth }) => `${a.replace('CloudIdentity/gcp/', '')} ${to} ${rule} ${truth}`)
  const INSTANCE = '//compute.googleapis.com/projects/p/zones/west1-a/instances/gke-c-main-1a2b-x1'
  const admin = 'roles/compute.instanceAdmin.v1'
  test('metadata and a restart, as the account of the instance', () => {
    assert.deepEqual(ways([bind(admin, 'projects/p'), acts]), [`${AL} ${NODE} set-metadata yes`])
    assert.deepEqual(ways([bind(admin, INSTANCE), acts]), [`${AL} ${NODE} set-metadata yes`])
    assert.deepEqual(ways([bind('roles/editor', 'projects/p')]), [`${AL} ${NODE} set-metadata yes`])
  })
  test('not without acting as that account, nor on another instance, project or role', () => {
    assert.deepEqual(ways([bind(admin, 'projects/p')]), [])
    assert.deepEqual(ways([bind(admin, `${INSTANCE}2`), acts]), [])
    assert.deepEqual(ways([bind(admin, 'projects/q'), acts]), [])
    for (const role of [
      'roles/compute.viewer',
      'roles/compute.networkAdmin',
      'roles/compute.osLogin',
      'roles/container.developer',
      'roles/viewer',
    ])
      assert.deepEqual(ways([bind(role, 'projects/p'), acts]), [], role)
    assert.deepEqual(ways([acts]), [])
  })
  test('an instance without an account needs none to act as', () => {
    const { account: _, ...bare } = machine()
    assert.deepEqual(ways([bind(admin, 'projects/p')], { machines: [bare] }), [`${AL} ${NODE} set-metadata yes`])
  })
  test('without a restart, by the metadata of the project, and by OS Login, it is not sure', () => {
    const custom = (permission: string, more: Partial<GcpExports> = {}): readonly string[] =>
      ways([bind('projects/p/roles/c', 'projects/p'), acts], {
        roles: new Map([['projects/p/roles/c', [permission]]]),
        ...more,
      })
    assert.deepEqual(custom('compute.instances.setMetadata'), [`${AL} ${NODE} set-metadata unknown`])
    assert.deepEqual(custom('compute.projects.setCommonInstanceMetadata'), [
      `${AL} ${NODE} set-project-metadata unknown`,
    ])
    assert.deepEqual(custom('compute.instances.osAdminLogin'), [`${AL} ${NODE} os-login unknown`])
    assert.deepEqual(custom('compute.instances.osAdminLogin', { machines: [machine({ osLogin: false })] }), [])
    assert.deepEqual(custom('compute.instances.osAdminLogin', { compute: new Map([['p', { osLogin: false }]]) }), [])
    assert.deepEqual(custom('compute.instances.osLogin'), [])
  })
  test('a condition on another instance, a denial, and Autopilot shut it', () => {
    const on = (name: string): GcpBinding => ({
      ...bind(admin, 'projects/p'),
      condition: { expression: `resource.name.endsWith('/instances/${name}')` },
    })
    assert.deepEqual(ways([on('gke-c-main-1a2b-x1'), acts]), [`${AL} ${NODE} set-metadata yes`])
    assert.deepEqual(ways([on('other'), acts]), [])
    const denies = [
      {
        name: 'd',
        resource: 'projects/p',
        rules: [
          {
            deniedPrincipals: ['principalSet://goog/public:all'],
            exceptionPrincipals: [],
            deniedPermissions: ['iam.googleapis.com/serviceAccounts.actAs'],
            exceptionPermissions: [],
          },
        ],
        from,
      },
    ]
    assert.deepEqual(ways([bind(admin, 'projects/p'), acts], { denies }), [])
    assert.deepEqual(
      ways([bind(admin, 'projects/p'), acts], {
        machines: [],
        pools: [pool({ isAutopilot: true, metadata: 'GKE_METADATA' })],
      }),
      [],
    )
  })
  test('where nothing tells what the instance runs as, it is not sure', () => {
    assert.deepEqual(ways([bind(admin, 'projects/p'), acts], { machines: [] }), [`${AL} ${NODE} set-metadata unknown`])
  })
})

test('hostile: many pools and machines, and names of Object.prototype', () => {
  const many = Array.from({ length: 20_000 }, (_, index) =>
    pool({ prefixes: [`projects/p/${index}`], account: '__proto__' }),
  )
  const machines = Array.from({ length: 20_000 }, (_, index) => machine({ name: `__proto__${index}` }))
  const before = process.cpuUsage().user
  assert.deepEqual(edges(judge({ pools: many, machines }), 'node-role'), [
    'node-role service account of nodes main unknown',
  ])
  assert.ok((process.cpuUsage().user - before) / 1e6 < 5)
})

test('nodes of AKS have the identity of their kubelets, unless the cluster cuts pods off', () => {
  const aks = `
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.azure.com/cluster: MC_g}}
spec: {providerID: 'azure:///subscriptions/s/resourceGroups/MC_g/x'}
---
apiVersion: v1
kind: Pod
metadata: {name: api, namespace: shop}
spec: {nodeName: n1, containers: [{name: c, image: x}]}
`
  const of = (more: object): readonly string[] =>
    analyseText(aks, {
      cloud: {
        ...NO_CLOUD,
        azure: {
          ...NO_CLOUD.azure,
          clusters: [
            { id: '/subscriptions/s/resourceGroups/g/k', nodeResourceGroup: 'MC_g', azureRbac: false, from, ...more },
          ],
        },
      },
    })
      .analysis.edges.filter(({ kind }) => kind === 'node-role' || kind === 'metadata')
      .map(({ kind, to, truth }) => `${kind} ${to} ${truth}`)
  assert.deepEqual(of({ kubelet: 'c1' }), [
    'node-role CloudIdentity/azure/c1 yes',
    'metadata CloudIdentity/azure/c1 yes',
  ])
  assert.deepEqual(of({ kubelet: 'c1', podLinkLocalAccess: 'IMDS' }).length, 2)
  assert.deepEqual(of({ kubelet: 'c1', podLinkLocalAccess: 'None' }), ['node-role CloudIdentity/azure/c1 yes'])
  assert.match(of({})[0] ?? '', /unknown$/)
})
