import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { authorize } from '../../authz/authorize.ts'
import { policyOf } from '../../engines/access/policy.ts'
import { witness } from '../../report/evidence.ts'
import { buildCluster } from '../cluster.ts'
import { writtenAt } from '../made.ts'
import { clusterOf, objectsOf } from '../testing.ts'

const DEFINITION = `
apiVersion: rbacmanager.reactiveops.io/v1beta1
kind: RBACDefinition
metadata: {name: team, annotations: {bulkhead.dev/expires: "2027-01-01"}}
rbacBindings:
  - name: devs
    subjects:
      - {kind: ServiceAccount, name: nowhere}
      - {kind: User, name: sue}
    clusterRoleBindings: [{clusterRole: view}]
    roleBindings:
      - {clusterRole: edit, namespaceSelector: {matchLabels: {team: devs}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {team: devs}}
`

const EXPANDED = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: team-devs-edit, namespace: web, labels: {rbac-manager: reactiveops}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: User, name: joe}]
`

const sue = { user: 'sue', groups: ['system:authenticated'] }
const joe = { user: 'joe', groups: ['system:authenticated'] }
const write = { verb: 'create', group: 'apps', resource: 'deployments', subresource: '', namespace: 'web', name: '' }

describe('a cluster with definitions', () => {
  test('has their bindings, which grant', () => {
    const cluster = clusterOf(DEFINITION)
    assert.deepEqual(
      cluster.bindings.map(({ object }) => object.id),
      ['ClusterRoleBinding//team-devs-view', 'RoleBinding/web/team-devs-edit'],
    )
    assert.ok(authorize(policyOf(cluster), sue, write).allowed)
    assert.ok(!authorize(policyOf(cluster), sue, { ...write, namespace: 'other' }).allowed)
    assert.equal(cluster.get('RoleBinding/web/team-devs-edit')?.origin, undefined)
    assert.equal(cluster.definitions?.objects.length, 2)
  })

  test('takes what is in the input for what was expanded', () => {
    for (const text of [DEFINITION + EXPANDED, `${EXPANDED}---${DEFINITION}`]) {
      const cluster = clusterOf(text)
      assert.equal(cluster.bindings.length, 2)
      assert.ok(authorize(policyOf(cluster), joe, write).allowed)
      assert.ok(!authorize(policyOf(cluster), sue, write).allowed)
      assert.deepEqual(cluster.faults, [])
    }
  })

  test('has its objects in the order of their ids', () => {
    const ids = clusterOf(DEFINITION).objects.map(({ id }) => id)
    assert.deepEqual(ids, ids.toSorted())
  })

  test('says where a binding is written', () => {
    const cluster = clusterOf(DEFINITION)
    const [wide, narrow] = cluster.bindings.map(({ object }) => object)
    assert.ok(wide && narrow)
    const places: [typeof wide, (string | number)[], (string | number)[]][] = [
      [wide, [], ['rbacBindings', 0, 'clusterRoleBindings', 0]],
      [wide, ['roleRef', 'name'], ['rbacBindings', 0, 'clusterRoleBindings', 0, 'clusterRole']],
      // Of the two subjects a ClusterRoleBinding can name the second alone.
      [wide, ['subjects', 0], ['rbacBindings', 0, 'subjects', 1]],
      [narrow, ['subjects', 1, 'name'], ['rbacBindings', 0, 'subjects', 1, 'name']],
      [narrow, ['roleRef'], ['rbacBindings', 0, 'roleBindings', 0, 'clusterRole']],
      [
        narrow,
        ['metadata', 'annotations', 'bulkhead.dev/expires'],
        ['metadata', 'annotations', 'bulkhead.dev/expires'],
      ],
    ]
    for (const [object, path, written] of places) assert.deepEqual(writtenAt(object, path).path, written)
    const find = witness((_, path) => ({ file: 'team.yaml', line: (path?.length ?? 0) + 1, column: 1 }))
    assert.deepEqual(find.evidence([{ text: 'binds', object: wide, path: ['subjects', 0] }]), [
      {
        text: 'binds',
        resource: 'RBACDefinition.rbacmanager.reactiveops.io//team',
        field: 'rbacBindings[0].subjects[1]',
        file: 'team.yaml',
        line: 5,
        column: 1,
      },
    ])
    assert.deepEqual(find.locate(wide), { file: 'team.yaml', line: 5, column: 1 })
  })

  test('takes over what it was made of before, where neither definitions nor namespaces changed', () => {
    const objects = objectsOf(DEFINITION)
    const first = buildCluster({ objects })
    const more = objectsOf(EXPANDED.replace('team-devs-edit', 'other'))
    const second = buildCluster({ objects: [...objects, ...more] }, first)
    assert.equal(second.definitions, first.definitions)
    assert.equal(second.workloads, first.workloads)
    assert.equal(second.bindings.length, 3)
    const other = buildCluster(
      {
        objects: [
          ...objects,
          ...objectsOf('apiVersion: v1\nkind: Namespace\nmetadata: {name: x, labels: {team: devs}}'),
        ],
      },
      first,
    )
    assert.equal(other.bindings.length, 3)
  })

  test('without any is what it was', () => {
    const objects = objectsOf(EXPANDED)
    const cluster = buildCluster({ objects })
    assert.equal(cluster.definitions, undefined)
    assert.deepEqual(cluster.objects, objects)
  })
})
