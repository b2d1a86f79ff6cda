import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ADMIN, ATTACKER, bind, CONTROL_PLANE, cluster, grant, RBAC, rule } from './testing.ts'

const BIND = rule('bind', 'clusterroles', RBAC)
const CREATE = rule('create', 'rolebindings', RBAC)
const MINTER = 'kind: ClusterRole, name: minter'
const minter = (kind: 'Role' | 'ClusterRole', namespace = ''): string => `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ${kind}
metadata: {name: minter${namespace === '' ? '' : `, namespace: ${namespace}`}}
rules: [${rule('create', 'serviceaccounts/token')}]`

function leads(grants: string): boolean {
  return cluster(grants).controls(ATTACKER, CONTROL_PLANE)
}

describe('bind and create rolebindings, cluster-wide', () => {
  test('any ClusterRole is held in each namespace', () => {
    const judged = cluster(grant([BIND, CREATE]))
    assert.ok(judged.controls(ATTACKER, CONTROL_PLANE))
    assert.ok(judged.kinds(ATTACKER, 'Scope//new-pods').includes('create-pod'))
  })
  test('one ClusterRole by name is held in each namespace', () => {
    assert.ok(leads(grant([rule('bind', 'clusterroles', RBAC, 'edit'), CREATE])))
    assert.ok(!leads(grant([rule('bind', 'clusterroles', RBAC, 'view'), CREATE])))
  })
  test('each Role is held in its own namespace', () => {
    assert.ok(leads(grant([rule('bind', 'roles', RBAC), CREATE]) + minter('Role', 'ops')))
    assert.ok(!leads(grant([rule('bind', 'roles', RBAC), CREATE]) + minter('Role', 'app')))
    assert.ok(leads(grant([rule('bind', 'roles', RBAC, 'minter'), CREATE]) + minter('Role', 'ops')))
  })
  test('nothing that stands in no namespace is gained', () => {
    const judged = cluster(grant([BIND, CREATE]))
    const kinds = new Set(judged.analysis.edges.filter((edge) => edge.from === ATTACKER).map((edge) => edge.kind))
    for (const kind of ['bind-role', 'kubelet-exec', 'node-state', 'impersonate-user', 'impersonate-group'])
      assert.ok(!kinds.has(kind), kind)
  })
  test('the label of a namespace is in the namespace', () => {
    assert.ok(
      cluster(grant([BIND, CREATE]))
        .kinds(ATTACKER, 'Scope/*/nodes')
        .includes('unguarded-pod'),
    )
  })
  test('rolebindings of one namespace give the rights there', () => {
    const judged = cluster(grant([BIND], { name: 'a' }) + grant([CREATE], { name: 'b', at: 'app' }))
    assert.ok(!judged.controls(ATTACKER, CONTROL_PLANE))
    assert.ok(!judged.controls(ATTACKER, ADMIN))
  })
  test('a member of a group that has the one right and has the other itself', () => {
    const to = '{kind: Group, name: "system:serviceaccounts:app"}'
    assert.ok(leads(grant([BIND], { name: 'a', to }) + grant([CREATE], { name: 'b' })))
  })
})

describe('bind and writing bindings that exist', () => {
  const update = rule('update', 'rolebindings', RBAC)
  const devs = '{kind: Group, name: devs}'
  test('the gain is the role that the binding refers to', () => {
    const edit = bind('kind: ClusterRole, name: edit', { at: 'ops', to: devs })
    assert.ok(leads(grant([BIND, update], { at: 'ops' }) + edit))
    assert.ok(leads(grant([BIND, update]) + edit))
    assert.ok(!leads(grant([BIND, update], { at: 'ops' })))
  })
  test('by the name of the binding, and of the role', () => {
    const patch = (names: string): string => rule('patch', 'clusterrolebindings', RBAC, names)
    const tokens = minter('ClusterRole') + bind(MINTER, { name: 'tokens', to: devs })
    assert.ok(leads(grant([BIND, patch('tokens')]) + tokens))
    assert.ok(!leads(grant([BIND, patch('others')]) + tokens))
    assert.ok(!leads(grant([rule('bind', 'clusterroles', RBAC, 'view'), patch('tokens')]) + tokens))
  })
  test('a binding to no role gives none', () => {
    const patch = rule('patch', 'clusterrolebindings', RBAC, 'dangling')
    assert.ok(!leads(grant([BIND, patch]) + bind('kind: ClusterRole, name: absent', { name: 'dangling', to: devs })))
  })
})

