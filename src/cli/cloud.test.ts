import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { bulkhead, corpus, root, scanned, testFolder } from './cli.testing.ts'

const folder = testFolder()
const cluster = folder.write(
  'cluster.yaml',
  `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: api
  namespace: shop
  annotations:
    eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/app
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {serviceAccountName: api, containers: [{name: c, image: x}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapRoles: |
    - {rolearn: 'arn:aws:iam::111122223333:role/app', username: deployer, groups: [system:masters]}
`,
)
const ISSUER = 'oidc.eks.eu-west-1.amazonaws.com/id/X'
const trust = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Federated: `arn:aws:iam::111122223333:oidc-provider/${ISSUER}` },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: { StringEquals: { [`${ISSUER}:sub`]: 'system:serviceaccount:shop:api' } },
    },
  ],
}
const view = 'arn:aws:iam::111122223333:role/view'
folder.write(
  'aws/iam.json',
  JSON.stringify(
    {
      RoleDetailList: [
        {
          Arn: 'arn:aws:iam::111122223333:role/app',
          RoleName: 'app',
          AssumeRolePolicyDocument: trust,
          RolePolicyList: [],
        },
      ],
    },
    null,
    2,
  ),
)
folder.write(
  'aws/eks.json',
  [
    {
      cluster: {
        name: 'c',
        arn: 'arn:aws:eks:eu-west-1:111122223333:cluster/c',
        accessConfig: { authenticationMode: 'API_AND_CONFIG_MAP' },
        identity: { oidc: { issuer: `https://${ISSUER}` } },
      },
    },
    { accessEntry: { clusterName: 'c', principalArn: view, kubernetesGroups: ['viewers'], type: 'STANDARD' } },
    {
      clusterName: 'c',
      principalArn: view,
      associatedAccessPolicies: [
        {
          policyArn: 'arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy',
          accessScope: { type: 'namespace', namespaces: ['sh*'] },
        },
      ],
    },
  ]
    .map((each) => JSON.stringify(each))
    .join('\n'),
)
const aws = join(folder.path, 'aws')
const AL = 'user:arn:aws:sts::111122223333:assumed-role/view/al'

describe('--cloud', () => {
  test('a way from a pod through its role to the control plane, with the places of both', () => {
    const { stdout, status } = bulkhead(['path', '-f', cluster, '--cloud', aws, 'shop/api', 'control-plane'])
    assert.equal(status, 0)
    assert.match(stdout, /is given credentials of: AWS identity arn:aws:iam::111122223333:role\/app\n/)
    assert.match(stdout, /aws\/iam\.json:3 {2}role arn:aws:iam/)
    assert.match(stdout, /is let into the cluster as: group system:masters\n/)
    const alone = bulkhead(['path', '-f', cluster, 'shop/api', 'control-plane'])
    assert.match(alone.stdout, /\(not\s+certain\)/)
    assert.doesNotMatch(stdout, /\(not\s+certain\)/)
  })

  test('scan: findings of an export stand at their place, and the report keeps its schema', () => {
    const report = scanned(['-f', cluster, '--cloud', aws, '--no-plan'])
    const found = report.findings.find(({ check }) => check === 'cloud-policy-reads-secrets')
    assert.equal(found?.location?.file, join(aws, 'eks.json'))
    assert.equal(found?.location?.line, 3)
    assert.ok(report.assets.some(({ kind }) => kind === 'cloudRole'))
    const schema = JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object
    const valid = new Ajv.default({ strict: false }).compile(schema)
    assert.ok(valid(report), JSON.stringify(valid.errors?.slice(0, 3)))
  })

  test('access policies answer can and who-can, and offboard tells them', () => {
    const can = bulkhead(['access', 'can', '-f', cluster, '--cloud', aws, AL, 'get', 'secrets', '-n', 'shop'])
    assert.match(can.stdout, /^yes: .*\n- EKS access policies: AmazonEKSAdminViewPolicy/)
    assert.match(
      bulkhead(['access', 'can', '-f', cluster, '--cloud', aws, AL, 'get', 'secrets', '-n', 'default']).stdout,
      /^no/,
    )
    assert.match(bulkhead(['access', 'can', '-f', cluster, AL, 'get', 'secrets', '-n', 'shop']).stdout, /^no/)
    const who = bulkhead(['access', 'who-can', '-f', cluster, '--cloud', aws, 'get', 'secrets', '-n', 'shop'])
    assert.match(who.stdout, /view\/\{\{SessionName\}\} .*EKS access policies/)
    assert.match(
      bulkhead(['access', 'rules', '-f', cluster, '--cloud', aws, AL, '-n', 'shop']).stdout,
      /EKS access policies/,
    )
    const gone = bulkhead(['access', 'offboard', '-f', cluster, '--cloud', aws, AL])
    assert.match(gone.stdout, /is let in by an access entry, in viewers/)
  })

  test('what cannot be read is told, and ends with 3', () => {
    const missing = bulkhead(['graph', '-o', 'json', '-f', cluster, '--cloud', join(folder.path, 'none')])
    assert.equal(missing.status, 3)
    assert.match(missing.stderr, /BH_READ/)
    const strange = bulkhead(['radius', '-f', cluster, '--cloud', cluster])
    assert.equal(strange.status, 3)
    assert.match(strange.stderr, /cluster\.yaml:1: .*is no export that is read \[BH_CLOUD\]/)
    assert.equal(bulkhead(['radius', '-f', cluster, '--cloud', cluster, '--allow-partial']).status, 0)
  })
})

const bank = join(corpus, 'bank-of-anthos/kubernetes-manifests')

describe('annotations of a public application', { skip: existsSync(bank) ? false : `no ${bank}` }, () => {
  const GSA = 'gke-workload-development@bank-of-anthos-ci.iam.gserviceaccount.com'
  const to = `CloudIdentity/gcp/${GSA}`
  const truths = (...more: readonly string[]): readonly string[] => {
    const { stdout } = bulkhead(['graph', '-q', '-o', 'json', '-f', bank, ...more])
    const { edges } = JSON.parse(stdout) as { edges: { to: string; kind: string; truth: string }[] }
    return [...new Set(edges.filter((each) => each.to === to && each.kind === 'cloud-token').map(({ truth }) => truth))]
  }
  test('Workload Identity is unknown until an export tells', () => {
    const binding = (member: string): string =>
      `bindings:\n- members: ['${member}']\n  role: roles/iam.workloadIdentityUser\n`
    const told = folder.write(
      `yes/${GSA}.yaml`,
      binding('serviceAccount:bank-of-anthos-ci.svc.id.goog[default/bank-of-anthos]'),
    )
    const other = folder.write(`no/${GSA}.yaml`, binding('serviceAccount:bank-of-anthos-ci.svc.id.goog[default/other]'))
    assert.deepEqual(truths(), ['unknown'])
    assert.deepEqual(truths('--cloud', told), ['yes'])
    assert.deepEqual(truths('--cloud', other), [])
  })
})
