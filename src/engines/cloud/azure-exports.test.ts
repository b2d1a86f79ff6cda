import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { accessOf } from '../../access.ts'
import { buildCluster } from '../../cluster/cluster.ts'
import { parseSubject } from '../../cluster/subject-text.ts'
import { objectsOf } from '../../cluster/testing.ts'
import { analyseText } from '../../loop.testing.ts'
import { readCloud } from '../../observe/cloud/read.ts'
import { can } from '../access/questions/can.ts'
import { questionOf } from '../access/questions/words.ts'
import { CONTROL_PLANE } from '../engine.ts'
import { cloudAuthorizers } from './authorizers.ts'

const CLUSTER = `
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.azure.com/cluster: MC_rg_k8s_westeurope}}
`
const SUBSCRIPTION = '/subscriptions/00000000-0000-0000-0000-0000000000AA'
const AKS = `${SUBSCRIPTION}/resourcegroups/rg/providers/Microsoft.ContainerService/managedClusters/k8s`
const IDENTITY = `${SUBSCRIPTION}/resourcegroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app`
const ROLES = '/providers/Microsoft.Authorization/roleDefinitions/'
const CUSTOM = '77777777-7777-7777-7777-777777777777'
const ROOT_GROUP = '/providers/Microsoft.Management/managementGroups/Root'
const CLUSTER_ADMIN = 'b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b'
const AL = 'CloudIdentity/azure/al-id'

interface Assigned {
  readonly role?: string
  readonly id?: string
  readonly scope?: string
  readonly condition?: string
  readonly type?: string
}

/** As az writes them: of a role that the caller may not read the name is empty. */
async function exported({ role = '', id = '', scope = AKS, condition, type = 'User' }: Assigned, permissions?: object) {
  const root = mkdtempSync(join(tmpdir(), 'azure-'))
  const write = (name: string, value: unknown): void => writeFileSync(join(root, name), JSON.stringify(value))
  try {
    write('assignments.json', [
      {
        principalId: 'al-id',
        principalName: 'al@contoso.com',
        principalType: type,
        roleDefinitionName: role,
        roleDefinitionId: `${SUBSCRIPTION}${ROLES}${id}`,
        scope,
        condition: condition ?? null,
      },
    ])
    write('cluster.json', { id: AKS, nodeResourceGroup: 'MC_rg_k8s_westeurope', aadProfile: { enableAzureRbac: true } })
    write('identities.json', [{ id: IDENTITY, clientId: 'client', name: 'app', principalId: 'app-id' }])
    if (permissions)
      write('roles.json', [
        {
          id: `${ROLES}${CUSTOM}`,
          name: CUSTOM,
          roleName: 'Ops',
          roleType: 'CustomRole',
          permissions: [{ actions: [], notActions: [], dataActions: [], notDataActions: [], ...permissions }],
        },
      ])
    return (await readCloud([root])).cloud
  } finally {
    rmSync(root, { recursive: true })
  }
}

/** Whether they may read Secrets, whether a doubt is told, and the edges of the person. */
async function judge(assigned: Assigned, permissions?: object) {
  const cloud = await exported(assigned, permissions)
  const cluster = buildCluster({ objects: objectsOf(CLUSTER), listed: new Set(), locate: () => undefined })
  const authorizers = cloudAuthorizers(cluster, cloud)
  const view = accessOf({ cluster, asOf: 0, authorizers, doubtful: cloudAuthorizers(cluster, cloud, 'unknown') })
  const question = questionOf({ verb: 'get', resource: 'secrets', namespace: 'shop' }, cluster, 'one')
  const subject = parseSubject(assigned.type === 'ForeignGroup' ? 'group:al-id' : 'user:al@contoso.com')
  const { allowed, unknowns } = can(view, subject as never, question)
  const { edges } = analyseText(CLUSTER, { cloud }).analysis
  const truth = (kind: string, to?: string, from = AL): string =>
    edges.find((each) => each.kind === kind && each.from === from && (to === undefined || each.to === to))?.truth ??
    'none'
  return { may: [allowed, unknowns.some(({ about }) => about === 'cloud-unknown')], truth }
}

