import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at } from '../../cluster/json.ts'
import { revokedSubjects } from '../../cluster/rbac.ts'
import { grant, RBAC, rule } from '../../engines/access/testing.ts'
import type { Edge } from '../../engines/engine.ts'
import type { Proposer, Used } from '../fix.ts'
import { usage, type World, worldOf } from '../network/testing.ts'
import { accessProposers } from './access.ts'
import { dropRule } from './drop-rule.ts'
import { narrowBinding } from './narrow-binding.ts'
import { reduceRole } from './reduce-role.ts'
import { revokeBinding } from './revoke-binding.ts'
import { revokeSubject } from './revoke-subject.ts'

const BASE = `
apiVersion: v1
kind: Namespace
metadata: {name: app}
---
apiVersion: v1
kind: Namespace
metadata: {name: ops}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ci, namespace: app}
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: app}
---
apiVersion: v1
kind: Secret
metadata: {name: other, namespace: ops}`

const CI = '{kind: ServiceAccount, name: ci, namespace: app}'
const ALICE = '{kind: User, name: alice}'
const ID = 'ServiceAccount/app/ci'

const cluster = (proposer: Proposer, more: string, used?: Used): World => worldOf(`${BASE}${more}`, proposer, used)

const kinds = ({ analysis }: World, from: string): readonly string[] =>
  [...new Set(analysis.edges.filter((edge) => edge.from === from && edge.chance === 1).map(({ kind }) => kind))].sort()

const rulesOf = ({ analysis }: World, id: string): unknown => at(analysis.cluster.get(id)?.body, 'rules')

function addsNothing(before: World): void {
  const key = ({ kind, from, to }: Edge): string => `${kind} ${from} ${to}`
  const control = before.analysis.edges.filter(({ chance }) => chance === 1)
  const old = new Set(control.map(key))
  // Whoever may do everything is not told each thing that follows.
  const all = new Set(control.flatMap(({ from, to }) => (to.startsWith('ControlPlane/') ? [from] : [])))
  for (const { id } of before.fixes) {
    for (const edge of before.after(id).analysis.edges) {
      const isTold = all.has(edge.from) || edge.from.startsWith('Scope/')
      assert.ok(edge.chance < 1 || isTold || old.has(key(edge)), `${id} adds ${key(edge)}`)
    }
  }
}

const reads = rule('get, list', 'pods, secrets')

describe('revoke-binding', () => {
  test('a binding of service accounts goes; one of people stays, empty, and tells whom it had', () => {
    const before = cluster(
      revokeBinding,
      `${grant([reads], { to: CI })}${grant([reads], { name: 'people', to: `${ALICE}, ${CI}, {kind: Group, name: "a,b"}` })}`,
    )
    assert.deepEqual(
      before.fixes.map(({ id }) => id),
      ['revoke-binding-granted', 'revoke-binding-people'],
    )
    const after = before.after('revoke-binding-granted', 'revoke-binding-people')
    assert.equal(after.analysis.cluster.get('ClusterRoleBinding//granted'), undefined)
    const left = after.analysis.cluster.get('ClusterRoleBinding//people')
    assert.deepEqual(at(left?.body, 'subjects'), [])
    assert.deepEqual(left && revokedSubjects(left).map(({ kind, name }) => `${kind} ${name}`), [
      'User alice',
      'Group a,b',
    ])
    assert.deepEqual(kinds(after, 'User//alice'), [])
    assert.deepEqual(after.fixes, [])
    addsNothing(before)
  })

  test('bindings that give nothing of note, and those of the API server, are left', () => {
    const harmless = grant([rule('get', 'configmaps')], { to: CI })
    const own = `
---
apiVersion: ${RBAC}/v1
kind: ClusterRoleBinding
metadata: {name: cluster-admin}
roleRef: {apiGroup: ${RBAC}, kind: ClusterRole, name: cluster-admin}
subjects: [{apiGroup: ${RBAC}, kind: Group, name: "system:masters"}]`
    assert.deepEqual(cluster(revokeBinding, `${harmless}${own}`).fixes, [])
  })
})

