import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { because } from '../cluster/because.ts'
import { type AccessEntry, type CloudExports, type EksExports, NO_CLOUD } from '../cluster/cloud/exports.ts'
import { CONTROL_PLANE } from '../engines/engine.ts'
import { analyseText, type Judged } from '../loop.testing.ts'

const from = because('an export')
const AL = 'arn:aws:iam::111122223333:user/al'
const ROLE = 'arn:aws:iam::111122223333:role/ops'
const node = (arn: string): string => `CloudIdentity/aws/${arn}`

const BOUND = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: ops}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: ops}]
`
const eks = (more: Partial<EksExports>): CloudExports => ({
  ...NO_CLOUD,
  eks: { ...NO_CLOUD.eks, clusters: [{ name: 'c', mode: 'API', from }], ...more },
})
const entry = (principal: string, groups: readonly string[], type = 'STANDARD'): AccessEntry => ({
  principal,
  groups,
  type,
  from,
})
const entries = (judged: Judged): readonly string[] =>
  judged.analysis.entries
    .filter(({ kind }) => kind === 'credential')
    .map(({ id }) => id)
    .sort()

describe('principals of AWS', () => {
  test('who comes in as a bound group is that entry, which names it', () => {
    const judged = analyseText(BOUND, { cloud: eks({ entries: [entry(AL, ['ops']), entry(ROLE, ['ops'])] }) })
    assert.deepEqual(entries(judged), ['Group//ops'])
    assert.deepEqual(judged.analysis.entries[0]?.principals, [ROLE, AL])
    assert.equal(judged.analysis.entries[0]?.weight, 0.25)
  })
  test('who comes in as system:masters, or holds an access policy, is one itself, of equal weight', () => {
    const judged = analyseText(BOUND, {
      cloud: eks({
        entries: [entry(AL, ['system:masters']), entry(ROLE, ['ops'])],
        associations: [{ principal: ROLE, policy: 'AmazonEKSViewPolicy', from }],
      }),
    })
    assert.deepEqual(entries(judged), [node(ROLE), node(AL), 'Group//ops'])
    assert.ok(judged.analysis.entries.every(({ weight }) => weight === 0.25 / 3))
    assert.ok(judged.controls(node(AL), CONTROL_PLANE))
    assert.ok(judged.analysis.entries.every(({ principals }) => principals === undefined))
  })
  test('nodes, services of AWS, and who is let in as nobody are none', () => {
    const linked = 'arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS'
    const cloud = eks({
      entries: [entry(ROLE, [], 'EC2_LINUX'), entry(linked, ['system:masters']), entry(AL, ['nobody'])],
    })
    assert.deepEqual(entries(analyseText(BOUND, { cloud })), ['Group//ops'])
    const other = eks({ entries: [entry(AL, ['system:kube-controller-manager'])] })
    assert.deepEqual(entries(analyseText(BOUND, { cloud: other })), [node(AL), 'Group//ops'])
  })
  test('aws-auth alone is enough; without any export too', () => {
    const map = `---
apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapUsers: |
    - {userarn: '${AL}', username: al, groups: [system:masters]}
`
    assert.deepEqual(entries(analyseText(BOUND + map)), [node(AL), 'Group//ops'])
    const api = eks({})
    assert.deepEqual(entries(analyseText(BOUND + map, { cloud: api })), ['Group//ops'])
  })
  test('a role that pods are given is reached from them, as a service account that workloads run as', () => {
    const pod = `---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: shop}
spec: {containers: [{name: c, image: x}]}
`
    const podIdentities = [{ namespace: 'shop', account: 'default', role: ROLE, from }]
    const trust = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'pods.eks.amazonaws.com' },
          Action: ['sts:AssumeRole', 'sts:TagSession'],
        },
      ],
    }
    const role = {
      arn: ROLE,
      name: 'ops',
      trust,
      policies: [],
      toldPolicies: true,
      instanceProfiles: [],
      tags: new Map(),
      from,
    }
    const given = eks({ entries: [entry(ROLE, ['system:masters'])], podIdentities })
    const sure = { ...given, aws: { ...given.aws, roles: [role] } }
    assert.ok(!entries(analyseText(BOUND + pod, { cloud: sure })).includes(node(ROLE)))
    // Where the role may not admit the pods, it is somebody’s outside.
    assert.ok(entries(analyseText(BOUND + pod, { cloud: given })).includes(node(ROLE)))
  })
})

test('members of GKE IAM, but the agents of Google Cloud itself', () => {
  const at = (member: string) => ({ resource: 'projects/p', role: 'roles/container.developer', member, from })
  const machine =
    'apiVersion: v1\nkind: Node\nmetadata: {name: n1}\nspec: {providerID: gce://p/z/n1}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n'
  const bindings = [
    at('user:al@b'),
    at('group:devs@b'),
    at('serviceAccount:service-9@container-engine-robot.iam.gserviceaccount.com'),
    at('serviceAccount:9@cloudservices.gserviceaccount.com'),
    { ...at('user:bo@b'), resource: 'projects/q' },
  ]
  const judged = analyseText(machine, { cloud: { ...NO_CLOUD, gcp: { ...NO_CLOUD.gcp, bindings } } })
  assert.deepEqual(entries(judged), ['CloudIdentity/gcp/al@b', 'CloudIdentity/gcp/devs@b'])
  assert.ok(judged.controls('CloudIdentity/gcp/al@b', 'Node//n1'))
})

test('principals with roles of Azure on the cluster', () => {
  const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/k'
  const aks = `
apiVersion: v1
kind: Node
metadata: {name: n1, labels: {kubernetes.azure.com/cluster: MC_g_k_west}}
---
apiVersion: v1
kind: Secret
metadata: {name: s, namespace: shop}
`
  const assignment = (principalId: string, role: string, scope = id) => ({
    principalId,
    isGroup: false,
    role,
    scope,
    from,
  })
  const assignments = [
    assignment('admin', 'Azure Kubernetes Service Cluster Admin Role', '/subscriptions/s'),
    assignment('writer', 'Azure Kubernetes Service RBAC Writer', `${id}/namespaces/shop`),
    assignment('reader', 'Reader'),
    assignment('stranger', 'Owner', '/subscriptions/t'),
  ]
  const judged = (azureRbac: boolean): Judged =>
    analyseText(aks, {
      cloud: {
        ...NO_CLOUD,
        azure: {
          ...NO_CLOUD.azure,
          assignments,
          clusters: [{ id, nodeResourceGroup: 'mc_g_k_west', azureRbac, from }],
        },
      },
    })
  assert.deepEqual(entries(judged(true)), ['CloudIdentity/azure/admin', 'CloudIdentity/azure/writer'])
  assert.deepEqual(entries(judged(false)), ['CloudIdentity/azure/admin'])
  assert.ok(judged(true).controls('CloudIdentity/azure/writer', 'Secret/shop/s'))
})

test('ten thousand principals of one group are one entry', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => entry(`arn:aws:iam::111122223333:user/u${index}`, ['ops']))
  const judged = analyseText(BOUND, { cloud: eks({ entries: many }) })
  assert.equal(judged.analysis.entries[0]?.principals?.length, 10_000)
})
