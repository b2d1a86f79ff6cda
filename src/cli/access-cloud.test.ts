import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import type { AccessMinimized } from '../report/access/minimize.ts'
import type { AccessUsed, DeedItem, UsedItem } from '../report/access/used.ts'
import { bulkhead, root, testFolder } from './cli.testing.ts'

const folder = testFolder()
const schema = new Ajv.default({ strict: false }).compile(
  JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object,
)
const DEV = 'arn:aws:iam::111122223333:role/dev'
const OPS = 'arn:aws:iam::111122223333:role/ops'
const session = (role: string, name: string): string => `arn:aws:sts::111122223333:assumed-role/${role}/${name}`
const cluster = folder.write(
  'cluster.yaml',
  `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Namespace
metadata: {name: bank}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
- {apiGroups: [''], resources: [configmaps, services], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: devs-read}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: devs}
`,
)
const association = (principal: string, policy: string, scope: object): object => ({
  clusterName: 'c',
  principalArn: principal,
  associatedAccessPolicies: [{ policyArn: `arn:aws:eks::aws:cluster-access-policy/${policy}`, accessScope: scope }],
})
const exports = folder.write(
  'eks.json',
  [
    {
      cluster: {
        name: 'c',
        arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/c',
        accessConfig: { authenticationMode: 'API' },
      },
    },
    { accessEntry: { clusterName: 'c', principalArn: DEV, kubernetesGroups: ['devs'], type: 'STANDARD' } },
    { accessEntry: { clusterName: 'c', principalArn: OPS, kubernetesGroups: [], type: 'STANDARD' } },
    association(DEV, 'AmazonEKSEditPolicy', { type: 'namespace', namespaces: ['sho*'] }),
    association(OPS, 'AmazonEKSViewPolicy', { type: 'cluster' }),
  ]
    .map((each) => JSON.stringify(each))
    .join('\n'),
)

let serial = 0

/** `reason`: undefined for one that names no authorizer. */
function event(user: string, groups: readonly string[], verb: string, resource: string, more: object = {}): string {
  const at = new Date(Date.parse('2026-11-02T10:00:00Z') + serial++ * 3_600_000).toISOString()
  return JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: `id-${serial}`,
    stage: 'ResponseComplete',
    requestURI: `/api/v1/namespaces/shop/${resource}/x`,
    verb,
    user: { username: user, groups: [...groups, 'system:authenticated'] },
    sourceIPs: ['198.51.100.7'],
    objectRef: { resource, namespace: 'shop', name: 'x', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: at,
    stageTimestamp: at,
    annotations: { 'authorization.k8s.io/decision': 'allow', 'authorization.k8s.io/reason': '' },
    ...more,
  })
}

const because = (principal: string, policy: string, namespace?: string) => ({
  annotations: {
    'authorization.k8s.io/decision': 'allow',
    'authorization.k8s.io/reason': `EKS Access Policy: allowed by ${namespace === undefined ? 'Cluster' : ''}RoleBinding "${principal}+arn:aws:eks::aws:cluster-access-policy/${policy}${namespace === undefined ? '' : `/${namespace}`}" of ClusterRole "arn:aws:eks::aws:cluster-access-policy/${policy}" to User "AROA1"`,
  },
})
const AL = session('dev', 'al')
const BO = session('dev', 'bo')
const log = folder.write(
  'audit.jsonl',
  [
    event(AL, ['devs'], 'get', 'configmaps'),
    event(AL, ['devs'], 'get', 'secrets', because(DEV, 'AmazonEKSEditPolicy', 'shop')),
    event(BO, ['devs'], 'delete', 'pods'),
    event(session('ops', 'cy'), [], 'get', 'pods', because(OPS, 'AmazonEKSViewPolicy')),
    event(BO, ['devs'], 'delete', 'secrets', {
      objectRef: { resource: 'secrets', namespace: 'bank', name: 'x', apiVersion: 'v1' },
      responseStatus: { code: 403 },
      annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' },
    }),
    event('eve', [], 'get', 'pods'),
  ].join('\n'),
)
const CLOUD = ['--cloud', exports]

function json<T>(...args: readonly string[]): T {
  const { stdout, stderr } = bulkhead(['access', ...args, '-f', cluster, '--history', log, '-o', 'json'])
  assert.doesNotMatch(stderr, /BH_|[Ee]rror/)
  const document = JSON.parse(stdout) as T
  assert.ok(schema(document), JSON.stringify(schema.errors))
  return document
}

const usedOf = (items: readonly unknown[]): readonly string[] =>
  (items as readonly UsedItem[]).flatMap(({ subject, binding, used }) =>
    used.map(
      ({ right, namespace = '', times, by }) => `${subject} ${binding.name} ${right} ${namespace} ${times} ${by}`,
    ),
  )