describe('revoke-subject', () => {
  const before = cluster(revokeSubject, grant([reads], { to: `{kind: Robot, name: r}, ${ALICE}, ${CI}` }))

  test('takes one of several out, whatever else the list holds', () => {
    const after = before.after('revoke-subject-granted-user-alice')
    assert.deepEqual(kinds(after, 'User//alice'), [])
    assert.deepEqual(kinds(after, ID), kinds(before, ID))
    assert.deepEqual(
      at(after.analysis.cluster.get('ClusterRoleBinding//granted')?.body, 'subjects', 0, 'kind'),
      'Robot',
    )
    addsNothing(before)
  })

  test('the record grows', () => {
    const both = cluster(revokeSubject, grant([reads], { to: `${ALICE}, {kind: User, name: bob}, ${CI}` }))
    const after = both.after('revoke-subject-granted-user-alice').after('revoke-subject-granted-user-bob')
    const left = after.analysis.cluster.get('ClusterRoleBinding//granted')
    assert.deepEqual(left && revokedSubjects(left).map(({ name }) => name), ['alice', 'bob'])
  })

  test('one subject is the whole binding', () => {
    assert.deepEqual(cluster(revokeSubject, grant([reads], { to: CI })).fixes, [])
  })
})

describe('narrow-binding', () => {
  const used = usage(`${ID}: get secrets in app`, `${ID}: list pods in app`)

  test('what was used in one namespace is given there', () => {
    const before = cluster(narrowBinding, grant([reads], { to: CI }), used)
    const [fix] = before.fixes
    const after = before.after(fix?.id ?? '')
    assert.equal(after.analysis.cluster.get('ClusterRoleBinding//granted'), undefined)
    const steps = after.analysis.edges.filter(({ from, kind }) => from === ID && kind === 'read-secret')
    assert.deepEqual(
      steps.map(({ to }) => to),
      ['Scope/app/secrets'],
    )
    assert.deepEqual(after.fixes, [])
  })

  test('others of the binding keep what they have', () => {
    const before = cluster(narrowBinding, grant([reads], { to: `${ALICE}, ${CI}` }), used)
    const after = before.after(before.fixes[0]?.id ?? '')
    assert.deepEqual(kinds(after, 'User//alice'), kinds(before, 'User//alice'))
  })

  test('not without history, nor for use elsewhere, over all namespaces, or none', () => {
    const bound = grant([reads, rule('list', 'nodes')], { to: CI })
    assert.deepEqual(cluster(narrowBinding, bound).fixes, [])
    for (const lines of [
      [`${ID}: get secrets in app`, `${ID}: get secrets in ops`],
      [`${ID}: get secrets in app`, `${ID}: list nodes`],
      [`${ID}: list secrets`],
      [`${ID}:`],
    ])
      assert.deepEqual(cluster(narrowBinding, bound, usage(...lines)).fixes, [], lines.join())
  })
})

describe('reduce-role', () => {
  const reduced = (rules: readonly string[], ...lines: readonly string[]): unknown => {
    const before = cluster(
      reduceRole,
      grant(rules, { to: CI }),
      usage(`${ID}:`, ...lines.map((each) => `${ID}: ${each}`)),
    )
    const [fix] = before.fixes
    if (!fix) return 'as it is'
    const after = before.after(fix.id)
    assert.deepEqual(after.fixes, [])
    addsNothing(before)
    return rulesOf(after, 'ClusterRole//granted')
  }
  const of = (verbs: string[], resources: string[], group = ''): unknown => ({ apiGroups: [group], resources, verbs })

  test('a rule that stays one is narrowed in place', () => {
    assert.deepEqual(reduced([reads], 'get pods in app', 'list pods in app'), [
      { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] },
    ])
  })

  test('one that does not becomes several, and unused ones go', () => {
    const rules = reduced([reads, rule('create', 'pods/exec')], 'get secrets in app', 'list pods in app')
    assert.deepEqual(rules, [of(['list'], ['pods']), of(['get'], ['secrets'])])
  })

  test('of `*` what was used is left, by name', () => {
    assert.deepEqual(reduced([rule('"*"', '"*"', '*')], 'get secrets in app', 'patch deployments.apps in app'), [
      of(['patch'], ['deployments'], 'apps'),
      of(['get'], ['secrets']),
    ])
  })

  test('nothing used leaves nothing', () => {
    assert.deepEqual(reduced([reads]), [])
  })

  test('names stay, and a use is laid to the rule that names it', () => {
    const named = rule('get', 'secrets', '', 'key')
    assert.deepEqual(reduced([named, reads], 'list pods in app'), [of(['list'], ['pods'])])
  })

  test('what no request of the holder shows stays: delegated checks, and those beside a request', () => {
    const rules = [rule('get', 'nodes/metrics, secrets'), rule('bind, create', 'clusterroles, rolebindings', RBAC)]
    assert.deepEqual(reduced(rules, 'create rolebindings.rbac.authorization.k8s.io in app'), [
      { verbs: ['get'], apiGroups: [''], resources: ['nodes/metrics'] },
      of(['bind'], ['clusterroles'], RBAC),
      of(['create'], ['rolebindings'], RBAC),
    ])
  })

  test('a role that is used as it is, or whose holders are not all known, is left', () => {
    assert.equal(reduced([rule('get', 'secrets')], 'get secrets in app'), 'as it is')
    const shared = grant([reads], { to: `${CI}, ${ALICE}` })
    assert.deepEqual(cluster(reduceRole, shared, usage(`${ID}:`)).fixes, [])
    assert.deepEqual(cluster(reduceRole, shared).fixes, [])
  })

  test('neither is one that aggregates, or feeds another', () => {
    const feeding = grant([reads], { to: CI }).replace(
      '{name: granted}',
      '{name: granted, labels: {rbac.authorization.k8s.io/aggregate-to-view: "true"}}',
    )
    assert.deepEqual(cluster(reduceRole, feeding, usage(`${ID}:`)).fixes, [])
  })
})

