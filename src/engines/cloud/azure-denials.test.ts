import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../../cluster/because.ts'
import type { AzureDenial, AzureExports } from '../../cluster/cloud/azure-exports.ts'
import { NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { Judged } from '../../loop.testing.ts'
import { CONTROL_PLANE } from '../engine.ts'
import { cloudGrants } from './authorizers.ts'
import { AKS, APP, assign, BIG, from, GROUP, identity, judgeAzure, MACHINES, SUB } from './azure.testing.ts'

const EVERYBODY = '00000000-0000-0000-0000-000000000000'

const deny = (actions: readonly string[], scope: string, more: Partial<AzureDenial> = {}): AzureDenial => ({
  name: 'lock',
  scope,
  permissions: [{ actions, notActions: [], dataActions: [], notDataActions: [] }],
  principals: [{ id: EVERYBODY, isGroup: false }],
  excluded: [],
  isHereOnly: false,
  isConditional: false,
  from: because('deny assignment lock'),
  ...more,
})

const edgeOf = (judged: Judged, kind: string, to: string, source = APP) =>
  judged.analysis.edges.find((each) => each.kind === kind && each.from === source && each.to === to)
const truth = (judged: Judged, kind: string, to: string, source = APP): string =>
  edgeOf(judged, kind, to, source)?.truth ?? 'none'

describe('deny assignments', () => {
  const commands = (denials: readonly AzureDenial[], more: Partial<AzureExports> = {}): string =>
    truth(judgeAzure({ assignments: [assign('Contributor', SUB)], denials, ...more }), 'azure-node-command', 'Node//n1')
  test('the lockdown of the resource group of nodes takes commands on them away', () => {
    assert.equal(commands([]), 'yes')
    const lockdown = deny(['*'], MACHINES, {
      permissions: [{ actions: ['*'], notActions: ['*/read'], dataActions: [], notDataActions: [] }],
      excluded: [{ id: 'aks-itself', isGroup: false }],
    })
    assert.equal(commands([lockdown]), 'none')
    // Who administers the subscription is denied it as well, and gets nothing back by assigning roles.
    const owner = judgeAzure({ assignments: [assign('Owner', SUB)], denials: [lockdown] })
    assert.equal(truth(owner, 'azure-node-command', 'Node//n1'), 'none')
  })
  test('where, what, and whom it does not name', () => {
    assert.equal(commands([deny(['*'], GROUP)]), 'yes')
    assert.equal(commands([deny(['*'], '/subscriptions/t')]), 'yes')
    assert.equal(commands([deny(['Microsoft.Network/*'], SUB)]), 'yes')
    assert.equal(commands([deny(['*'], SUB, { principals: [{ id: 'somebody', isGroup: false }] })]), 'yes')
    assert.equal(commands([deny(['*'], SUB, { principals: [{ id: 'PRINCIPAL-APP', isGroup: false }] })]), 'none')
    assert.equal(commands([deny(['*'], SUB, { excluded: [{ id: 'principal-app', isGroup: false }] })]), 'yes')
    assert.equal(commands([deny(['*'], SUB, { isHereOnly: true })]), 'yes')
    assert.equal(commands([deny(['*'], MACHINES, { isHereOnly: true })]), 'none')
    assert.equal(commands([deny([], SUB)]), 'yes')
  })
  test('a part of the ways being denied leaves the others', () => {
    assert.equal(commands([deny(['Microsoft.Compute/virtualMachines/*'], SUB)]), 'yes')
    assert.equal(commands([deny(['Microsoft.Compute/*'], SUB)]), 'none')
  })
  test('what is not known of a denial leaves it open, and the edge says so', () => {
    for (const denial of [
      deny(['*'], SUB, { isConditional: true }),
      deny(['*'], '/providers/Microsoft.Management/managementGroups/m'),
      deny(['*'], SUB, { principals: [{ id: 'some-group', isGroup: true }] }),
      deny(['*'], SUB, { principals: [{ id: 'of-a-kind-that-is-not-told' }] }),
      deny(['*'], SUB, { excluded: [{ id: 'some-group', isGroup: true }] }),
    ]) {
      const judged = judgeAzure({ assignments: [assign('Contributor', SUB)], denials: [denial] })
      const edge = edgeOf(judged, 'azure-node-command', 'Node//n1')
      assert.equal(edge?.truth, 'unknown')
      assert.ok(edge?.because.some(({ text }) => text === 'deny assignment lock may take it away'))
    }
  })
  test('a denial of a group is one of its members, where they are told', () => {
    const named = deny(['*'], SUB, { principals: [{ id: 'G', isGroup: true }] })
    const member = (id: string) => [{ group: 'g', id, isGroup: false, from }]
    const told = new Set(['g'])
    assert.equal(commands([named], { members: member('principal-app'), groups: told }), 'none')
    assert.equal(commands([named], { members: member('other'), groups: told }), 'yes')
    assert.equal(commands([named], { members: member('other') }), 'unknown')
    // A group in it of which nothing is told may hold the principal.
    const nested = [{ group: 'g', id: 'h', isGroup: true, from }]
    assert.equal(commands([named], { members: nested, groups: told }), 'unknown')
  })
  test('on becoming a managed identity, on administering, and on what is stored', () => {
    const federation = deny(['Microsoft.ManagedIdentity/*'], identity('big').id)
    const owner = (denials: readonly AzureDenial[]): Judged =>
      judgeAzure({ assignments: [assign('Owner', GROUP)], denials })
    assert.ok(owner([]).controls('ServiceAccount/shop/api', BIG))
    assert.ok(!owner([federation]).controls('ServiceAccount/shop/api', BIG))
    const administrator = `CloudIdentity/azure/administrator of ${GROUP}`
    assert.equal(truth(owner([deny(['Microsoft.Authorization/*'], SUB)]), 'azure-becomes', administrator), 'none')
    const store = judgeAzure({
      assignments: [assign('Storage Blob Data Owner', GROUP)],
      denials: [
        deny([], SUB, {
          permissions: [{ actions: [], notActions: [], dataActions: ['*/blobs/write'], notDataActions: [] }],
        }),
      ],
    })
    assert.equal(store.analysis.edges.find(({ kind }) => kind === 'azure-reaches')?.rule, 'read')
  })
  test('on Azure RBAC for Kubernetes, and on fetching credentials', () => {
    const role = 'Azure Kubernetes Service RBAC Cluster Admin'
    const data = (dataActions: readonly string[]): AzureDenial =>
      deny([], SUB, { permissions: [{ actions: [], notActions: [], dataActions, notDataActions: [] }] })
    const policy = (denials: readonly AzureDenial[]): string =>
      judgeAzure({ assignments: [assign(role, AKS)], denials }, true).analysis.edges.find(
        ({ kind }) => kind === 'holds-policy',
      )?.truth ?? 'none'
    assert.equal(policy([]), 'yes')
    assert.equal(policy([data(['*'])]), 'none')
    assert.equal(policy([data(['Microsoft.ContainerService/managedClusters/secrets/read'])]), 'unknown')
    assert.equal(policy([data(['Microsoft.Storage/*'])]), 'yes')
    assert.equal(policy([deny(['*'], SUB)]), 'yes')
    const credential = (denials: readonly AzureDenial[]): string =>
      truth(
        judgeAzure({ assignments: [assign('Azure Kubernetes Service Cluster Admin Role', AKS)], denials }),
        'cluster-credential',
        CONTROL_PLANE,
      )
    assert.equal(credential([]), 'unknown')
    assert.equal(credential([deny(['Microsoft.ContainerService/*'], SUB)]), 'none')
  })
  test('questions about access: what a denial names is not had by the group either', () => {
    const role = 'Azure Kubernetes Service RBAC Reader'
    const azure: Partial<AzureExports> = {
      assignments: [assign(role, AKS, { principalId: 'g', isGroup: true })],
      members: [
        { group: 'g', id: 'oid-al', name: 'al@x.example', isGroup: false, from },
        { group: 'g', id: 'oid-bo', name: 'bo@x.example', isGroup: false, from },
      ],
      groups: new Set(['g']),
      denials: [
        deny([], SUB, {
          permissions: [{ actions: [], notActions: [], dataActions: ['*'], notDataActions: [] }],
          principals: [{ id: 'oid-al', isGroup: false }],
        }),
      ],
    }
    const { cluster } = judgeAzure(azure, true).analysis
    const clusters = [{ id: AKS, nodeResourceGroup: 'MC_g_k_west', azureRbac: true, from }]
    const [given] = cloudGrants(cluster, { ...NO_CLOUD, azure: { ...NO_CLOUD.azure, ...azure, clusters } })
    const [grant] = given?.grants ?? []
    assert.equal(grant?.group, 'g')
    const left = (user: string): number =>
      grant?.rulesTo?.({ user, groups: ['g'], extra: new Map() } as never).length ?? -1
    assert.equal(left('AL@x.example'), 0)
    assert.ok(left('bo@x.example') > 0)
    assert.ok(left('somebody@x.example') > 0)
  })
  test('hostile: thousands of them, and names of Object.prototype', () => {
    const many = Array.from({ length: 5_000 }, (_, index) =>
      deny(['*a'.repeat(50)], `${SUB}/resourceGroups/${index}`, { principals: [{ id: '__proto__' }] }),
    )
    const before = process.cpuUsage().user
    assert.equal(commands(many), 'unknown')
    assert.ok((process.cpuUsage().user - before) / 1e6 < 10)
  })
})
