import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { accessPolicyRules, knownAccessPolicies } from '../../authz/cloud/access-policies.ts'
import { starMatches } from '../../authz/cloud/glob.ts'
import type { ResourceRequest } from '../../authz/rules.ts'
import { because } from '../../cluster/because.ts'
import { eksOf } from '../../cluster/cloud/eks.ts'
import { type CloudExports, NO_CLOUD } from '../../cluster/cloud/exports.ts'
import { clusterOf } from '../../cluster/testing.ts'
import { cloudAuthorizers, cloudGroupsOf } from './authorizers.ts'

const from = because('an export')
const VIEW = 'arn:aws:iam::1:role/view'
const SESSION = 'arn:aws:sts::1:assumed-role/view/al'
const cluster = clusterOf(`
apiVersion: v1
kind: Namespace
metadata: {name: dev-a}
---
apiVersion: v1
kind: Namespace
metadata: {name: prod}
---
apiVersion: v1
kind: Node
metadata: {name: n1}
spec: {providerID: gce://p/z/n1}
`)

const read = (namespace: string, more: Partial<ResourceRequest> = {}): ResourceRequest => ({
  verb: 'get',
  group: '',
  resource: 'secrets',
  subresource: '',
  namespace,
  name: 's',
  ...more,
})

function eks(policy: string, namespaces?: readonly string[]): CloudExports {
  return {
    ...NO_CLOUD,
    eks: {
      ...NO_CLOUD.eks,
      entries: [{ cluster: 'c', principal: VIEW, groups: ['viewers'], type: 'STANDARD', from }],
      associations: [{ cluster: 'c', principal: VIEW, policy, ...(namespaces ? { namespaces } : {}), from }],
    },
  }
}

function may(exports: CloudExports, user: string, request: ResourceRequest): boolean {
  return cloudAuthorizers(cluster, exports).some((each) => [...each.grants({ user, groups: [] }, request)].length > 0)
}

describe('access policies of EKS as an authorizer', () => {
  test('sessions of the role and its ARN, in the scope of the policy', () => {
    const exports = eks('AmazonEKSAdminViewPolicy', ['dev-*'])
    assert.ok(may(exports, SESSION, read('dev-a')))
    assert.ok(may(exports, VIEW, read('dev-a')))
    assert.ok(!may(exports, SESSION, read('prod')))
    assert.ok(!may(exports, SESSION, read('')))
    assert.ok(!may(exports, 'arn:aws:sts::1:assumed-role/viewer/al', read('dev-a')))
    assert.ok(!may(exports, SESSION, read('dev-a', { verb: 'delete' })))
    assert.ok(may(eks('AmazonEKSAdminViewPolicy'), SESSION, read('')))
  })
  test('View does not read Secrets, Edit does, ClusterAdmin does everything', () => {
    assert.ok(!may(eks('AmazonEKSViewPolicy'), SESSION, read('prod')))
    assert.ok(may(eks('AmazonEKSViewPolicy'), SESSION, read('prod', { resource: 'pods' })))
    assert.ok(may(eks('AmazonEKSEditPolicy'), SESSION, read('prod')))
    assert.ok(
      !may(
        eks('AmazonEKSEditPolicy'),
        SESSION,
        read('prod', { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'roles' }),
      ),
    )
    assert.ok(
      may(
        eks('AmazonEKSAdminPolicy'),
        SESSION,
        read('prod', { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'roles' }),
      ),
    )
    assert.ok(may(eks('AmazonEKSClusterAdminPolicy'), SESSION, read('', { verb: 'x', group: 'y', resource: 'z' })))
    assert.deepEqual(cloudAuthorizers(cluster, eks('AmazonEKSOtherPolicy')), [])
  })
  test('holders: for each namespace where the policy holds', () => {
    const [authorizer] = cloudAuthorizers(cluster, eks('AmazonEKSAdminViewPolicy', ['dev-*']))
    const held = [...(authorizer?.holders({ request: read(''), each: 'namespace' }) ?? [])]
    assert.deepEqual(
      held.map(({ namespace }) => namespace),
      ['dev-a'],
    )
    assert.equal([...(authorizer?.rulesFor({ user: SESSION, groups: [] }, 'dev-a') ?? [])].length, 1)
    assert.equal([...(authorizer?.rulesFor({ user: SESSION, groups: [] }, 'prod') ?? [])].length, 0)
  })
  test('groups of an access entry', () => {
    const mappings = eksOf(cluster, eks('AmazonEKSViewPolicy'))?.mappings ?? []
    assert.deepEqual(
      cloudGroupsOf(mappings, SESSION).map(({ group }) => group),
      ['viewers'],
    )
    assert.deepEqual(
      cloudGroupsOf(mappings, VIEW).map(({ group }) => group),
      ['viewers'],
    )
    assert.deepEqual(cloudGroupsOf(mappings, 'al'), [])
  })
  test('every policy of the table has rules', () => {
    assert.equal(knownAccessPolicies().length, 6)
    for (const name of knownAccessPolicies()) assert.ok((accessPolicyRules(name) ?? []).length > 0)
  })
})