describe('drop-rule', () => {
  const after = (rules: readonly string[], id: string): World => {
    const before = cluster(dropRule, grant(rules, { to: CI }))
    addsNothing(before)
    return before.after(id)
  }

  test('takes the resource that a step rests on, with all verbs that would do', () => {
    const left = after([reads], 'drop-rule-granted-get-list-secrets')
    assert.deepEqual(rulesOf(left, 'ClusterRole//granted'), [
      { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] },
    ])
    assert.deepEqual(kinds(left, ID), [])
  })

  test('takes the verb, on each kind that would do', () => {
    const rules = [rule('get, create', 'pods, jobs', 'batch", "')]
    const left = after(rules, 'drop-rule-granted-create-pods-jobs')
    assert.deepEqual(at(rulesOf(left, 'ClusterRole//granted') as never, 0, 'verbs'), ['get'])
    assert.deepEqual(kinds(left, ID), [])
  })

  test('a rule on `*` goes whole', () => {
    const left = after([rule('get', '"*"'), rule('list', 'configmaps')], 'drop-rule-granted-get-all')
    assert.deepEqual(rulesOf(left, 'ClusterRole//granted'), [
      { verbs: ['list'], apiGroups: [''], resources: ['configmaps'] },
    ])
  })

  test('two steps of one rule can be taken together, or each alone', () => {
    const before = cluster(dropRule, grant([rule('get, create', 'secrets, pods/exec')], { to: CI }))
    assert.ok(before.fixes.length >= 3)
    const all = before.after(before.fixes[0]?.id ?? '')
    assert.deepEqual(kinds(all, ID), [])
  })
})

test('ids are distinct and kebab-case, and the order is the same whatever that of the input', () => {
  const parts = [
    grant([reads], { to: CI }),
    grant([reads], { name: 'b', at: 'app', to: CI }),
    grant([reads], { name: 'Ünï', to: CI }),
  ]
  const ids = (more: readonly string[]): readonly string[] =>
    accessProposers.flatMap((proposer) => cluster(proposer, more.join(''), usage(`${ID}:`)).fixes.map(({ id }) => id))
  assert.deepEqual(ids(parts), ids(parts.toReversed()))
  assert.equal(new Set(ids(parts)).size, ids(parts).length)
  for (const id of ids(parts)) assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/)
})

describe('steps into what serves the API', () => {
  const write = rule('create', 'mutatingwebhookconfigurations', 'admissionregistration.k8s.io')
  const pod = `
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: ops}
spec: {containers: [{name: main, image: x}]}`
  test('a mutating webhook is cut with its binding, or with its rule', () => {
    for (const proposer of [revokeBinding, dropRule]) {
      const before = cluster(proposer, `${pod}${grant([write, rule('get', 'configmaps')], { to: CI })}`)
      assert.ok(kinds(before, ID).includes('mutate-admitted'))
      const [fix] = before.fixes
      assert.ok(fix)
      assert.ok(!kinds(before.after(fix.id), ID).includes('mutate-admitted'))
    }
  })
  test('so is a right to act as another', () => {
    const on = rule('"impersonate-on:user-info:get"', 'secrets')
    const be = rule('"impersonate:user-info"', 'users', 'authentication.k8s.io', 'alice')
    const reads = grant([rule('get', 'secrets')], { name: 'alice', to: ALICE })
    const before = cluster(revokeBinding, `${grant([be, on], { to: CI })}${reads}`)
    assert.ok(kinds(before, ID).includes('read-secret'))
    const fixes = before.fixes.map(({ id }) => kinds(before.after(id), ID).includes('read-secret'))
    assert.ok(fixes.length >= 2)
    assert.ok(fixes.every((isLeft) => !isLeft))
  })
})