describe('roles of Azure as exports name them', () => {
  test('a built-in role by its id alone', async () => {
    const { may, truth } = await judge({ id: CLUSTER_ADMIN })
    assert.deepEqual([may, truth('holds-policy')], [[true, false], 'yes'])
    const reader = await judge({ id: '7F6C6A51-bcf8-42ba-9220-52d62157d7db' })
    assert.deepEqual([reader.may, reader.truth('holds-policy')], [[false, false], 'yes'])
  })
  test('a custom role by its id, whatever subscription the id is written with', async () => {
    const { truth } = await judge({ id: CUSTOM, scope: SUBSCRIPTION }, { actions: ['*'] })
    assert.equal(truth('azure-becomes', `CloudIdentity/azure/administrator of ${SUBSCRIPTION}`), 'yes')
  })
  test('data of the API server: all of it, a part, or none', async () => {
    for (const dataActions of [
      ['*'],
      ['Microsoft.ContainerService/managedClusters/*'],
      ['microsoft.containerservice/*'],
    ]) {
      const { may, truth } = await judge({ role: 'Ops', id: CUSTOM }, { dataActions })
      assert.deepEqual([may, truth('holds-policy')], [[true, false], 'yes'], String(dataActions))
    }
    for (const dataActions of [
      ['Microsoft.ContainerService/managedClusters/secrets/read'],
      ['*/read'],
      ['Microsoft.Container*/managedClusters/*/read'],
    ]) {
      const { may, truth } = await judge({ role: 'Ops', id: CUSTOM }, { dataActions })
      assert.deepEqual([may, truth('holds-policy')], [[false, true], 'yes'], String(dataActions))
    }
    const narrowed = { dataActions: ['*'], notDataActions: ['Microsoft.ContainerService/managedClusters/secrets/*'] }
    assert.deepEqual((await judge({ role: 'Ops', id: CUSTOM }, narrowed)).may, [false, true])
    const other = await judge({ role: 'Ops', id: CUSTOM }, { dataActions: ['Microsoft.Storage/*'] })
    assert.deepEqual([other.may, other.truth('holds-policy')], [[false, false], 'none'])
  })
  test('a role that no export describes is told of a denial', async () => {
    assert.deepEqual((await judge({ role: 'Ops', id: CUSTOM })).may, [false, true])
  })
})

describe('where and when assignments hold', () => {
  test('a management group may be above the cluster', async () => {
    const { may, truth } = await judge({ id: CLUSTER_ADMIN, scope: ROOT_GROUP })
    assert.deepEqual([may, truth('holds-policy')], [[false, true], 'unknown'])
    const owner = await judge({ role: 'Owner', scope: ROOT_GROUP.toUpperCase() })
    const admin = `CloudIdentity/azure/administrator of ${ROOT_GROUP.toUpperCase()}`
    assert.equal(owner.truth('azure-becomes', admin), 'yes')
    assert.equal(owner.truth('azure-becomes', 'CloudIdentity/azure/client', admin), 'unknown')
    assert.equal(owner.truth('azure-cluster-access', CONTROL_PLANE, admin), 'unknown')
  })
  test('the root scope is, and another subscription is not', async () => {
    assert.deepEqual((await judge({ id: CLUSTER_ADMIN, scope: '/' })).may, [true, false])
    assert.deepEqual((await judge({ id: CLUSTER_ADMIN, scope: `${SUBSCRIPTION}b` })).may, [false, false])
  })
  test('a cluster in capitals is the same, a condition may take it away', async () => {
    assert.deepEqual((await judge({ id: CLUSTER_ADMIN, scope: AKS.toUpperCase() })).may, [true, false])
    const { may, truth } = await judge({ id: CLUSTER_ADMIN, condition: '@Resource[a] StringEquals "b"' })
    assert.deepEqual([may, truth('holds-policy')], [[false, true], 'unknown'])
  })
  test('a group of another tenant is a group', async () => {
    assert.deepEqual((await judge({ id: CLUSTER_ADMIN, type: 'ForeignGroup' })).may, [true, false])
  })
})

describe('more ways up', () => {
  /** By which it comes into the cluster, so that it is asked about. */
  const IN = { dataActions: ['Microsoft.ContainerService/*'] }
  const admin = `CloudIdentity/azure/administrator of ${SUBSCRIPTION}`
  test('who writes role definitions may widen the role that it has, where that is a custom one', async () => {
    const actions = ['Microsoft.Authorization/*/Write']
    const notActions = [
      'Microsoft.Authorization/roleAssignments/*',
      'Microsoft.Authorization/roleAssignmentScheduleRequests/*',
    ]
    const at = { role: 'Ops', id: CUSTOM, scope: SUBSCRIPTION }
    assert.equal((await judge(at, { ...IN, actions, notActions })).truth('azure-becomes', admin), 'unknown')
    assert.equal((await judge(at, { ...IN, actions })).truth('azure-becomes', admin), 'yes')
    const none = [...notActions, 'Microsoft.Authorization/roleDefinitions/write']
    assert.equal((await judge(at, { ...IN, actions, notActions: none })).truth('azure-becomes', admin), 'none')
    assert.equal((await judge({ role: 'Contributor', scope: SUBSCRIPTION })).truth('azure-becomes', admin), 'none')
  })
  test('eligible assignments are written as requests', async () => {
    const actions = ['Microsoft.Authorization/roleAssignmentScheduleRequests/write']
    const at = { role: 'Ops', id: CUSTOM, scope: SUBSCRIPTION }
    assert.equal((await judge(at, { ...IN, actions })).truth('azure-becomes', admin), 'yes')
  })
  test('a cluster, a script or a workflow runs as an identity', async () => {
    for (const run of ['ContainerService/managedClusters', 'Resources/deploymentScripts', 'Logic/workflows']) {
      const actions = ['Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action', `Microsoft.${run}/write`]
      const { truth } = await judge({ role: 'Ops', id: CUSTOM, scope: SUBSCRIPTION }, { ...IN, actions })
      assert.equal(truth('azure-becomes', 'CloudIdentity/azure/client'), 'yes', run)
    }
  })
})
