import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../../cluster/because.ts'
import type { AzureAssignment, AzureExports, AzureMember } from '../../cluster/cloud/azure-exports.ts'
import { type CloudExports, NO_CLOUD } from '../../cluster/cloud/exports.ts'
import { analyseText, type Judged } from '../../loop.testing.ts'
import { CONTROL_PLANE } from '../engine.ts'
import { azureGroupsOf, cloudGrants } from './authorizers.ts'

const from = because('an export')
const SUB = '/subscriptions/s'
const GROUP = `${SUB}/resourceGroups/g`
const AKS = `${GROUP}/providers/Microsoft.ContainerService/managedClusters/k`
const ADMINS = '11111111-0000-0000-0000-000000000000'
const INNER = '22222222-0000-0000-0000-000000000000'
const node = (name: string): string => `CloudIdentity/azure/${name}`

const TEXT = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: api, namespace: shop, annotations: {azure.workload.identity/client-id: client-app}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ops}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: ${ADMINS}}, {apiGroup: rbac.authorization.k8s.io, kind: User, name: bo@x.example}]
---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.azure.com/cluster: MC_g_k_west}}
`
const member = (group: string, id: string, more: Partial<AzureMember> = {}): AzureMember => ({
  group,
  id,
  isGroup: false,
  from: because(`${id} is in ${group}`),
  ...more,
})
const assign = (role: string, scope: string, more: Partial<AzureAssignment> = {}): AzureAssignment => ({
  principalId: ADMINS,
  isGroup: true,
  role,
  scope,
  from: because(`${role} on ${scope}`),
  ...more,
})
function cloud(azure: Partial<AzureExports>, azureRbac = false, entra: boolean | undefined = true): CloudExports {
  return {
    ...NO_CLOUD,
    azure: {
      ...NO_CLOUD.azure,
      identities: [{ id: `${GROUP}/app`, name: 'app', clientId: 'client-app', principalId: 'principal-app', from }],
      clusters: [
        { id: AKS, nodeResourceGroup: 'MC_g_k_west', azureRbac, ...(entra === undefined ? {} : { entra }), from },
      ],
      ...azure,
    },
  }
}
const judge = (azure: Partial<AzureExports>, azureRbac = false, text = TEXT): Judged =>
  analyseText(text, { cloud: cloud(azure, azureRbac) })
const edges = (judged: Judged, kind: string): readonly string[] =>
  judged.analysis.edges
    .filter((each) => each.kind === kind)
    .map(({ from: a, to, truth }) => `${a} ${to} ${truth}`)
    .sort()
const told = (...groups: string[]): ReadonlySet<string> => new Set(groups)
const unknown = (judged: Judged, id: string): number | undefined =>
  judged.analysis.unknowns().find((each) => each.id === id)?.count

describe('members of groups of Entra ID', () => {
  const owner = [assign('Owner', SUB)]
  test('a role of a group is one of its members, workloads among them, with both sentences', () => {
    const judged = judge({ assignments: owner, members: [member(ADMINS, 'principal-app')], groups: told(ADMINS) })
    const edge = judged.analysis.edges.find((each) => each.kind === 'azure-becomes')
    assert.equal(`${edge?.from} ${edge?.truth}`, `${node('client-app')} yes`)
    assert.deepEqual(
      edge?.because.map(({ text }) => text),
      [`principal-app is in ${ADMINS}`, `Owner on ${SUB}`],
    )
    assert.ok(judged.controls('ServiceAccount/shop/api', CONTROL_PLANE))
    assert.equal(unknown(judged, 'cloud-azure-groups'), undefined)
  })
  test('who is in another group, or in none, has nothing of it', () => {
    for (const members of [[member(INNER, 'principal-app')], [member(ADMINS, 'principal-other')]])
      assert.deepEqual(
        edges(judge({ assignments: owner, members, groups: told(ADMINS, INNER) }), 'azure-becomes').filter((each) =>
          each.startsWith(node('client-app')),
        ),
        [],
      )
  })
  test('groups in groups, and circles of them', () => {
    const members = [
      member(ADMINS, INNER, { isGroup: true }),
      member(INNER, ADMINS, { isGroup: true }),
      member(INNER, 'principal-app'),
    ]
    const judged = judge({ assignments: owner, members, groups: told(ADMINS, INNER) })
    assert.ok(judged.controls('ServiceAccount/shop/api', CONTROL_PLANE))
    assert.equal(unknown(judged, 'cloud-azure-groups'), undefined)
  })
  test('a group of which nothing is told is an identity of its own, and counted', () => {
    const judged = judge({ assignments: owner })
    assert.deepEqual(edges(judged, 'cluster-credential'), [`${node(ADMINS)} ${CONTROL_PLANE} unknown`])
    assert.equal(unknown(judged, 'cloud-azure-groups'), 1)
    const part = judge({
      assignments: owner,
      members: [member(ADMINS, 'principal-app'), member(ADMINS, INNER, { isGroup: true })],
      groups: told(ADMINS),
    })
    assert.deepEqual(edges(part, 'cluster-credential'), [
      `${node(INNER)} ${CONTROL_PLANE} unknown`,
      `${node('client-app')} ${CONTROL_PLANE} unknown`,
    ])
    assert.equal(unknown(part, 'cloud-azure-groups'), 1)
  })
  test('a group of nobody gives nobody anything', () => {
    const judged = judge({ assignments: owner, groups: told(ADMINS) })
    assert.deepEqual(edges(judged, 'cluster-credential'), [`${node(ADMINS)} ${CONTROL_PLANE} unknown`])
  })
  test('who is in a group that a binding names comes in as the group, and who is named as the user', () => {
    const members = [
      member(ADMINS, 'principal-app'),
      member(ADMINS, 'oid-al', { name: 'al@x.example' }),
      member(INNER, 'oid-bo', { name: 'bo@x.example' }),
    ]
    const azure = { members, groups: told(ADMINS, INNER), assignments: [assign('Reader', SUB, { principalId: INNER })] }
    // Persons are no nodes beside the group that they come in as: the entry names them.
    assert.deepEqual(edges(judge(azure), 'enters-as'), [`${node('client-app')} Group//${ADMINS} yes`])
    assert.ok(judge(azure).controls('ServiceAccount/shop/api', CONTROL_PLANE))
    const entries = judge(azure).analysis.entries.filter(({ principals }) => principals !== undefined)
    assert.deepEqual(
      entries.map(({ id, principals }) => [id, principals]),
      [
        [`Group//${ADMINS}`, ['client-app', 'oid-al']],
        ['User//bo@x.example', ['oid-bo']],
      ],
    )
    // Not where the cluster has no Entra ID.
    assert.deepEqual(edges(analyseText(TEXT, { cloud: cloud(azure, false, false) }), 'enters-as'), [])
    const open = analyseText(TEXT, { cloud: { ...NO_CLOUD, azure: { ...NO_CLOUD.azure, ...azure } } })
    assert.ok(open.analysis.entries.some(({ principals }) => principals?.includes('oid-al')))
    // And not in a cluster that is none of Azure.
    const elsewhere = TEXT.replace('kubernetes.azure.com/cluster: MC_g_k_west', 'a: b')
    assert.deepEqual(edges(analyseText(elsewhere, { cloud: cloud(azure) }), 'enters-as'), [])
  })
  test('questions about access know the groups of a user', () => {
    const azure = {
      members: [member(ADMINS, 'oid-al', { name: 'al@x.example' }), member(INNER, ADMINS, { isGroup: true })],
      groups: told(ADMINS, INNER),
    }
    const judged = judge(azure)
    const groups = (user: string, entra = true): readonly string[] =>
      azureGroupsOf(judged.analysis.cluster, cloud(azure, false, entra), user).map(({ group }) => group)
    assert.deepEqual(groups('AL@x.example'), [ADMINS, INNER])
    assert.deepEqual(groups('oid-al'), [ADMINS, INNER])
    assert.deepEqual(groups('bo@x.example'), [])
    assert.deepEqual(groups('oid-al', false), [])
  })
  test('hostile: wide and deep, and names of Object.prototype', () => {
    const members = [
      ...Array.from({ length: 30_000 }, (_, index) => member(ADMINS, `m${index}`)),
      ...Array.from({ length: 30_000 }, (_, index) => member(`g${index}`, `g${index + 1}`, { isGroup: true })),
      member('__proto__', 'constructor'),
      member(ADMINS, '__proto__', { isGroup: true }),
    ]
    const before = process.cpuUsage().user
    const judged = judge({
      assignments: [...owner, assign('Owner', SUB, { principalId: 'g0' })],
      members,
      groups: told(ADMINS, '__proto__', ...Array.from({ length: 30_000 }, (_, index) => `g${index}`)),
    })
    assert.ok((process.cpuUsage().user - before) / 1e6 < 60)
    // Whom nobody followed is told.
    assert.ok((unknown(judged, 'cloud-azure-groups') ?? 0) > 0)
  })
})

