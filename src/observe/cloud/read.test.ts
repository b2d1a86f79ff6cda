import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { parseYaml } from '../../cluster/yaml.ts'
import { type ReadCloud, readCloud } from './read.ts'

async function read(files: Readonly<Record<string, string | Buffer>>): Promise<ReadCloud & { readonly root: string }> {
  const root = mkdtempSync(join(tmpdir(), 'cloud-'))
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(join(root, name, '..'), { recursive: true })
      writeFileSync(join(root, name), content)
    }
    return { ...(await readCloud([root])), root }
  } finally {
    rmSync(root, { recursive: true })
  }
}

const json = (value: unknown): string => JSON.stringify(value, null, 2)
const TRUST = { Version: '2012-10-17', Statement: [] }

describe('exports of AWS', () => {
  test('account authorization details: roles, users, groups, the default version of managed policies', async () => {
    const { cloud, problems, root } = await read({
      'iam.json': json({
        UserDetailList: [{ Arn: 'arn:aws:iam::1:user/al', UserName: 'al', GroupList: ['ops'], UserPolicyList: [] }],
        GroupDetailList: [{ Arn: 'arn:aws:iam::1:group/ops', GroupName: 'ops', GroupPolicyList: [] }],
        RoleDetailList: [
          {
            Arn: 'arn:aws:iam::1:role/team/app',
            RoleName: 'app',
            AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(TRUST)),
            RolePolicyList: [{ PolicyName: 'inline', PolicyDocument: TRUST }],
            AttachedManagedPolicies: [{ PolicyName: 'P', PolicyArn: 'arn:aws:iam::1:policy/P' }],
            PermissionsBoundary: { PermissionsBoundaryArn: 'arn:aws:iam::1:policy/B' },
            InstanceProfileList: [{ Arn: 'arn:aws:iam::1:instance-profile/app' }],
            Tags: [{ Key: 'team', Value: 'a' }],
          },
        ],
        Policies: [
          {
            Arn: 'arn:aws:iam::1:policy/P',
            PolicyVersionList: [
              { VersionId: 'v1', Document: { old: true }, IsDefaultVersion: false },
              { VersionId: 'v2', Document: TRUST, IsDefaultVersion: true },
            ],
          },
        ],
        IsTruncated: false,
      }),
    })
    assert.deepEqual(problems, [])
    const [role] = cloud.aws.roles
    assert.deepEqual(role?.trust, TRUST)
    assert.deepEqual(role?.policies, [
      { name: 'inline', document: TRUST },
      { name: 'P', arn: 'arn:aws:iam::1:policy/P' },
    ])
    assert.equal(role?.boundary, 'arn:aws:iam::1:policy/B')
    assert.deepEqual(role?.instanceProfiles, ['arn:aws:iam::1:instance-profile/app'])
    assert.deepEqual(role?.from.place, { file: join(root, 'iam.json'), line: 20 })
    assert.deepEqual(cloud.aws.managed.get('arn:aws:iam::1:policy/P'), TRUST)
    assert.deepEqual(cloud.aws.users[0]?.groups, ['ops'])
  })

  test('a page of several is told', async () => {
    const { problems } = await read({ 'a.json': json({ RoleDetailList: [], IsTruncated: true }) })
    assert.match(problems[0]?.message ?? '', /one page of several/)
  })

  test('EKS: documents of a loop in one file, lists and descriptions', async () => {
    const { cloud, problems } = await read({
      'eks.json': [
        json({
          accessEntry: {
            clusterName: 'c',
            principalArn: 'arn:aws:iam::1:role/a',
            kubernetesGroups: ['g'],
            username: 'u',
            type: 'STANDARD',
          },
        }),
        json({
          clusterName: 'c',
          principalArn: 'arn:aws:iam::1:role/a',
          associatedAccessPolicies: [
            {
              policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy',
              accessScope: { type: 'namespace', namespaces: ['dev-*'] },
            },
          ],
        }),
        json({ accessEntries: ['arn:aws:iam::1:role/b'] }),
        json({
          association: { clusterName: 'c', namespace: 'n', serviceAccount: 's', roleArn: 'arn:aws:iam::1:role/p' },
        }),
        json({ associations: [{ clusterName: 'c', namespace: 'n', serviceAccount: 's2', associationId: 'a-1' }] }),
        json({
          cluster: {
            name: 'c',
            arn: 'arn:aws:eks:eu-west-1:1:cluster/c',
            accessConfig: { authenticationMode: 'API' },
            identity: { oidc: { issuer: 'https://oidc.eks.eu-west-1.amazonaws.com/id/X' } },
          },
        }),
      ].join('\n'),
    })
    assert.deepEqual(problems, [])
    assert.deepEqual(
      cloud.eks.entries.map(({ principal, groups }) => [principal, groups]),
      [
        ['arn:aws:iam::1:role/a', ['g']],
        ['arn:aws:iam::1:role/b', undefined],
      ],
    )
    assert.deepEqual(
      cloud.eks.associations.map(({ policy, namespaces }) => [policy, namespaces]),
      [['AmazonEKSViewPolicy', ['dev-*']]],
    )
    assert.deepEqual(
      cloud.eks.podIdentities.map(({ account, role }) => [account, role]),
      [
        ['s', 'arn:aws:iam::1:role/p'],
        ['s2', undefined],
      ],
    )
    assert.equal(cloud.eks.clusters[0]?.mode, 'API')
    assert.equal(cloud.eks.clusters[0]?.issuer, 'oidc.eks.eu-west-1.amazonaws.com/id/X')
  })

  test('hop limits: without a required token they keep nobody out', async () => {
    const { cloud } = await read({
      'ec2.json': json({
        Reservations: [
          {
            Instances: [
              {
                InstanceId: 'i-1',
                PrivateDnsName: 'ip-1',
                IamInstanceProfile: { Arn: 'arn:aws:iam::1:instance-profile/n' },
                MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled' },
              },
              {
                InstanceId: 'i-2',
                PrivateDnsName: 'ip-2',
                MetadataOptions: { HttpTokens: 'optional', HttpPutResponseHopLimit: 1 },
              },
            ],
          },
        ],
      }),
      'lt.json': json({
        LaunchTemplateVersions: [
          {
            LaunchTemplateName: 't',
            LaunchTemplateData: { MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2 } },
          },
        ],
      }),
    })
    assert.deepEqual(
      cloud.eks.metadata.map(({ node, hopLimit }) => [node, hopLimit]),
      [
        ['ip-1', 1],
        ['ip-2', Number.POSITIVE_INFINITY],
        [undefined, 2],
      ],
    )
  })

  test('control policies of an organisation, with their targets where they are given', async () => {
    const { cloud } = await read({
      'scp.json': json({
        Policy: { PolicySummary: { Name: 'no-s3', Type: 'SERVICE_CONTROL_POLICY' }, Content: JSON.stringify(TRUST) },
        Targets: [{ TargetId: 'ou-1' }],
      }),
      'list.json': json({
        Policies: [{ PolicySummary: { Name: 'r', Type: 'RESOURCE_CONTROL_POLICY' }, Content: JSON.stringify(TRUST) }],
      }),
    })
    assert.deepEqual(cloud.aws.controls.map(({ type, name, targets }) => [type, name, targets]).sort(), [
      ['RCP', 'r', []],
      ['SCP', 'no-s3', ['ou-1']],
    ])
  })
})

