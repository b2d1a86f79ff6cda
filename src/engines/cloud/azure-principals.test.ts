import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AzureAssignment, AzureExports, AzurePermission } from '../../cluster/cloud/azure-exports.ts'
import { NO_CLOUD } from '../../cluster/cloud/exports.ts'
import type { Judged } from '../../loop.testing.ts'
import { CONTROL_PLANE } from '../engine.ts'
import { AZURE_ASSETS, AZURE_RULES, CLUSTER, COMMANDS } from './azure/escalate.ts'
import { permits } from './azure/permits.ts'
import { AKS, APP, assign, BIG, GROUP, identity, judgeAzure, SUB } from './azure.testing.ts'

const node = (name: string): string => `CloudIdentity/azure/${name}`

const custom = (permission: Partial<AzurePermission>): AzureExports['definitions'] =>
  new Map([
    ['custom', { permissions: [{ actions: [], notActions: [], dataActions: [], notDataActions: [], ...permission }] }],
  ])

function judge(
  assignments: readonly AzureAssignment[],
  definitions: AzureExports['definitions'] = new Map(),
  azureRbac = false,
): Judged {
  const identities = [identity('app'), identity('big'), identity('far', '/subscriptions/t/resourceGroups/g')]
  return judgeAzure({ identities, federations: [], assignments, definitions }, azureRbac)
}
function truth(judged: Judged, to: string, kind = 'azure-becomes', source = APP): string {
  return (
    judged.analysis.edges.find((each) => each.kind === kind && each.from === source && each.to === to)?.truth ?? 'none'
  )
}

describe('what a role permits', () => {
  const may = (permission: Partial<AzurePermission>, name: string, isData = false): string =>
    permits(assign('Custom', SUB), { name, isData }, { ...NO_CLOUD.azure, definitions: custom(permission) })
  test('patterns in any case of letters, exceptions, and data apart', () => {
    assert.equal(may({ actions: ['*'] }, 'Microsoft.A/b/write'), 'yes')
    assert.equal(may({ actions: ['microsoft.a/*/WRITE'] }, 'Microsoft.A/b/write'), 'yes')
    assert.equal(may({ actions: ['Microsoft.A/*/read'] }, 'Microsoft.A/b/write'), 'no')
    assert.equal(may({ actions: ['*'], notActions: ['Microsoft.A/*'] }, 'Microsoft.A/b/write'), 'no')
    assert.equal(may({ actions: ['*'] }, 'Microsoft.A/b/read', true), 'no')
    assert.equal(may({ dataActions: ['Microsoft.A/*'] }, 'Microsoft.A/b/read', true), 'yes')
    assert.equal(may({ dataActions: ['*'], notDataActions: ['*/read'] }, 'Microsoft.A/b/read', true), 'no')
  })
  test('built-in roles by name, an export before the table, others maybe', () => {
    const ask = (role: string, definitions: AzureExports['definitions'] = new Map()): string =>
      permits(
        assign(role, SUB),
        { name: 'Microsoft.Authorization/roleAssignments/write' },
        { ...NO_CLOUD.azure, definitions },
      )
    assert.deepEqual(
      ['Owner', 'Contributor', 'Reader', 'User Access Administrator', '__proto__'].map((each) => ask(each)),
      ['yes', 'no', 'no', 'yes', 'maybe'],
    )
    assert.equal(ask('Owner', new Map([['owner', { permissions: [] }]])), 'no')
  })
})