describe('access used --cloud', () => {
  test('an access policy stands for a binding; its uses are those that the log names, else that nothing else gives', () => {
    const { items, unexplained = [] } = json<AccessUsed>('used', ...CLOUD)
    assert.deepEqual(
      usedOf(items),
      [
        'group:devs devs-read get configmaps shop 1 rules',
        `user:${session('dev', '{{SessionName}}')} AmazonEKSEditPolicy delete pods shop 1 rules`,
        `user:${session('dev', '{{SessionName}}')} AmazonEKSEditPolicy get secrets shop 1 reason`,
        `user:${session('ops', '{{SessionName}}')} AmazonEKSViewPolicy get pods shop 1 reason`,
      ].sort((a, b) => usedOrder(a) - usedOrder(b)),
    )
    const policy = (items as readonly UsedItem[]).find(({ binding }) => binding.name === 'AmazonEKSEditPolicy')
    assert.deepEqual(
      [policy?.binding.kind, policy?.binding.role.kind, policy?.binding.principal, policy?.binding.namespaces],
      ['AccessPolicyAssociation', 'AccessPolicy', DEV, ['sho*']],
    )
    assert.deepEqual(policy?.binding.location, { file: exports, line: 4 })
    assert.ok((items as readonly UsedItem[]).some(({ unused }) => unused.includes('create pods')))
    assert.deepEqual(
      unexplained.map(({ subject, why }) => [subject, why]),
      [['user:eve', 'no binding of today allows it, nor an export']],
    )
  })

  test('Google resolves groups by itself, so that what a group is given is not called unused', () => {
    const google = folder.write(
      'google.json',
      JSON.stringify([
        {
          resource: '//cloudresourcemanager.googleapis.com/projects/p',
          policy: {
            bindings: [{ role: 'roles/container.viewer', members: ['group:g@example.com', 'user:bo@example.com'] }],
          },
        },
      ]),
    )
    const node = folder.write(
      'gce.yaml',
      'apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec: {providerID: gce://p/z/n}\n',
    )
    const { items } = json<AccessUsed>('used', '-f', node, '--cloud', google)
    const of = (subject: string) => (items as readonly UsedItem[]).filter((each) => each.subject === subject)
    const [group, user] = [of('group:g@example.com'), of('user:bo@example.com')]
    assert.ok(group.length > 0 && group.every(({ observable }) => !observable))
    assert.match(group[0]?.unobservable?.[0]?.why ?? '', /does not tell who is in the group/)
    assert.ok(user.some(({ observable }) => observable))
  })

  test('without it, what the policies gave is not explained', () => {
    const { items, unexplained = [] } = json<AccessUsed>('used')
    assert.deepEqual(usedOf(items), ['group:devs devs-read get configmaps shop 1 rules'])
    assert.equal(unexplained.length, 4)
  })

  test('a principal is asked about by its ARN: all its sessions, and what groups of its entry give; a session, alone', () => {
    const whole = json<AccessUsed>('used', `user:${DEV}`, ...CLOUD)
    assert.equal(usedOf(whole.items).length, 3)
    assert.deepEqual(whole.unexplained, [])
    const one = json<AccessUsed>('used', `user:${AL}`, ...CLOUD)
    assert.deepEqual(usedOf(one.items), [
      'group:devs devs-read get configmaps shop 1 rules',
      `user:${AL} AmazonEKSEditPolicy get secrets shop 1 reason`,
    ])
    const other = json<AccessUsed>('used', `user:${OPS}`, ...CLOUD)
    assert.deepEqual(usedOf(other.items), [
      `user:${session('ops', '{{SessionName}}')} AmazonEKSViewPolicy get pods shop 1 reason`,
    ])
    assert.deepEqual(json<AccessUsed>('used', 'user:arn:aws:iam::111122223333:role/de', ...CLOUD).items, [])
    const between = json<AccessUsed>('used', `user:${DEV}`, '--since', '2026-11-01', ...CLOUD)
    assert.deepEqual(
      (between.activity as readonly DeedItem[]).map(({ subject }) => subject),
      [`user:${AL}`, `user:${AL}`, `user:${BO}`, `user:${BO}`],
    )
  })
})