describe('exports of Google Cloud and Azure', () => {
  test('search-all-iam-policies as gcloud and as the API give it', async () => {
    const found = {
      resource: '//cloudresourcemanager.googleapis.com/projects/p',
      policy: { bindings: [{ role: 'roles/owner', members: ['user:a@b', 'group:g@b'] }] },
    }
    for (const content of [json([found]), json({ results: [found] })]) {
      const { cloud, problems } = await read({ 'g.json': content })
      assert.deepEqual(problems, [])
      assert.deepEqual(
        cloud.gcp.bindings.map(({ resource, role, member }) => [resource, role, member]),
        [
          [found.resource, 'roles/owner', 'user:a@b'],
          [found.resource, 'roles/owner', 'group:g@b'],
        ],
      )
    }
  })

  test('a policy in YAML; a service account’s is told by the name of its file', async () => {
    const { cloud, problems } = await read({
      'app@p.iam.gserviceaccount.com.yaml':
        'bindings:\n- members:\n  - serviceAccount:p.svc.id.goog[ns/sa]\n  role: roles/iam.workloadIdentityUser\netag: x\nversion: 1\n',
      'role.json': json({ name: 'projects/p/roles/r', includedPermissions: ['container.pods.exec'] }),
    })
    assert.deepEqual(problems, [])
    assert.equal(
      cloud.gcp.bindings[0]?.resource,
      '//iam.googleapis.com/projects/-/serviceAccounts/app@p.iam.gserviceaccount.com',
    )
    assert.deepEqual(cloud.gcp.roles.get('projects/p/roles/r'), ['container.pods.exec'])
  })

  test('assignments, identities and federated credentials, also with properties', async () => {
    const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app'
    const { cloud, problems } = await read({
      'a.json': json([{ principalId: 'o', roleDefinitionName: 'Owner', scope: '/subscriptions/s', type: 'x' }]),
      'i.json': json({ value: [{ id, name: 'app', properties: { clientId: 'c', principalId: 'o' } }] }),
      'f.json': json([
        {
          id: `${id}/federatedIdentityCredentials/k`,
          name: 'k',
          issuer: 'https://i/',
          subject: 'system:serviceaccount:n:s',
          audiences: ['a'],
        },
      ]),
    })
    assert.deepEqual(problems, [])
    assert.deepEqual(
      cloud.azure.assignments.map(({ role, principalId }) => [role, principalId]),
      [['Owner', 'o']],
    )
    assert.deepEqual(
      cloud.azure.identities.map(({ id: own, clientId }) => [own, clientId]),
      [[id, 'c']],
    )
    assert.deepEqual(
      cloud.azure.federations.map(({ identity, subject }) => [identity, subject]),
      [[id, 'system:serviceaccount:n:s']],
    )
  })
})

