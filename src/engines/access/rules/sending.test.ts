import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, rule, workload } from '../testing.ts'

/** `db` in `ops` lets in what a policy names; `other` is a pod in the namespace that may be relabelled. */
const pod = (name: string, namespace: string) => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}, labels: {a: ${name}}}
spec: {automountServiceAccountToken: false, containers: [{name: main, image: x, ports: [{containerPort: 80}]}]}`
const DB = 'Pod/ops/db'
const policy = (name: string, namespace: string, spec: string) => `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: ${namespace}}
spec: {${spec}}`
const admits = (from: string) =>
  policy('db', 'ops', `podSelector: {matchLabels: {a: db}}, ingress: [{from: [${from}]}]`)

const PODS = rule('create', 'pods')
const NETWORK = 'networking.k8s.io'

function chance(yaml: string, rights: readonly string[], at: string | undefined = 'ops'): number {
  return cluster(pod('db', 'ops') + yaml + grant(rights, at === undefined ? {} : { at })).chance(ATTACKER, DB)
}

describe('new-pod-sends: whoever makes a pod chooses its labels', () => {
  test('and has the reach of any, in its namespace', () => {
    assert.equal(chance('', [PODS], 'locked'), 0.1)
    assert.equal(chance(admits('{podSelector: {matchLabels: {role: client}}}'), [PODS], 'locked'), 0)
    assert.equal(
      chance(
        admits(
          '{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: locked}}, podSelector: {matchLabels: {role: client}}}',
        ),
        [PODS],
        'locked',
      ),
      0.1,
    )
  })
  test('not where nobody is let in, or others by what they cannot choose', () => {
    const locked = (from: string) => chance(from, [PODS], 'locked')
    assert.equal(locked(policy('db', 'ops', 'podSelector: {}')), 0)
    assert.equal(locked(admits('{podSelector: {}}')), 0)
    assert.equal(locked(admits('{namespaceSelector: {matchLabels: {team: ops}}}')), 0)
    assert.equal(locked(admits('{ipBlock: {cidr: 10.0.0.0/8}}')), 0)
    const impossible =
      '{podSelector: {matchLabels: {a: b}, matchExpressions: [{key: a, operator: NotIn, values: [b]}]}, namespaceSelector: {}}'
    assert.equal(locked(admits(impossible)), 0)
  })
  test('not where its way out is cut for all pods of the namespace', () => {
    const closed = policy('closed', 'locked', 'podSelector: {}, policyTypes: [Egress]')
    const some = policy('some', 'locked', 'podSelector: {matchLabels: {a: b}}, policyTypes: [Egress]')
    const allowed = policy(
      'allowed',
      'locked',
      'podSelector: {matchLabels: {role: client}}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}}]}]',
    )
    assert.equal(chance(closed, [PODS], 'locked'), 0)
    assert.equal(chance(some, [PODS], 'locked'), 0.1)
    assert.equal(chance(closed + allowed, [PODS], 'locked'), 0.1)
  })
  test('on the port that is admitted', () => {
    const at = (port: number) => `${policy('db', 'ops', `podSelector: {}, ingress: [{ports: [{port: ${port}}]}]`)}`
    assert.equal(chance(at(80), [PODS], 'locked'), 0.1)
    assert.equal(chance(at(9999), [PODS], 'locked'), 0.02)
  })
  test('policies that are not enforced cut nothing', () => {
    const yaml = pod('db', 'ops') + policy('db', 'ops', 'podSelector: {}') + grant([PODS], { at: 'locked' })
    assert.equal(cluster(yaml, { enforced: 'no' }).chance(ATTACKER, DB), 0.1)
    assert.equal(cluster(yaml, { enforced: 'yes' }).chance(ATTACKER, DB), 0)
  })
})

describe('relabel-pod', () => {
  const LABELLED = admits('{namespaceSelector: {}, podSelector: {matchLabels: {role: client}}}')
  test('a pod that runs sends with other labels', () => {
    assert.equal(chance(LABELLED + pod('other', 'app'), [rule('patch', 'pods')], 'app'), 0.1)
    assert.equal(chance(LABELLED + pod('other', 'app'), [rule('update', 'pods', '', 'other')], 'app'), 0.1)
  })
  test('one that does not run, sends nothing', () => {
    assert.equal(chance(LABELLED, [rule('patch', 'pods')], 'locked'), 0)
    assert.equal(chance(LABELLED + pod('other', 'app'), [rule('patch', 'pods', '', 'third')], 'app'), 0)
    assert.equal(chance(LABELLED + pod('other', 'app'), [rule('patch', 'pods/status')], 'app'), 0)
  })
})

describe('relabel-namespace', () => {
  const TEAM = admits('{namespaceSelector: {matchLabels: {team: ops}}}') + pod('other', 'app')
  const OWN = rule('patch', 'pods', '', 'other')
  const WRITE = rule('patch', 'namespaces')
  test('and a pod in it', () => {
    assert.equal(chance(TEAM, [OWN, WRITE], 'app'), 0.1)
    assert.equal(chance(TEAM, [OWN, rule('update', 'namespaces', '', 'app')], 'app'), 0.1)
    assert.equal(chance(TEAM + grant([WRITE], { name: 'wide' }), [OWN], 'app'), 0.1)
  })
  test('not without a pod, nor another namespace, nor its name', () => {
    assert.equal(chance(TEAM, [WRITE], 'app'), 0)
    assert.equal(chance(TEAM, [OWN], 'app'), 0)
    assert.equal(chance(TEAM, [OWN, rule('patch', 'namespaces', '', 'ops')], 'app'), 0)
    assert.equal(chance(TEAM + grant([WRITE], { at: 'ops', name: 'wide' }), [OWN], 'app'), 0)
    const named =
      admits('{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: locked}}}') + pod('other', 'app')
    assert.equal(chance(named, [OWN, WRITE], 'app'), 0)
  })
})

describe('drop-policies', () => {
  const CLOSED = policy('db', 'ops', 'podSelector: {}')
  const OTHER = policy('other', 'ops', 'podSelector: {}')
  const yaml = CLOSED + OTHER + pod('other', 'ops')
  const OWN = rule('patch', 'pods', '', 'other')
  const leads = (right: string, more = yaml): number => chance(more, [OWN, right])
  test('one more policy, one that is changed, all that are deleted', () => {
    for (const right of [
      rule('create', 'networkpolicies', NETWORK),
      rule('patch', 'networkpolicies', NETWORK),
      rule('update', 'networkpolicies', NETWORK, 'db'),
      rule('delete', 'networkpolicies', NETWORK),
      rule('delete', 'networkpolicies', NETWORK, 'db, other'),
      rule('deletecollection', 'networkpolicies', NETWORK),
    ])
      assert.equal(leads(right), 0.1, right)
  })
  test('not some of them, by names that are not there, or of another group', () => {
    for (const right of [
      rule('create', 'networkpolicies', NETWORK, 'db'),
      rule('update', 'networkpolicies', NETWORK, 'third'),
      rule('delete', 'networkpolicies', NETWORK, 'db'),
      rule('deletecollection', 'networkpolicies', NETWORK, 'db, other'),
      rule('create', 'networkpolicies', 'crd.projectcalico.org'),
      rule('get', 'networkpolicies', NETWORK),
    ])
      assert.equal(leads(right), 0, right)
  })
  test('not without a pod there', () => {
    assert.equal(chance(CLOSED, [rule('create', 'networkpolicies', NETWORK)]), 0)
  })
  test('drop-own-policies: the workload whose token may', () => {
    const operator = (namespace: string) => `
---
apiVersion: v1
kind: Pod
metadata: {name: operator, namespace: ${namespace}, labels: {a: operator}}
spec: {serviceAccountName: operator, containers: [{name: main, image: x}]}`
    const to = (namespace: string) => `{kind: ServiceAccount, name: operator, namespace: ${namespace}}`
    const reached = (namespace: string, right = rule('create', 'networkpolicies', NETWORK)) =>
      cluster(
        pod('db', 'ops') + CLOSED + operator(namespace) + grant([right], { at: 'ops', to: to(namespace) }),
      ).chance(`Pod/${namespace}/operator`, DB)
    assert.equal(reached('ops'), 0.1)
    assert.equal(reached('ops', rule('get', 'networkpolicies', NETWORK)), 0)
    assert.equal(reached('app'), 0)
  })
})

test('a new pod has no more than contact', () => {
  assert.ok(
    !cluster(pod('db', 'ops') + workload('Deployment', 'd') + grant([PODS], { at: 'locked' })).controls(ATTACKER, DB),
  )
})
