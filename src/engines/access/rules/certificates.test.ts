import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ADMIN, ATTACKER, CONTROL_PLANE, cluster, grant, NODE, rule } from '../testing.ts'

const GROUP = 'certificates.k8s.io'
const request = rule('create', 'certificatesigningrequests', GROUP)
const approval = rule('update', 'certificatesigningrequests/approval', GROUP)
const approve = (names?: string): string => rule('approve', 'signers', GROUP, names)
const CLIENT = 'kubernetes.io/kube-apiserver-client'
const KUBELET = 'kubernetes.io/kube-apiserver-client-kubelet'
const NODE_USER = 'User//system:node:worker-1'

const leads = (rules: readonly string[], to = ADMIN, at?: string): boolean =>
  cluster(grant(rules, at === undefined ? {} : { at })).controls(ATTACKER, to)

describe('certificates', () => {
  test('in any name: create, approval and approve', () => {
    for (const names of [undefined, CLIENT, '"kubernetes.io/*"']) {
      assert.ok(leads([request, approval, approve(names)]), names)
      assert.ok(leads([request, approval, approve(names)], CONTROL_PLANE), names)
    }
    assert.ok(leads([request, rule('patch', 'certificatesigningrequests/approval', GROUP), approve(CLIENT)]))
  })
  test('of the rights each is needed', () => {
    assert.ok(!leads([approval, approve()]))
    assert.ok(!leads([request, approve()]))
    assert.ok(!leads([request, approval]))
    assert.ok(!leads([rule('create', 'certificatesigningrequests', GROUP, 'mine'), approval, approve()]))
  })
  test('of the signer', () => {
    for (const names of ['example.com/any', '"*"', 'kubernetes.io', KUBELET])
      assert.ok(!leads([request, approval, approve(names)], CONTROL_PLANE), names)
  })
  test('they are cluster-scoped: a RoleBinding grants none', () => {
    assert.ok(!leads([request, approval, approve()], CONTROL_PLANE, 'app'))
  })
  test('sign and attest are no steps', () => {
    const sign = rule('sign, attest', 'signers', GROUP)
    const status = rule('update, patch', 'certificatesigningrequests/status', GROUP)
    const bundles = rule('create, update', 'clustertrustbundles', GROUP)
    const judged = cluster(grant([request, sign, status, bundles]))
    assert.deepEqual(
      judged.analysis.edges.filter(({ from }) => from === ATTACKER),
      [],
    )
  })
  test('in the name of a node', () => {
    assert.ok(leads([request, approval, approve(KUBELET)], NODE_USER))
    const self = rule('create', 'certificatesigningrequests/nodeclient', GROUP)
    assert.ok(leads([rule('create, get', 'certificatesigningrequests', GROUP), self], NODE_USER))
    assert.ok(!leads([request, self], NODE_USER))
    const own = rule('create', 'certificatesigningrequests/selfnodeclient', GROUP)
    assert.ok(!leads([rule('create, get', 'certificatesigningrequests', GROUP), own], NODE_USER))
    assert.ok(!leads([request, approval, approve(KUBELET)], ADMIN))
  })
  test('never system:masters', () => {
    const { analysis } = cluster(grant([request, approval, approve()]))
    assert.ok(analysis.edges.some(({ kind }) => kind === 'approve-certificate'))
    assert.ok(!analysis.edges.some(({ from, to }) => from.startsWith('Scope/') && to === 'Group//system:masters'))
  })
  test('unknown where the server is of EKS', () => {
    const truth = (version: string): readonly string[] =>
      cluster(grant([request, approval, approve()]), { version })
        .analysis.edges.filter(({ kind }) => kind === 'approve-certificate')
        .map((edge) => edge.truth)
    assert.deepEqual(truth('v1.34.1-eks-3025e55'), ['unknown'])
    assert.deepEqual(truth('v1.34.1'), ['yes'])
  })
  test('rights of a group are told at the group, and rest on their bindings', () => {
    const to = '{kind: Group, name: "system:serviceaccounts:app"}'
    const { analysis } = cluster(grant([request, approval, approve()], { to }))
    const edges = analysis.edges.filter(({ kind }) => kind === 'approve-certificate')
    assert.deepEqual(
      edges.map(({ from }) => from),
      ['Group//system:serviceaccounts:app'],
    )
    const ids = edges[0]?.because.flatMap(({ object, path }) => (object ? [`${object.id} ${path?.join('.')}`] : []))
    assert.ok(ids?.includes('ClusterRoleBinding//granted subjects.0'))
    for (const at of [0, 1, 2]) assert.ok(ids?.includes(`ClusterRole//granted rules.${at}`), String(at))
  })
  test('from several bindings', () => {
    const judged = cluster(
      grant([request], { name: 'a' }) + grant([approval], { name: 'b' }) + grant([approve()], { name: 'c' }),
    )
    assert.ok(judged.controls(ATTACKER, CONTROL_PLANE))
    assert.ok(judged.controls(ATTACKER, NODE))
  })
})