describe('a Terraform state', () => {
  const state = json({
    version: 4,
    terraform_version: '1.9.0',
    resources: [
      resource('aws_iam_role', {
        name: 'app',
        arn: 'arn:aws:iam::1:role/app',
        assume_role_policy: JSON.stringify(TRUST),
        inline_policy: [{ name: 'i', policy: '{}' }],
      }),
      resource('aws_iam_role_policy', { role: 'app', name: 'i', policy: JSON.stringify(TRUST) }),
      resource('aws_iam_role_policy_attachment', {
        role: 'app',
        policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
      resource('aws_iam_instance_profile', { role: 'app', arn: 'arn:aws:iam::1:instance-profile/app' }),
      resource('aws_eks_access_entry', {
        cluster_name: 'c',
        principal_arn: 'arn:aws:iam::1:role/app',
        kubernetes_groups: ['g'],
        type: 'STANDARD',
        user_name: 'u',
      }),
      resource('aws_eks_access_policy_association', {
        cluster_name: 'c',
        principal_arn: 'arn:aws:iam::1:role/app',
        policy_arn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy',
        access_scope: [{ type: 'cluster', namespaces: [] }],
      }),
      resource('aws_eks_pod_identity_association', {
        cluster_name: 'c',
        namespace: 'n',
        service_account: 's',
        role_arn: 'arn:aws:iam::1:role/app',
      }),
      resource('google_project_iam_member', {
        project: 'p',
        role: 'roles/container.admin',
        member: 'user:a@b',
        condition: [],
      }),
      resource('google_service_account_iam_binding', {
        service_account_id: 'projects/p/serviceAccounts/x@p.iam.gserviceaccount.com',
        role: 'roles/iam.workloadIdentityUser',
        members: ['serviceAccount:p.svc.id.goog[n/s]'],
      }),
      resource('azurerm_user_assigned_identity', { id: '/i', name: 'i', client_id: 'c', principal_id: 'o' }),
      resource('azurerm_federated_identity_credential', {
        parent_id: '/i',
        issuer: 'https://i',
        subject: 'system:serviceaccount:n:s',
      }),
      resource('azurerm_role_assignment', {
        principal_id: 'o',
        role_definition_name: 'Owner',
        scope: '/subscriptions/s',
      }),
      resource('random_password', { result: 'hunter2' }),
    ],
  })

  test('its resources are read and a role is put together; secrets are in nothing that is kept', async () => {
    const { cloud, problems } = await read({ 'terraform.tfstate': state })
    assert.deepEqual(problems, [])
    const [role] = cloud.aws.roles
    assert.deepEqual(role?.policies, [
      { name: 'i', document: TRUST },
      { name: 'AdministratorAccess', arn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    ])
    assert.deepEqual(role?.instanceProfiles, ['arn:aws:iam::1:instance-profile/app'])
    assert.equal(cloud.eks.entries[0]?.username, 'u')
    assert.equal(cloud.eks.associations[0]?.namespaces, undefined)
    assert.equal(cloud.eks.podIdentities[0]?.role, 'arn:aws:iam::1:role/app')
    assert.deepEqual(
      cloud.gcp.bindings.map(({ resource: of }) => of),
      ['projects/p', '//iam.googleapis.com/projects/p/serviceAccounts/x@p.iam.gserviceaccount.com'],
    )
    assert.equal(cloud.azure.federations[0]?.identity, '/i')
    assert.equal(cloud.azure.assignments[0]?.role, 'Owner')
    assert.doesNotMatch(JSON.stringify(cloud), /hunter2/)
  })

  test('what the state marks as sensitive is not kept, whatever its name', async () => {
    const marked = resource(
      'aws_eks_access_entry',
      { cluster_name: 'c', principal_arn: 'arn:aws:iam::1:role/app', user_name: 'hunter2' },
      [[{ type: 'get_attr', value: 'user_name' }]],
    )
    const { cloud } = await read({ 'a.tfstate': json({ version: 4, resources: [marked] }) })
    assert.equal(cloud.eks.entries.length, 1)
    assert.doesNotMatch(JSON.stringify(cloud), /hunter2/)
  })

  function resource(type: string, attributes: object, sensitive: unknown[] = []): object {
    return { mode: 'managed', type, name: 'x', instances: [{ attributes, sensitive_attributes: sensitive }] }
  }
})

describe('broken and hostile input', () => {
  test('each is told with its place, and the others are read', async () => {
    const good = json({ accessEntry: { principalArn: 'arn:aws:iam::1:role/a' } })
    const { cloud, problems } = await read({
      'cut.json': `${good}\n{"accessEntry": {"principalArn": "x`,
      'deep.json': '['.repeat(100_000),
      'else.json': json({ apiVersion: 'v1', kind: 'Pod' }),
      'nothing.json': 'null',
      'noarn.json': json({ RoleDetailList: [{}] }),
      'utf.json': Buffer.from([0x7b, 0xff, 0xfe]),
      'in/side.json.gz': gzipSync(good),
      'bad.yaml': 'a: [b',
      'readme.txt': 'no export',
    })
    assert.equal(cloud.eks.entries.length, 2)
    const why = problems.map(
      ({ file, line, message }) => `${file?.slice(file.lastIndexOf('/') + 1)}:${line} ${message}`,
    )
    assert.equal(why.length, 7)
    assert.match(why.join('\n'), /cut\.json:6 has a text that does not end/)
    assert.match(why.join('\n'), /deep\.json:1 is nested deeper than 128 levels/)
    assert.match(why.join('\n'), /else\.json:1 an object with the keys "apiVersion", "kind" is no export/)
    assert.match(why.join('\n'), /noarn\.json:3 a role has no Arn/)
    assert.match(why.join('\n'), /utf\.json:1 is not text of UTF-8/)
  })

  test('keys of Object.prototype are keys like any other', async () => {
    const { cloud, problems } = await read({
      'a.json':
        '{"__proto__": {"accessEntry": {"principalArn": "x"}}, "accessEntry": {"principalArn": "y", "constructor": 1}}',
    })
    assert.deepEqual(problems, [])
    assert.deepEqual(
      cloud.eks.entries.map(({ principal }) => principal),
      ['y'],
    )
    assert.equal(({} as { accessEntry?: unknown }).accessEntry, undefined)
  })

  test('problems of one file end at a bound', async () => {
    const { problems } = await read({ 'a.json': '{}\n'.repeat(5000) })
    assert.equal(problems.length, 100)
    assert.equal(problems.at(-1)?.code, 'BH_TOO_MANY')
  })

  test('values are those of JSON.parse', async () => {
    const texts = ['{"a":[1,-2.5e3,true,false,null,"\\u00e9\\\\\\""],"b":{}}', '[]', '[[],{"":""}]', '"x"', '12']
    for (const text of texts) {
      const { jsonValues } = await import('./values.ts')
      assert.deepEqual(jsonValues(text).values, [JSON.parse(text)])
      assert.deepEqual(jsonValues(`${text} ${text}`).values, [JSON.parse(text), JSON.parse(text)])
      assert.deepEqual(jsonValues(text).values[0], parseYaml(text).value)
    }
    const { jsonValues } = await import('./values.ts')
    for (const text of ['{', '[1', '{"a"}', '{"a":}', '[1,]', '01', '{a:1}', '"a', 'nul', '{"a":1,}', '--1'])
      assert.ok(jsonValues(text).fault, text)
  })
})

test('pools of nodes: their machines, how many there are, and may be', async () => {
  const { cloud, problems } = await read({
    'group.json': json({
      nodegroup: {
        nodegroupName: 'data',
        instanceTypes: ['r5.large', 'r5a.large'],
        scalingConfig: { minSize: 1, maxSize: 6, desiredSize: 2 },
        labels: { tier: 'data' },
        taints: [{ key: 'data', value: 'yes', effect: 'NO_SCHEDULE' }],
      },
    }),
    'gke.json': json({
      currentNodeCount: 5,
      locations: ['a', 'b', 'c'],
      nodePools: [
        {
          name: 'scaled',
          config: { machineType: 'e2-standard-4', labels: { tier: 'web' } },
          autoscaling: { enabled: true, minNodeCount: 1, maxNodeCount: 4 },
          maxPodsConstraint: { maxPodsPerNode: '32' },
        },
        { name: 'fixed', initialNodeCount: 2, config: { machineType: 'n2-standard-2' } },
      ],
    }),
    'one.json': json({ currentNodeCount: 7, nodePools: [{ name: 'only', initialNodeCount: 3, config: {} }] }),
    'autopilot.json': json({
      autopilot: { enabled: true },
      nodePools: [{ name: 'hidden', initialNodeCount: 3, config: { machineType: 'e2-standard-4' } }],
    }),
  })
  assert.deepEqual(problems, [])
  const pools = cloud.nodes.pools.map(({ from, labels, ...pool }) => ({ ...pool, labels: [...labels.values()] }))
  assert.deepEqual(
    pools.sort((a, b) => (a.name < b.name ? -1 : 1)),
    [
      {
        name: 'data',
        types: ['r5.large', 'r5a.large'],
        now: 2,
        labels: ['data', 'data'],
        taints: [{ key: 'data', value: 'yes', effect: 'NoSchedule' }],
        maxPods: undefined,
      },
      { name: 'fixed', types: ['n2-standard-2'], now: 6, labels: ['fixed'], taints: [], maxPods: undefined },
      { name: 'only', types: [], now: 7, labels: ['only'], taints: [], maxPods: undefined },
      { name: 'scaled', types: ['e2-standard-4'], now: 3, labels: ['web', 'scaled'], taints: [], maxPods: 32 },
    ],
  )
  const maxima = cloud.nodes.limits.map(({ pool, max }) => [pool, max])
  assert.deepEqual(new Map(maxima as [string, number][]).get('scaled'), 12)
})