describe('escalate', () => {
  const own = '{kind: ServiceAccount, name: attacker, namespace: app}'
  test('and create, where a binding waits for the role', () => {
    const dangling = (to: string): string => bind('kind: ClusterRole, name: absent', { name: 'dangling', to })
    const make = rule('escalate, create', 'clusterroles', RBAC)
    assert.ok(leads(grant([make]) + dangling(own)))
    assert.ok(!leads(grant([make])))
    assert.ok(!leads(grant([make]) + dangling('{kind: Group, name: devs}')))
    assert.ok(!leads(grant([rule('create', 'clusterroles', RBAC)]) + dangling(own)))
    assert.ok(!leads(grant([rule('escalate, create', 'clusterroles', RBAC, 'absent')]) + dangling(own)))
  })
  test('create and bind together make a role of any content', () => {
    const all = [rule('escalate, create', 'roles', RBAC), rule('bind', 'roles', RBAC), CREATE]
    assert.ok(leads(grant(all, { at: 'ops' })))
    assert.ok(!leads(grant(all.slice(1), { at: 'ops' })))
  })

  const write = grant([rule('escalate, update', 'roles', RBAC, 'victim')], { at: 'ops' })
  const victim = `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: v, namespace: ops}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: victim, namespace: ops}
rules: []
${bind('kind: Role, name: victim', { at: 'ops', to: '{kind: ServiceAccount, name: v, namespace: ops}' })}
---
apiVersion: v1
kind: Pod
metadata: {name: v, namespace: ops}
spec: {serviceAccountName: v, containers: [{name: main, image: x}]}`
  const also = (...rules: readonly string[]): string => grant(rules, { name: 'also', at: 'ops' })
  test('on a role of another is of no use alone', () => assert.ok(!leads(write + victim)))
  test('on a role of another that the subject can be', () => {
    assert.ok(leads(write + victim + also(rule('create', 'pods/exec'))))
    assert.ok(leads(write + victim + also(rule('create', 'pods/exec', '', 'v'))))
    assert.ok(leads(write + victim + also(rule('create', 'serviceaccounts/token', '', 'v'))))
    assert.ok(leads(write + victim + also(rule('impersonate', 'serviceaccounts', '', 'v'))))
  })
  test('on a role of another that the subject cannot be', () => {
    assert.ok(!leads(write + victim + also(rule('create', 'pods/exec', '', 'w'))))
    assert.ok(!leads(write + victim + also(rule('create', 'serviceaccounts/token', '', 'w'))))
    assert.ok(!leads(write + victim + also(rule('get', 'pods'))))
  })
  test('tells the binding through which the role comes', () => {
    const edges = cluster(write + victim + also(rule('create', 'pods/exec'))).analysis.edges
    const told = edges.find((edge) => edge.from === ATTACKER && edge.kind === 'create-pod')?.because
    assert.ok(told?.some((each) => each.object?.id === 'RoleBinding/ops/bound'))
  })
})

describe('escalate and aggregation', () => {
  const own = '{kind: ServiceAccount, name: attacker, namespace: app}'
  const make = rule('escalate, create', 'clusterroles', RBAC)
  const holds = (at = 'ops', to = own): string => bind('kind: ClusterRole, name: view', { name: 'held', at, to })
  test('a new ClusterRole of any content is summed into one that the subject holds', () => {
    assert.ok(leads(grant([make]) + holds()))
    assert.ok(
      cluster(grant([make]) + holds())
        .kinds(ATTACKER, 'Scope/ops/new-pods')
        .includes('create-pod'),
    )
    assert.ok(!leads(grant([make])))
    assert.ok(!leads(grant([rule('create', 'clusterroles', RBAC)]) + holds()))
    assert.ok(!leads(grant([make]) + holds('ops', '{kind: Group, name: devs}')))
  })
  test('so is one that exists, by its name', () => {
    const write = (name: string): string => rule('escalate, patch', 'clusterroles', RBAC, name)
    assert.ok(leads(grant([write('edit')]) + holds()))
    assert.ok(
      leads(grant([rule('escalate', 'clusterroles', RBAC), rule('patch', 'clusterroles', RBAC, 'edit')]) + holds()),
    )
    assert.ok(!leads(grant([write('absent')]) + holds()))
    assert.ok(!leads(grant([rule('patch', 'clusterroles', RBAC)]) + holds()))
  })
  test('into a role that aggregates', () => {
    const plain = bind('kind: ClusterRole, name: "system:basic-user"', { name: 'held', at: 'ops', to: own })
    assert.ok(!leads(grant([make]) + plain))
    const role = (selectors: string): string => `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: sum}
aggregationRule: {clusterRoleSelectors: [${selectors}]}
rules: []${bind('kind: ClusterRole, name: sum', { name: 'held', at: 'ops', to: own })}`
    assert.ok(leads(grant([make]) + role('{matchLabels: {a: b}}')))
    assert.ok(!leads(grant([make]) + role('')))
    const never = '{matchExpressions: [{key: a, operator: Exists}, {key: a, operator: DoesNotExist}]}'
    assert.ok(!leads(grant([make]) + role(never)))
  })
  test('of another that the subject can be', () => {
    const v = '{kind: ServiceAccount, name: v, namespace: ops}'
    const account = '\n---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: v, namespace: ops}'
    const mint = grant([rule('create', 'serviceaccounts/token', '', 'v')], { name: 'also', at: 'ops' })
    assert.ok(leads(grant([make]) + holds('ops', v) + account + mint))
    assert.ok(!leads(grant([make]) + holds('ops', v) + account))
  })
})