describe('eligible assignments', () => {
  const own = { principalId: 'principal-app', isGroup: false, isEligible: true }
  const then = (role: string, scope: string): string => node(`client-app once it activates ${role} on ${scope}`)
  test('are never held: an edge of their own, unknown, leads to what can be activated', () => {
    const judged = judge({ assignments: [assign('Owner', SUB, own)] })
    assert.deepEqual(edges(judged, 'azure-activates'), [`${node('client-app')} ${then('Owner', SUB)} unknown`])
    assert.deepEqual(
      judged.analysis.edges.filter((each) => each.from === node('client-app')).map(({ kind }) => kind),
      ['azure-activates'],
    )
    assert.equal(unknown(judged, 'cloud-azure-eligible'), 1)
    assert.ok(judged.controls('ServiceAccount/shop/api', CONTROL_PLANE))
  })
  test('what is assigned besides is held', () => {
    const active = assign('Owner', SUB, { principalId: 'principal-app', isGroup: false })
    const judged = judge({ assignments: [active] })
    assert.deepEqual(edges(judged, 'azure-activates'), [])
    assert.equal(unknown(judged, 'cloud-azure-eligible'), undefined)
  })
  test('who can activate a way in is the entry, and what it is then is none', () => {
    const judged = judge({
      assignments: [assign('Azure Kubernetes Service Cluster Admin Role', AKS, { ...own, principalId: 'oid-al' })],
    })
    const entries = judged.analysis.entries.filter(({ id }) => id.startsWith('CloudIdentity/')).map(({ id }) => id)
    assert.deepEqual(entries, [node('oid-al')])
  })
  test('of a role, and of membership in a group that has one', () => {
    const role = 'Azure Kubernetes Service RBAC Cluster Admin'
    const byRole = judge({ assignments: [assign(role, AKS, own)] }, true)
    assert.deepEqual(edges(byRole, 'holds-policy'), [`${then(role, AKS)} AccessPolicy//${role} yes`])
    const byGroup = judge(
      {
        assignments: [assign(role, AKS)],
        members: [member(ADMINS, 'principal-app', { isEligible: true })],
        groups: told(ADMINS),
      },
      true,
    )
    assert.deepEqual(edges(byGroup, 'holds-policy'), [`${then(role, AKS)} AccessPolicy//${role} yes`])
    assert.deepEqual(edges(byGroup, 'enters-as'), [
      `${node(`client-app once it activates membership of ${ADMINS}`)} Group//${ADMINS} yes`,
    ])
  })
  test('questions about access: it may be, and is not', () => {
    const azure = {
      assignments: [assign('Azure Kubernetes Service RBAC Reader', AKS, { ...own, principalName: 'al@x.example' })],
    }
    const { cluster } = judge(azure, true).analysis
    const names = (truth: 'yes' | 'unknown'): readonly string[] =>
      cloudGrants(cluster, cloud(azure, true), truth).flatMap(({ grants }) => grants.map(({ username }) => username))
    assert.deepEqual(names('yes'), [])
    assert.deepEqual(names('unknown'), ['al@x.example'])
  })
})