describe('IAM of Google Cloud as an authorizer', () => {
  const gcp = (role: string, resource = 'projects/p'): CloudExports => ({
    ...NO_CLOUD,
    gcp: {
      ...NO_CLOUD.gcp,
      bindings: [{ resource, role, member: 'user:al@b', from }],
      roles: new Map([['projects/p/roles/r', ['container.pods.exec']]]),
    },
  })
  test('roles on the project of the cluster', () => {
    assert.ok(may(gcp('roles/container.developer'), 'al@b', read('prod')))
    assert.ok(!may(gcp('roles/container.viewer'), 'al@b', read('prod')))
    assert.ok(!may(gcp('roles/container.developer'), 'bo@b', read('prod')))
    assert.ok(!may(gcp('roles/container.developer', 'projects/q'), 'al@b', read('prod')))
    assert.ok(
      may(gcp('projects/p/roles/r'), 'al@b', read('prod', { verb: 'create', resource: 'pods', subresource: 'exec' })),
    )
    assert.ok(!may(gcp('projects/p/roles/r'), 'al@b', read('prod')))
  })
})

describe('Azure RBAC as an authorizer', () => {
  const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/k'
  const aks = clusterOf(
    'apiVersion: v1\nkind: Node\nmetadata: {name: n1, labels: {kubernetes.azure.com/cluster: MC_g_k_west}}\nspec: {}\n',
  )
  const grants = (
    role: string,
    scope: string,
    user: string,
    groups: readonly string[],
    request: ResourceRequest,
    azureRbac = true,
  ): boolean =>
    cloudAuthorizers(aks, {
      ...NO_CLOUD,
      azure: {
        ...NO_CLOUD.azure,
        clusters: [{ id, nodeResourceGroup: 'mc_g_k_west', azureRbac, from }],
        assignments: [{ principalId: 'o-1', principalName: 'al@b', isGroup: groups.length > 0, role, scope, from }],
      },
    }).some((each) => [...each.grants({ user, groups }, request)].length > 0)
  const WRITER = 'Azure Kubernetes Service RBAC Writer'
  test('roles on the cluster, above it and on a namespace; users and groups', () => {
    assert.ok(grants(WRITER, id, 'al@b', [], read('prod')))
    assert.ok(grants(WRITER, '/subscriptions/s', 'al@b', [], read('prod')))
    assert.ok(!grants(WRITER, '/subscriptions/other', 'al@b', [], read('prod')))
    assert.ok(!grants(WRITER, id, 'bo@b', [], read('prod')))
    assert.ok(grants(WRITER, id, 'bo@b', ['o-1'], read('prod')))
    assert.ok(grants(WRITER, `${id}/namespaces/prod`, 'al@b', [], read('prod')))
    assert.ok(!grants(WRITER, `${id}/namespaces/prod`, 'al@b', [], read('dev')))
    assert.ok(!grants(WRITER, id, 'al@b', [], read('prod'), false))
    assert.ok(!grants('Azure Kubernetes Service RBAC Reader', id, 'al@b', [], read('prod')))
    assert.ok(grants('Azure Kubernetes Service RBAC Reader', id, 'al@b', [], read('prod', { resource: 'pods' })))
    assert.ok(
      grants('Azure Kubernetes Service RBAC Cluster Admin', id, 'al@b', [], read('', { verb: 'x', resource: 'y' })),
    )
    assert.ok(!grants('Reader', id, 'al@b', [], read('prod')))
  })
})

test('stars of namespaces stand for any characters, in linear time', () => {
  for (const [pattern, text, fits] of [
    ['dev-*', 'dev-a', true],
    ['dev-*', 'dev-', true],
    ['dev-*', 'prod', false],
    ['*-x-*', 'a-x-b', true],
    ['*', '', true],
    ['a*b', 'acbd', false],
    ['', '', true],
    ['', 'a', false],
  ] as const)
    assert.equal(starMatches(pattern, text), fits, `${pattern} ${text}`)
  assert.equal(starMatches('a*'.repeat(2000), `${'a'.repeat(4000)}b`), true)
  assert.equal(starMatches(`${'a*'.repeat(2000)}c`, 'a'.repeat(4000)), false)
})
