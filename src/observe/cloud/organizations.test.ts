import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { roleKey } from '../../cluster/cloud/aks.ts'
import { type ReadCloud, readCloud } from './read.ts'

async function read(...values: readonly unknown[]): Promise<ReadCloud> {
  const root = mkdtempSync(join(tmpdir(), 'cloud-'))
  try {
    for (const [index, value] of values.entries())
      writeFileSync(join(root, `${index}.json`), typeof value === 'string' ? value : JSON.stringify(value, null, 2))
    return await readCloud([root])
  } finally {
    rmSync(root, { recursive: true })
  }
}

describe('exports of AWS Organizations', () => {
  const summary = { Id: 'p-1', Name: 'guard', Type: 'SERVICE_CONTROL_POLICY', AwsManaged: false }
  test('the tree: paths of accounts, parents, roots, the management account', async () => {
    const { cloud, problems } = await read(
      { Account: { Id: '1', Arn: 'arn:a', Paths: ['o-1/r-ab12/ou-ab12-1/111122223333/'] } },
      { Child: 'ou-ab12-2', Parents: [{ Id: 'ou-ab12-1', Type: 'ORGANIZATIONAL_UNIT' }] },
      {
        Roots: [
          {
            Id: 'r-ab12',
            PolicyTypes: [
              { Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' },
              { Type: 'TAG_POLICY', Status: 'PENDING_ENABLE' },
            ],
          },
        ],
      },
      { Organization: { Id: 'o-1', MasterAccountId: '444455556666' } },
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(
      cloud.aws.parents,
      new Map([
        ['ou-ab12-1', 'r-ab12'],
        ['111122223333', 'ou-ab12-1'],
        ['ou-ab12-2', 'ou-ab12-1'],
      ]),
    )
    assert.deepEqual(cloud.aws.roots, [{ id: 'r-ab12', enabled: ['SERVICE_CONTROL_POLICY'] }])
    assert.deepEqual(cloud.aws.organizations, new Map([['444455556666', 'o-1']]))
  })
  test('policies of a target, and their documents', async () => {
    const { cloud, problems } = await read(
      { Target: 'ou-ab12-1', Policies: [{ ...summary, Id: 'p-FullAWSAccess' }, summary] },
      { Target: 'r-ab12', Filter: 'RESOURCE_CONTROL_POLICY', Policies: [] },
      { Policy: { PolicySummary: summary, Content: '{"Version":"2012-10-17","Statement":[]}' } },
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(
      cloud.aws.attached,
      new Map([
        ['SCP ou-ab12-1', ['p-FullAWSAccess', 'p-1']],
        ['RCP r-ab12', []],
      ]),
    )
    assert.deepEqual(
      cloud.aws.controls.map(({ id, name, type }) => [id, name, type]),
      [['p-1', 'guard', 'SCP']],
    )
  })
  test('an answer that does not say of what it is, and a page of several, are told and not taken', async () => {
    const { cloud, problems } = await read(
      { Parents: [{ Id: 'r-ab12', Type: 'ROOT' }] },
      { Policies: [summary] },
      { Target: 'r-ab12', Policies: [] },
      { Target: 'r-ab12', Policies: [summary], NextToken: 'x' },
    )
    assert.equal(problems.length, 4)
    assert.match(
      problems.map(({ message }) => message).join('\n'),
      /whose parents.*\n.*whose policies.*\n.*of no one type\n.*one page of several/,
    )
    assert.equal(cloud.aws.parents.size + cloud.aws.attached.size, 0)
  })
  test('a state has policies and units, and no attachments', async () => {
    const resource = (type: string, attributes: object): object => ({
      mode: 'managed',
      type,
      name: 'x',
      instances: [{ attributes }],
    })
    const { cloud } = await read({
      version: 4,
      resources: [
        resource('aws_organizations_policy', {
          id: 'p-1',
          name: 'guard',
          type: 'RESOURCE_CONTROL_POLICY',
          content: '{"Statement":[]}',
        }),
        resource('aws_organizations_organizational_unit', { id: 'ou-ab12-1', parent_id: 'r-ab12' }),
        resource('aws_organizations_account', { id: '111122223333', parent_id: 'ou-ab12-1' }),
      ],
    })
    assert.deepEqual(
      cloud.aws.controls.map(({ id, type }) => [id, type]),
      [['p-1', 'RCP']],
    )
    assert.deepEqual(
      cloud.aws.parents,
      new Map([
        ['ou-ab12-1', 'r-ab12'],
        ['111122223333', 'ou-ab12-1'],
      ]),
    )
  })
  test('keys of Object.prototype are keys like any other', async () => {
    const { cloud, problems } = await read(
      '{"Child": "__proto__", "Parents": [{"Id": "constructor"}]}',
      '{"Target": "__proto__", "Policies": [{"Id": "constructor", "Type": "SERVICE_CONTROL_POLICY"}], "__proto__": {"NextToken": "x"}}',
      '{"Target": "x", "Policies": [{"Id": "y", "Type": "constructor"}]}',
    )
    assert.equal(problems.length, 1)
    assert.deepEqual(cloud.aws.parents, new Map([['__proto__', 'constructor']]))
    assert.deepEqual(cloud.aws.attached, new Map([['SCP __proto__', ['constructor']]]))
  })
})

describe('deny policies and the hierarchy of Google Cloud', () => {
  const rule = {
    denyRule: {
      deniedPrincipals: ['principalSet://goog/public:all'],
      deniedPermissions: ['iam.googleapis.com/roles.update'],
      denialCondition: { expression: "resource.matchTag('a', 'b')" },
    },
  }
  const policy = (point: string, more: object = {}): object => ({
    name: `policies/${encodeURIComponent(`cloudresourcemanager.googleapis.com/${point}`)}/denypolicies/guard`,
    kind: 'DenyPolicy',
    uid: 'u',
    ...more,
  })
  const place = (type: string, id: string, own: object): object => ({ id, type, policy: own })
  const bindings = { bindings: [{ role: 'roles/viewer', members: ['user:a@b'] }] }

  test('get-ancestors-iam-policy --include-deny: the way up, allow and deny policies, the number of the project', async () => {
    const { cloud, problems } = await read([
      place('project', 'p', bindings),
      place('project', 'p', policy('projects/9', { rules: [rule] })),
      place('folder', '1', bindings),
      place('organization', '2', bindings),
      place('organization', '2', policy('organizations/2')),
    ])
    assert.deepEqual(problems, [])
    assert.deepEqual(
      cloud.gcp.parents,
      new Map([
        ['projects/p', ['folders/1']],
        ['folders/1', ['organizations/2']],
      ]),
    )
    assert.deepEqual(cloud.gcp.projects, new Map([['9', 'p']]))
    assert.deepEqual(
      cloud.gcp.bindings.map(({ resource }) => resource),
      ['projects/p', 'folders/1', 'organizations/2'],
    )
    assert.deepEqual(
      cloud.gcp.denies.map(({ resource, rules }) => [resource, rules]),
      [
        [
          'projects/9',
          [
            {
              deniedPrincipals: ['principalSet://goog/public:all'],
              exceptionPrincipals: [],
              deniedPermissions: ['iam.googleapis.com/roles.update'],
              exceptionPermissions: [],
              condition: "resource.matchTag('a', 'b')",
            },
          ],
        ],
        ['organizations/2', undefined],
      ],
    )
  })
  test('gcloud iam policies get and list, projects describe, search-all-iam-policies', async () => {
    const { cloud, problems } = await read(
      policy('folders/1', { rules: [] }),
      [policy('projects/p')],
      { projectId: 'p', projectNumber: '9', parent: { type: 'folder', id: '1' }, name: 'P' },
      { name: 'folders/1', parent: 'organizations/2', displayName: 'f' },
      [
        {
          resource: '//storage.googleapis.com/b',
          project: 'projects/7',
          folders: ['folders/3', 'folders/4'],
          organization: 'organizations/2',
          policy: bindings,
        },
      ],
      [{ resource: '//cloudresourcemanager.googleapis.com/projects/q', project: 'projects/7', policy: bindings }],
    )
    assert.deepEqual(problems, [])
    assert.deepEqual(
      cloud.gcp.denies.map(({ resource, rules }) => [resource, rules]),
      [
        ['folders/1', []],
        ['projects/p', undefined],
      ],
    )
    assert.deepEqual(
      cloud.gcp.projects,
      new Map([
        ['9', 'p'],
        ['7', 'q'],
      ]),
    )
    assert.deepEqual(
      cloud.gcp.parents,
      new Map([
        ['projects/p', ['folders/1']],
        ['folders/1', ['organizations/2']],
        ['//storage.googleapis.com/b', ['projects/7']],
        ['projects/7', ['folders/3', 'folders/4', 'organizations/2']],
      ]),
    )
  })
  test('a state', async () => {
    const resource = (type: string, attributes: object): object => ({
      mode: 'managed',
      type,
      name: 'x',
      instances: [{ attributes }],
    })
    const { cloud, problems } = await read({
      version: 4,
      resources: [
        resource('google_project', { project_id: 'p', number: '9', folder_id: '1', org_id: '' }),
        resource('google_folder', { name: 'folders/1', parent: 'organizations/2' }),
        resource('google_iam_deny_policy', {
          name: 'guard',
          parent: 'cloudresourcemanager.googleapis.com%2Fprojects%2Fp',
          rules: [
            {
              deny_rule: [
                {
                  denied_principals: ['principalSet://goog/public:all'],
                  denied_permissions: ['iam.googleapis.com/roles.update'],
                  denial_condition: [{ expression: 'x' }],
                },
              ],
            },
          ],
        }),
      ],
    })
    assert.deepEqual(problems, [])
    assert.deepEqual(
      cloud.gcp.parents,
      new Map([
        ['projects/p', ['folders/1']],
        ['folders/1', ['organizations/2']],
      ]),
    )
    assert.deepEqual(
      cloud.gcp.denies[0]?.rules?.map(({ deniedPermissions, condition }) => [deniedPermissions, condition]),
      [[['iam.googleapis.com/roles.update'], 'x']],
    )
  })
  test('hostile: broken escapes, places that are none, many folders', async () => {
    const { cloud, problems } = await read(
      { name: 'policies/%E0%A4%A/denypolicies/x', rules: [] },
      { name: 'policies/cloudresourcemanager.googleapis.com%2F..%2Fx/denypolicies/x', rules: [] },
      policy('projects/__proto__', { rules: [null, {}, { denyRule: { deniedPrincipals: 7 } }] }),
      [
        {
          resource: 'r',
          folders: Array.from({ length: 100_000 }, (_, index) => `folders/${index}`),
          policy: { bindings: [] },
        },
      ],
    )
    assert.equal(problems.length, 2)
    assert.deepEqual(
      cloud.gcp.denies.map(({ resource, rules }) => [resource, rules?.length]),
      [['projects/__proto__', 1]],
    )
    assert.equal(cloud.gcp.parents.get('r')?.length, 64)
  })
})

test('role definitions of Azure, and assignments with conditions', async () => {
  const id = '/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/0-1'
  const { cloud, problems } = await read(
    [
      {
        id,
        name: '0-1',
        roleName: 'Home-made',
        permissions: [{ actions: ['*'], notActions: ['a/*'], dataActions: ['b'] }],
      },
    ],
    [{ id, roleName: '__proto__', permissions: [{ actions: 7 }, null] }],
    [{ principalId: 'o', roleDefinitionName: 'Owner', scope: '/', condition: '@x' }],
    { principalId: 'o', roleDefinitionName: 'Owner', scope: '/', condition: null },
  )
  assert.deepEqual(problems, [])
  const none = { actions: [], notActions: [], dataActions: [], notDataActions: [] }
  assert.deepEqual(cloud.azure.definitions.get('home-made')?.permissions, [
    { ...none, actions: ['*'], notActions: ['a/*'], dataActions: ['b'] },
  ])
  assert.deepEqual(cloud.azure.definitions.get('__proto__')?.permissions, [none, none])
  assert.deepEqual(cloud.azure.definitions.get(roleKey(id))?.permissions, [none, none])
  assert.deepEqual(
    cloud.azure.assignments.map(({ isConditional }) => isConditional),
    [true, undefined],
  )
})
