import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { bulkhead, root, testFolder } from './cli.testing.ts'

const folder = testFolder()
const schema = new Ajv.default({ strict: false }).compile(
  JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object,
)
const cluster = folder.write(
  'cluster.yaml',
  `apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: al}]
`,
)
const arn = (role: string): string => `arn:aws:iam::111122223333:role/${role}`
const entry = (role: string, policy: string, username: string, accessScope: object): readonly object[] => [
  { accessEntry: { clusterName: 'c', principalArn: arn(role), username, kubernetesGroups: [], type: 'STANDARD' } },
  {
    clusterName: 'c',
    principalArn: arn(role),
    associatedAccessPolicies: [{ policyArn: `arn:aws:eks::aws:cluster-access-policy/${policy}`, accessScope }],
  },
]
/** What a policy allows that no table has is not known. */
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
    ...entry('view', 'AmazonEKSViewPolicy', 'vi', { type: 'cluster' }),
    ...entry('new', 'OfTomorrow', 'ny', { type: 'cluster' }),
    ...entry('some', 'OfTomorrow', 'so', { type: 'namespace', namespaces: ['sh*'] }),
    ...entry('admin', 'OfTomorrow', 'al', { type: 'cluster' }),
  ]
    .map((each) => JSON.stringify(each))
    .join('\n'),
)
const asked = (...args: readonly string[]) => bulkhead(['access', ...args, '-f', cluster, '--cloud', exports])
interface Document {
  readonly items: readonly { readonly subject: string; readonly rule: { readonly verbs: readonly string[] } }[]
  readonly unknowns: readonly {
    readonly about: string
    readonly message: string
    readonly subject?: string
    readonly namespace?: string
  }[]
}

const json = (...args: readonly string[]): Document => {
  const { stdout } = asked(...args, '-o', 'json')
  const document = JSON.parse(stdout) as Document
  assert.ok(schema(document), JSON.stringify(schema.errors))
  return document as Document
}

describe('what a cloud grants perhaps', () => {
  test('who-can tells it, and names nobody for it', () => {
    const { items, unknowns } = json('who-can', 'get', 'pods', '-n', 'shop')
    const names = items.map(({ subject }) => subject)
    assert.ok(names.includes('user:al') && names.includes('user:vi'))
    assert.ok(!names.includes('user:ny') && !names.includes('user:so'))
    assert.deepEqual(
      unknowns.map(({ subject, namespace, about }) => [subject, namespace, about]),
      [
        ['user:ny', undefined, 'cloud-unknown'],
        ['user:so', 'shop', 'cloud-unknown'],
      ],
    )
    const { stdout } = asked('who-can', 'get', 'pods', '-n', 'shop')
    assert.match(stdout, /not known of user:ny: EKS access policies may allow it, by what no export tells/)
    assert.doesNotMatch(stdout, /not known of user:al|not known of user:vi/)
    for (const format of ['name', 'csv'])
      assert.doesNotMatch(asked('who-can', 'get', 'pods', '-o', format).stdout, /user:ny/)
  })
  test('in each namespace that its scope means, and no other', () => {
    const of = (namespace: string): readonly (string | undefined)[] =>
      json('who-can', 'get', 'pods', '-n', namespace).unknowns.map(({ subject }) => subject)
    assert.deepEqual(of('shop'), ['user:ny', 'user:so'])
    assert.deepEqual(of('bank'), ['user:ny'])
  })
  test('rules tell it beside what is sure', () => {
    const { items, unknowns } = json('rules', 'user:ny', '-n', 'shop')
    assert.ok(items.every(({ rule }) => !rule.verbs.includes('*')))
    const [doubt] = unknowns.filter(({ about }) => about === 'cloud-unknown')
    assert.match(doubt?.message ?? '', /^EKS access policies may allow everything, by what no export tells: /)
    assert.match(asked('rules', 'user:ny', '-n', 'shop').stdout, /may allow\s+everything/)
    const sure = json('rules', 'user:vi', '-n', 'shop')
    assert.deepEqual(
      sure.unknowns.filter(({ about }) => about === 'cloud-unknown'),
      [],
    )
  })
})
