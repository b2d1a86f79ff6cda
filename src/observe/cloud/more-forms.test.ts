import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type ReadCloud, readCloud } from './read.ts'

async function read(files: Readonly<Record<string, unknown>>): Promise<ReadCloud> {
  const root = mkdtempSync(join(tmpdir(), 'cloud-'))
  try {
    for (const [name, content] of Object.entries(files))
      writeFileSync(join(root, name), typeof content === 'string' ? content : JSON.stringify(content, null, 2))
    return await readCloud([root])
  } finally {
    rmSync(root, { recursive: true })
  }
}
const whys = ({ problems }: ReadCloud): readonly string[] => problems.map(({ message }) => message)

const SUB = '/subscriptions/00000000-0000-0000-0000-000000000001'
const OWNER = `${SUB}/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635`
const ADMINS = '0a0a0a0a-0000-4000-8000-000000000001'

describe('deny assignments, eligible roles and groups of Azure', () => {
  const denial = {
    id: `${SUB}/providers/Microsoft.Authorization/denyAssignments/d1`,
    name: 'd1',
    type: 'Microsoft.Authorization/denyAssignments',
    properties: {
      denyAssignmentName: 'lockdown',
      description: 'x',
      permissions: [{ actions: ['*'], notActions: ['*/read'], dataActions: [], notDataActions: [] }],
      scope: SUB,
      doNotApplyToChildScopes: false,
      principals: [{ id: '00000000-0000-0000-0000-000000000000', type: 'SystemDefined', displayName: 'All' }],
      excludePrincipals: [{ id: 'x', type: 'ServicePrincipal' }],
      isSystemProtected: true,
    },
  }
  test('deny assignments as az rest gives them, alone, as a list, in YAML, without a scope of their own', async () => {
    const yaml = `value:
- id: ${SUB}/resourceGroups/g/providers/Microsoft.Authorization/denyAssignments/d2
  type: Microsoft.Authorization/denyAssignments
  properties: {denyAssignmentName: two, permissions: [{actions: ['*']}], principals: [{type: Everyone}], doNotApplyToChildScopes: true}
`
    const result = await read({ 'a.json': { value: [denial] }, 'b.json': denial, 'c.json': [denial], 'd.yaml': yaml })
    const { cloud } = result
    assert.deepEqual(whys(result), [])
    assert.equal(cloud.azure.assignments.length, 0)
    const [{ from: _, ...first } = { from: undefined }] = cloud.azure.denials
    assert.deepEqual(first, {
      name: 'lockdown',
      scope: SUB,
      permissions: [{ actions: ['*'], notActions: ['*/read'], dataActions: [], notDataActions: [] }],
      principals: [{ id: '00000000-0000-0000-0000-000000000000', isGroup: false }],
      excluded: [{ id: 'x', isGroup: false }],
      isHereOnly: false,
      isConditional: false,
    })
    assert.deepEqual(
      cloud.azure.denials.map(({ name, scope, isHereOnly }) => [name, scope, isHereOnly]),
      [...Array(3).fill(['lockdown', SUB, false]), ['two', `${SUB}/resourceGroups/g`, true]],
    )
  })
  test('what is audited alone is not denied, and what is not known of one is a condition', async () => {
    const of = (more: object) => ({ ...denial, properties: { ...denial.properties, ...more } })
    const { cloud } = await read({
      'a.json': [
        of({ denyAssignmentEffect: 'audit' }),
        of({ denyAssignmentEffect: 'enforced' }),
        of({ denyAssignmentEffect: 'something' }),
        of({ permissions: [{ actions: ['*'], condition: '@Resource[x] StringEquals y' }] }),
      ],
    })
    assert.deepEqual(
      cloud.azure.denials.map(({ isConditional }) => isConditional),
      [false, true, true],
    )
  })
  const eligible = {
    id: `${SUB}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/e1`,
    name: 'e1',
    type: 'Microsoft.Authorization/roleEligibilityScheduleInstances',
    properties: {
      roleEligibilityScheduleId: 'x',
      scope: SUB,
      roleDefinitionId: OWNER,
      principalId: 'al',
      principalType: 'User',
      status: 'Provisioned',
      memberType: 'Direct',
      expandedProperties: {
        principal: { id: 'al', displayName: 'Al', email: 'al@x.example', type: 'User' },
        roleDefinition: { id: OWNER, displayName: 'Owner', type: 'BuiltInRole' },
      },
    },
  }
  test('eligible assignments are no assignments that are held', async () => {
    const { properties, ...bare } = eligible
    const result = await read({
      'a.json': { value: [eligible] },
      'b.json': [{ ...bare, ...properties }],
      'c.json': { principalId: 'al', roleDefinitionId: OWNER, scope: SUB, roleEligibilityScheduleRequestId: 'x' },
      'd.json': {
        ...eligible,
        id: eligible.id.replace('Instances', 's'),
        type: 'Microsoft.Authorization/roleEligibilitySchedules',
      },
    })
    assert.deepEqual(whys(result), [])
    assert.deepEqual(
      result.cloud.azure.assignments.map(({ isEligible, role, principalName }) => [isEligible, role, principalName]),
      [
        [true, 'Owner', 'al@x.example'],
        [true, 'Owner', 'al@x.example'],
        [true, OWNER, undefined],
        [true, 'Owner', 'al@x.example'],
      ],
    )
  })
  test('activated ones are; requests, plans and what has ended say nothing of what is held', async () => {
    const kind = (type: string, more: object = {}) => ({
      ...eligible,
      id: `${SUB}/providers/Microsoft.Authorization/${type}/1`,
      type: `Microsoft.Authorization/${type}`,
      properties: { ...eligible.properties, roleEligibilityScheduleId: undefined, ...more },
    })
    const result = await read({
      'a.json': [
        kind('roleAssignmentScheduleInstances', { assignmentType: 'Activated' }),
        kind('roleAssignmentScheduleInstances', { status: 'Revoked' }),
        kind('roleAssignmentScheduleRequests'),
        kind('roleEligibilityScheduleRequests'),
        kind('roleAssignmentSchedules'),
        { principalId: 'al', roleDefinitionId: OWNER, scope: SUB, requestType: 'AdminRemove' },
        { principalId: 'al', roleDefinitionId: OWNER, scope: SUB, roleAssignmentScheduleRequestId: 'x' },
      ],
    })
    assert.deepEqual(
      result.cloud.azure.assignments.map(({ isEligible }) => isEligible),
      [undefined],
    )
    assert.equal(whys(result).length, 5)
    assert.ok(whys(result).every((each) => each.includes('which the list of instances does')))
  })
  const people = [
    { '@odata.type': '#microsoft.graph.user', id: 'u1', displayName: 'Al', userPrincipalName: 'al@x.example' },
    {
      '@odata.type': '#microsoft.graph.servicePrincipal',
      id: 'sp1',
      appId: 'client-1',
      displayName: 'app',
      servicePrincipalType: 'ManagedIdentity',
    },
    { '@odata.type': '#microsoft.graph.group', id: 'g2', displayName: 'inner' },
  ]
  test('members of groups: by --query, by the name of the file, as Graph expands them', async () => {
    for (const files of [
      { 'members.json': { group: ADMINS, members: people } },
      { [`${ADMINS}.json`]: people },
      { [`${ADMINS.toUpperCase()}.json`]: { '@odata.context': 'x', value: people } },
      { 'graph.json': { '@odata.context': 'x', id: ADMINS, displayName: 'admins', members: people } },
      { 'graph.json': { value: [{ id: ADMINS, transitiveMembers: people }] } },
    ]) {
      const result = await read(files)
      assert.deepEqual(whys(result), [])
      assert.deepEqual(
        result.cloud.azure.members.map(({ group, id, name, isGroup }) => [group.toLowerCase(), id, name, isGroup]),
        [
          [ADMINS, 'u1', 'al@x.example', false],
          [ADMINS, 'sp1', undefined, false],
          [ADMINS, 'g2', undefined, true],
        ],
      )
      assert.deepEqual([...result.cloud.azure.groups], [ADMINS])
      assert.deepEqual([...result.cloud.azure.servicePrincipals], [['sp1', 'client-1']])
    }
  })
  test('a group that may have more, an object of no group, and a page that is missing are told', async () => {
    const twenty = Array.from({ length: 20 }, (_, index) => ({ id: `u${index}` }))
    const result = await read({
      'a.json': { id: ADMINS, members: twenty },
      'b.json': people,
      'c.json': { value: [denial], nextLink: 'https://management.azure.com/next' },
    })
    assert.deepEqual([...result.cloud.azure.groups], [])
    assert.equal(result.cloud.azure.members.length, 20)
    assert.deepEqual(
      whys(result).map((each) => /may have more members|no file that is named|goes on at its nextLink/.exec(each)?.[0]),
      ['may have more members', 'no file that is named', 'no file that is named', 'goes on at its nextLink'],
    )
  })
  test('memberships of Privileged Identity Management: eligible, assigned, owners', async () => {
    const of = (more: object) => ({ id: 'x', groupId: ADMINS, principalId: 'u1', accessId: 'member', ...more })
    const { cloud } = await read({
      'a.json': {
        value: [of({ eligibilityScheduleId: 'e' }), of({ assignmentScheduleId: 'a' }), of({ accessId: 'owner' })],
      },
    })
    assert.deepEqual(
      cloud.azure.members.map(({ isEligible }) => isEligible),
      [true, undefined],
    )
  })
  test('empty answers, mixed and broken lists', async () => {
    const result = await read({
      'a.json': { value: [] },
      'b.json': { value: [], '@odata.context': 'x' },
      'c.json': { value: [denial, { strange: 1 }, null] },
      'd.json': { value: [], other: 1 },
      'e.json': {
        type: 'Microsoft.Authorization/denyAssignments',
        properties: { principals: 'x', permissions: { a: 1 } },
      },
      'f.json': { group: ADMINS, members: [null, {}, '', 'u1', { id: 'u2', appId: 'c', servicePrincipalType: 7 }] },
    })
    assert.equal(result.cloud.azure.denials.length, 1)
    assert.deepEqual(
      result.cloud.azure.members.map(({ id }) => id),
      ['u1', 'u2'],
    )
    assert.deepEqual(
      whys(result).map((each) => /no export that is read|names no scope|has no id/.exec(each)?.[0]),
      [
        'no export that is read',
        'no export that is read',
        'no export that is read',
        'names no scope',
        'has no id',
        'has no id',
        'has no id',
      ],
    )
  })
  test('az aks show: Entra ID, the identity of kubelets, what pods get of the metadata service', async () => {
    const { cloud } = await read({
      'aks.json': {
        id: `${SUB}/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/k`,
        nodeResourceGroup: 'MC',
        aadProfile: { managed: true, enableAzureRbac: true },
        identityProfile: { kubeletidentity: { clientId: 'c1', objectId: 'o1', resourceId: '/r' } },
        networkProfile: { podLinkLocalAccess: 'None' },
      },
      'old.json': { id: '/k2', nodeResourceGroup: 'MC2', aadProfile: null, identityProfile: null },
    })
    assert.deepEqual(
      cloud.azure.clusters.map(({ entra, kubelet, podLinkLocalAccess }) => [entra, kubelet, podLinkLocalAccess]),
      [
        [true, 'c1', 'None'],
        [false, undefined, undefined],
      ],
    )
  })
})