describe('access offboard --cloud', () => {
  interface Offboarded {
    readonly held: readonly { readonly kind: string; readonly title: string; readonly ends: string }[]
    readonly remaining: readonly { readonly message: string; readonly settle: string }[]
  }
  test('a principal by its ARN: its entry, its policy, and what its sessions read', () => {
    const { held } = json<Offboarded>('offboard', `user:${DEV}`, ...CLOUD)
    const titles = held.map(({ kind, title }) => `${kind}: ${title}`)
    assert.ok(titles.includes(`cloud-mapping: ${DEV} is let in by an access entry, in devs`), titles.join('\n'))
    assert.ok(titles.includes(`cloud-mapping: ${DEV} holds the access policy AmazonEKSEditPolicy in sho*`))
    assert.ok(titles.some((each) => each.startsWith('secret-read: knows Secret shop/x')))
    assert.ok(titles.some((each) => each.startsWith('group-binding:') && each.includes('devs-read')))
    const other = json<Offboarded>('offboard', `user:${OPS}`, ...CLOUD).held.map(({ title }) => title)
    assert.ok(!other.some((each) => each.includes('Secret') || each.includes('Edit')))
  })

  test('role assignments of Azure: of a person and of a group', () => {
    const id = '/subscriptions/s/resourcegroups/g/providers/Microsoft.ContainerService/managedClusters/k'
    const aks = folder.write(
      'aks.json',
      JSON.stringify({ id, nodeResourceGroup: 'MC_g_k', aadProfile: { managed: true, enableAzureRbac: true } }),
    )
    const assigned = (principalId: string, principalType: string, principalName?: string): object => ({
      principalId,
      principalType,
      ...(principalName === undefined ? {} : { principalName }),
      roleDefinitionName: 'Azure Kubernetes Service RBAC Reader',
      scope: `${id}/namespaces/shop`,
    })
    const given = folder.write(
      'assignments.json',
      JSON.stringify([assigned('p-1', 'User', 'bo@example.com'), assigned('g-1', 'Group'), assigned('p-2', 'User')]),
    )
    const node = folder.write(
      'node.yaml',
      'apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {kubernetes.azure.com/cluster: MC_g_k}}\n',
    )
    const of = (subject: string) =>
      json<Offboarded>('offboard', subject, '-f', node, '--cloud', aks, '--cloud', given).remaining.filter(
        ({ settle }) => settle === 'take the role from it in Azure',
      )
    assert.deepEqual(
      of('user:bo@example.com').map(({ message }) => message),
      ['p-1 has the role Azure Kubernetes Service RBAC Reader in shop'],
    )
    assert.equal(of('group:g-1').length, 1)
    assert.equal(of('user:al@example.com').length, 0)
    assert.equal(of('group:g-2').length, 0)
  })
})

describe('access minimize --cloud', () => {
  const rules = ({ subjects }: AccessMinimized): readonly string[] =>
    subjects.flatMap(({ subject, rules: own }) =>
      own.map((each) => `${subject} ${each.verbs} ${each.resources} ${each.namespace ?? ''}`),
    )

  test('roles give what a cloud gave, and say so; sessions by the group of their entry', () => {
    const document = json<AccessMinimized>('minimize', '--all', ...CLOUD)
    assert.deepEqual(rules(document), [
      'group:devs get configmaps,secrets shop',
      'group:devs delete pods shop',
      `user:${session('ops', 'cy')} get pods shop`,
    ])
    assert.deepEqual(
      document.cloud?.map(({ grant, used, kept, perSession }) => [grant.name, used, kept, perSession]),
      [
        ['AmazonEKSEditPolicy', ['delete pods in shop', 'get secrets in shop'], false, false],
        ['AmazonEKSViewPolicy', ['get pods in shop'], false, true],
      ],
    )
    assert.deepEqual(
      document.ungranted.map(({ subject, why }) => [subject, why]),
      [['user:eve', 'no binding of today allows it']],
    )
    // What EKS gives today is no new right.
    assert.equal(document.added, 0)
    const { stdout } = bulkhead(['access', 'minimize', '--all', '-f', cluster, '--history', log, ...CLOUD])
    assert.match(stdout, /Given by the cloud, beside RBAC/)
    assert.match(stdout.replace(/\s+/g, ' '), /the roles give it too, so that they do not rest on it/)
  })

  test('a group of an entry in which others were seen is given nothing that they were refused', () => {
    const more = folder.write(
      'others.jsonl',
      [
        event(AL, ['devs'], 'get', 'services', because(DEV, 'AmazonEKSEditPolicy', 'shop')),
        event('oidc:bob', ['devs'], 'get', 'services', {
          responseStatus: { code: 403 },
          annotations: { 'authorization.k8s.io/decision': 'forbid', 'authorization.k8s.io/reason': '' },
        }),
      ].join('\n'),
    )
    const { stdout } = bulkhead([
      'access',
      'minimize',
      '--all',
      '-f',
      cluster,
      '--history',
      more,
      '-o',
      'json',
      ...CLOUD,
    ])
    const document = JSON.parse(stdout) as AccessMinimized
    assert.deepEqual(rules(document), [`user:${AL} get services shop`])
    assert.equal(document.cloud?.[0]?.perSession, true)
  })

  test('--keep leaves to a policy what it gave', () => {
    const document = json<AccessMinimized>(
      'minimize',
      '--all',
      '--keep',
      'AmazonEKSEditPolicy',
      '--keep',
      OPS,
      ...CLOUD,
    )
    assert.deepEqual(rules(document), ['group:devs get configmaps shop'])
    assert.deepEqual(
      document.cloud?.map(({ kept }) => kept),
      [true, true],
    )
  })

  test('a principal by its ARN; without an export its rights are not granted, since nothing is known to give them', () => {
    assert.deepEqual(rules(json<AccessMinimized>('minimize', `user:${DEV}`, ...CLOUD)), [
      'group:devs get configmaps,secrets shop',
      'group:devs delete pods shop',
    ])
    const alone = json<AccessMinimized>('minimize', '--all')
    assert.equal(alone.cloud, undefined)
    assert.deepEqual(rules(alone), [`user:${AL} get configmaps shop`])
    assert.equal(alone.ungranted.length, 4)
  })
})

function usedOrder(text: string): number {
  return ['group:devs', 'get secrets', 'delete pods', 'get pods'].findIndex((each) => text.includes(each))
}