describe('becoming another', () => {
  for (const { id, operations, runs = [] } of AZURE_RULES)
    test(`${id}: on the identity or above it`, () => {
      for (const run of runs.length === 0 ? [undefined] : runs) {
        const at = (scope: string): Judged =>
          judge([assign('custom', scope)], custom({ actions: [operations[0]?.name ?? '', ...(run ? [run.name] : [])] }))
        for (const scope of [identity('big').id, GROUP, '/SUBSCRIPTIONS/S', '/'])
          assert.equal(truth(at(scope), BIG), 'yes')
        for (const scope of [identity('far').id, '/subscriptions/t', `${SUB}/resourceGroups/g2`])
          assert.equal(truth(at(scope), BIG), 'none')
        if (run)
          assert.equal(
            truth(judge([assign('custom', GROUP)], custom({ actions: [operations[0]?.name ?? ''] })), BIG),
            'none',
          )
      }
    })
  test('what runs as the identity may be elsewhere', () => {
    const both = [
      assign('Managed Identity Operator', identity('big').id),
      assign('Virtual Machine Contributor', `${SUB}/resourceGroups/g2`),
    ]
    assert.equal(truth(judge(both), BIG), 'yes')
    assert.equal(truth(judge(both.slice(0, 1)), BIG), 'none')
  })
  test('who assigns roles administers the scope, and all below it', () => {
    const judged = judge([assign('User Access Administrator', GROUP)], new Map(), true)
    assert.equal(truth(judged, node(`administrator of ${GROUP}`)), 'yes')
    assert.ok(judged.controls('ServiceAccount/shop/api', BIG))
    assert.ok(!judged.controls('ServiceAccount/shop/api', node('client-far')))
    assert.ok(judged.controls('ServiceAccount/shop/api', CONTROL_PLANE))
    // It is a name for what is gained, and no credential of its own.
    assert.ok(judged.analysis.entries.every(({ id }) => !id.includes('administrator')))
    const elsewhere = judge([assign('Owner', '/subscriptions/t')], new Map(), true)
    assert.ok(!elsewhere.controls('ServiceAccount/shop/api', CONTROL_PLANE))
    assert.equal(truth(judge([assign('Contributor', GROUP)]), node(`administrator of ${GROUP}`)), 'none')
  })
  test('a condition, and a role that is not known, are unknown; the second is told', () => {
    assert.equal(
      truth(judge([assign('Owner', GROUP, { isConditional: true })]), node(`administrator of ${GROUP}`)),
      'unknown',
    )
    const judged = judge([assign('Home-made', GROUP)])
    assert.equal(truth(judged, node(`administrator of ${GROUP}`)), 'unknown')
    assert.equal(judged.analysis.unknowns().find(({ id }) => id === 'cloud-azure-roles')?.count, 1)
  })
  test('elevation is for the root scope, and a global administrator', () => {
    const elevate = custom({ actions: ['Microsoft.Authorization/elevateAccess/action'] })
    assert.equal(truth(judge([assign('custom', '/')], elevate), node('administrator of /')), 'unknown')
    assert.equal(truth(judge([assign('custom', SUB)], elevate), node(`administrator of ${SUB}`)), 'none')
  })
})

describe('ways back into the cluster', () => {
  test('commands on the machines of its nodes', () => {
    const machines = `${SUB}/resourceGroups/MC_g_k_west`
    for (const { name } of COMMANDS) {
      const at = (scope: string): string =>
        truth(judge([assign('custom', scope)], custom({ actions: [name] })), 'Node//n1', 'azure-node-command')
      assert.deepEqual([at(machines), at(SUB), at(GROUP), at('/subscriptions/t')], ['yes', 'yes', 'none', 'none'])
    }
    assert.equal(truth(judge([assign('Reader', SUB)]), 'Node//n1', 'azure-node-command'), 'none')
  })
  test('the administrator’s credentials, and commands in it', () => {
    for (const { name } of CLUSTER) {
      const at = (scope: string): string =>
        truth(judge([assign('custom', scope)], custom({ actions: [name] })), CONTROL_PLANE, 'cluster-credential')
      assert.deepEqual([at(AKS), at(GROUP), at(`${AKS}2`)], ['unknown', 'unknown', 'none'])
    }
    assert.equal(
      truth(judge([assign('Azure Kubernetes Service Cluster User Role', AKS)]), CONTROL_PLANE, 'cluster-credential'),
      'none',
    )
  })
})

describe('what a principal reaches', () => {
  for (const [kind, accesses] of Object.entries(AZURE_ASSETS))
    test(`${kind}: by each of its operations`, () => {
      for (const [access, operations] of Object.entries(accesses))
        for (const { name, isData } of operations) {
          const judged = judge(
            [assign('custom', GROUP)],
            custom(isData ? { dataActions: [name] } : { actions: [name] }),
          )
          assert.deepEqual(
            judged.analysis.edges
              .filter((each) => each.kind === 'azure-reaches')
              .map(({ to, truth: is, rule }) => [to, is, rule]),
            [[`CloudAsset/azure/${kind} ${GROUP}`, 'yes', access]],
          )
        }
    })
  test('it is an asset; what a reader reaches', () => {
    const scope = `${GROUP}/providers/Microsoft.Storage/storageAccounts/logs`
    const judged = judge([assign('Storage Blob Data Reader', scope)])
    assert.ok(judged.analysis.assets.some(({ id }) => id === `external/azure/storage ${scope}`))
    const reached = (role: string): readonly string[] =>
      judge([assign(role, SUB)])
        .analysis.edges.filter(({ kind }) => kind === 'azure-reaches')
        .map(({ to }) => to)
    // Reading registries is pulling from them.
    assert.deepEqual(reached('Reader'), [`CloudAsset/azure/registry ${SUB}`])
    assert.deepEqual(reached('Network Contributor'), [])
  })
})

test('hostile: stars, many assignments, names of Object.prototype', () => {
  const definitions = custom({ actions: ['*a'.repeat(500), '__proto__'] })
  const many = Array.from({ length: 2_000 }, (_, index) => assign('custom', `${SUB}/resourceGroups/g${index}`))
  const before = process.cpuUsage().user
  const judged = judge([...many, assign('custom', '__proto__', { principalId: '__proto__' })], definitions)
  assert.equal(truth(judged, BIG), 'none')
  assert.ok((process.cpuUsage().user - before) / 1e6 < 30)
})