describe('boundaries and machines of Google Cloud', () => {
  const POLICY = 'organizations/1/locations/global/principalAccessBoundaryPolicies/own'
  const policy = {
    name: POLICY,
    uid: 'puid_1',
    details: {
      rules: [{ description: 'x', effect: 'ALLOW', resources: ['//cloudresourcemanager.googleapis.com/projects/p'] }],
      enforcementVersion: '3',
    },
  }
  const binding = {
    name: 'organizations/1/locations/global/policyBindings/b',
    policy: POLICY,
    policyKind: 'PRINCIPAL_ACCESS_BOUNDARY',
    target: { principalSet: '//cloudresourcemanager.googleapis.com/projects/p' },
    condition: { expression: "principal.type == 'x'" },
  }
  test('principal access boundaries: alone, lists, answers of the API, YAML', async () => {
    const yaml = `details:
  enforcementVersion: 3
  rules:
  - effect: ALLOW
    resources: [//cloudresourcemanager.googleapis.com/projects/p]
name: ${POLICY}
`
    const result = await read({
      'a.json': policy,
      'b.json': [policy, binding],
      'c.json': { principalAccessBoundaryPolicies: [policy] },
      'd.json': { policyBindings: [binding] },
      'e.yaml': yaml,
    })
    assert.deepEqual(whys(result), [])
    for (const { name, resources, version } of result.cloud.gcp.boundaries)
      assert.deepEqual([name, resources, version], [POLICY, ['projects/p'], '3'])
    assert.equal(result.cloud.gcp.boundaries.length, 4)
    assert.deepEqual(
      result.cloud.gcp.boundaryBindings.map(({ policy: of, principalSet, condition }) => [of, principalSet, condition]),
      Array(2).fill([POLICY, binding.target.principalSet, binding.condition.expression]),
    )
  })
  test('broken ones are told', async () => {
    const result = await read({
      'a.json': [
        {
          ...policy,
          details: {
            rules: [
              { effect: 'DENY', resources: ['x'] },
              { effect: 'ALLOW', resources: ['x'] },
            ],
          },
        },
        { ...binding, policyKind: 'OTHER' },
        { ...binding, target: {} },
        { policyBindings: [{ name: 'x' }], nextPageToken: 't' },
      ],
    })
    assert.equal(whys(result).length, 6)
    assert.equal(result.cloud.gcp.boundaryBindings.length, 0)
  })
  const instance = {
    kind: 'compute#instance',
    name: 'gke-c-main-1a2b-x1',
    id: '1',
    zone: 'https://www.googleapis.com/compute/v1/projects/p/zones/z',
    selfLink: 'https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/gke-c-main-1a2b-x1',
    serviceAccounts: [
      { email: 'n@p.iam.gserviceaccount.com', scopes: ['https://www.googleapis.com/auth/cloud-platform'] },
    ],
    metadata: {
      items: [
        { key: 'kube-env', value: 'SECRET' },
        { key: 'enable-oslogin', value: 'true' },
      ],
    },
  }
  test('instances: their accounts, scopes and OS Login, and of metadata nothing else', async () => {
    const { serviceAccounts: _, metadata: __, ...bare } = instance
    const result = await read({
      'a.json': [instance, bare],
      'b.json': { kind: 'compute#instanceList', items: [instance] },
    })
    assert.deepEqual(whys(result), [])
    assert.deepEqual(
      result.cloud.gcp.machines.map(({ project, zone, name, account, scopes, osLogin }) => [
        project,
        zone,
        name,
        account,
        scopes.length,
        osLogin,
      ]),
      [
        ['p', 'z', instance.name, 'n@p.iam.gserviceaccount.com', 1, true],
        ['p', 'z', instance.name, undefined, 0, undefined],
        ['p', 'z', instance.name, 'n@p.iam.gserviceaccount.com', 1, true],
      ],
    )
    assert.ok(!JSON.stringify(result.cloud).includes('SECRET'))
  })
  test('a project: its default account, which tells its number, and OS Login', async () => {
    const { cloud } = await read({
      'a.json': {
        kind: 'compute#project',
        name: 'p',
        defaultServiceAccount: '12-compute@developer.gserviceaccount.com',
        commonInstanceMetadata: { items: [{ key: 'enable-oslogin', value: 'FALSE' }] },
      },
    })
    assert.deepEqual(
      [...cloud.gcp.compute],
      [['p', { account: '12-compute@developer.gserviceaccount.com', osLogin: false }]],
    )
    assert.deepEqual([...cloud.gcp.projects], [['12', 'p']])
  })
  test('node pools: account, scopes, metadata mode, instance groups; Autopilot', async () => {
    const pool = (mode: object | undefined, more: object = {}) => ({
      name: 'main',
      initialNodeCount: 1,
      selfLink: 'https://container.googleapis.com/v1/projects/p/zones/z/clusters/c/nodePools/main',
      instanceGroupUrls: [
        'https://www.googleapis.com/compute/v1/projects/p/zones/z/instanceGroupManagers/gke-c-main-1a2b-grp',
        'strange',
      ],
      config: {
        machineType: 'e2',
        serviceAccount: 'default',
        oauthScopes: ['x'],
        ...(mode && { workloadMetadataConfig: mode }),
      },
      ...more,
    })
    const modes = [
      { mode: 'GKE_METADATA' },
      { mode: 'GCE_METADATA' },
      { nodeMetadata: 'GKE_METADATA_SERVER' },
      { nodeMetadata: 'SECURE' },
      { mode: 'MODE_UNSPECIFIED' },
      undefined,
    ]
    const { cloud } = await read({
      'a.json': { name: 'c', nodePools: modes.map((mode) => pool(mode)) },
      'b.json': [pool({ mode: 'GKE_METADATA' })],
      'c.json': { name: 'auto', autopilot: { enabled: true }, nodePools: [pool(undefined)] },
    })
    assert.deepEqual(
      cloud.gcp.pools.map(({ metadata, isAutopilot }) => [metadata, isAutopilot]),
      [
        ['GKE_METADATA', false],
        ['GCE_METADATA', false],
        ['GKE_METADATA', false],
        ['GCE_METADATA', false],
        [undefined, false],
        [undefined, false],
        ['GKE_METADATA', false],
        ['GKE_METADATA', true],
      ],
    )
    const [{ from: _, ...first } = { from: undefined }] = cloud.gcp.pools
    assert.deepEqual(first, {
      name: 'main',
      project: 'p',
      prefixes: ['projects/p/zones/z/instances/gke-c-main-1a2b-'],
      account: 'default',
      scopes: ['x'],
      metadata: 'GKE_METADATA',
      isAutopilot: false,
    })
  })
})

test('Terraform: groups, members and eligible roles', async () => {
  const resource = (type: string, attributes: object) => ({
    mode: 'managed',
    type,
    name: 'x',
    instances: [{ attributes }],
  })
  const { cloud, problems } = await read({
    'terraform.tfstate': {
      version: 4,
      resources: [
        resource('azuread_group', { object_id: ADMINS, members: ['u1'] }),
        resource('azuread_group_member', { group_object_id: ADMINS, member_object_id: 'u2' }),
        resource('azurerm_pim_eligible_role_assignment', { principal_id: 'u3', role_definition_id: OWNER, scope: SUB }),
      ],
    },
  })
  assert.deepEqual(problems, [])
  assert.deepEqual(
    cloud.azure.members.map(({ id }) => id),
    ['u1', 'u2'],
  )
  assert.deepEqual(
    cloud.azure.assignments.map(({ isEligible }) => isEligible),
    [true],
  )
})
