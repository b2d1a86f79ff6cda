import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster, grant, rule } from '../testing.ts'

const GROUP = 'authentication.k8s.io'
const be = (mode: string, names?: string): string => rule(`"impersonate:${mode}"`, 'nodes', GROUP, names)
const on = (mode: string, verb: string, resource: string, names?: string): string =>
  rule(`"impersonate-on:${mode}:${verb}"`, resource, '', names)
const OWN = [be('associated-node'), on('associated-node', 'get', 'secrets')]
const ASK = on('associated-node', 'create', 'serviceaccounts/token')

const pod = (name: string, namespace: string, node: string, spec: string): string => `
---
apiVersion: v1
kind: Pod
metadata: {name: ${name}, namespace: ${namespace}}
spec: {nodeName: ${node}, containers: [{name: main, image: x}], ${spec}}
---
apiVersion: v1
kind: Secret
metadata: {name: ${name}-key, namespace: ${namespace}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ${name}, namespace: ${namespace}}`
const uses = (name: string): string =>
  `serviceAccountName: ${name}, volumes: [{name: k, secret: {secretName: ${name}-key}}]`
/** The agent runs on worker-1 beside `near`; `far` is on another node. */
const AGENT = `
---
apiVersion: v1
kind: Node
metadata: {name: worker-2}
${pod('near', 'ops', 'worker-1', uses('near'))}
${pod('far', 'ops', 'worker-2', uses('far'))}
---
apiVersion: v1
kind: Pod
metadata: {name: agent, namespace: app}
spec: {nodeName: worker-1, serviceAccountName: attacker, containers: [{name: main, image: x}]}`
const FROM = 'Pod/app/agent'
const NEAR = 'Secret/ops/near-key'
const FAR = 'Secret/ops/far-key'

interface Asked {
  readonly version?: string
  readonly more?: string
  readonly at?: string
}
const judged = (rules: readonly string[], { version = 'v1.36', more = AGENT, at }: Asked = {}) =>
  cluster(more + grant(rules, at === undefined ? {} : { at }), { version })
const reads = (rules: readonly string[], to = NEAR, asked: Asked = {}): boolean =>
  judged(rules, asked).controls(FROM, to)

describe('the node that a token is of', () => {
  test('gives what its pods use, and no other node does', () => {
    assert.ok(reads(OWN))
    assert.ok(!reads(OWN, FAR))
    // Reading alone makes no token.
    assert.ok(!reads(OWN, 'ServiceAccount/ops/near'))
    assert.ok(reads([be('associated-node'), ASK], 'ServiceAccount/ops/near'))
    assert.ok(!reads([be('associated-node'), ASK], 'ServiceAccount/ops/far'))
    assert.ok(!reads([be('associated-node'), ASK]))
  })
  test('takes both rights of this mode, for all nodes, from 1.36', () => {
    assert.ok(!reads([be('associated-node')]))
    assert.ok(!reads([on('associated-node', 'get', 'secrets')]))
    assert.ok(!reads([be('associated-node'), on('arbitrary-node', 'get', 'secrets')]))
    assert.ok(!reads([be('arbitrary-node', 'worker-9'), on('associated-node', 'get', 'secrets')]))
    assert.ok(!reads(OWN, NEAR, { version: 'v1.35' }))
    assert.ok(reads(OWN, NEAR, { version: 'v1.37' }))
    // Asked for with the name `*`: a rule that names the node itself is not enough.
    const named = (names: string): boolean =>
      reads([be('associated-node', names), on('associated-node', 'get', 'secrets')])
    assert.ok(!named('worker-1'))
    assert.ok(named('"*"'))
    const core = rule('"impersonate:associated-node"', 'nodes')
    assert.ok(!reads([core, on('associated-node', 'get', 'secrets')]))
  })
  test('whom to be is cluster-scoped, what to read may be of a namespace and by name', () => {
    assert.ok(!reads(OWN, NEAR, { at: 'ops' }))
    const apart = (at: string, names?: string): boolean =>
      cluster(
        AGENT +
          grant([be('associated-node')], { name: 'a' }) +
          grant([on('associated-node', 'get', 'secrets', names)], { name: 'b', at }),
        { version: 'v1.36' },
      ).controls(FROM, NEAR)
    assert.ok(apart('ops'))
    assert.ok(apart('ops', 'near-key'))
    assert.ok(!apart('ops', 'other'))
    assert.ok(!apart('app'))
    assert.ok(reads([be('associated-node'), on('associated-node', 'watch', 'secrets')]))
    assert.ok(!reads([be('associated-node'), on('associated-node', 'update', 'secrets')]))
  })
  test('is of a token of a pod: not of a user, of an account without its token, of what no pod uses', () => {
    const user = (to: string): boolean =>
      cluster(AGENT + grant(OWN, { to }), { version: 'v1.36' }).controls('User//jane', NEAR)
    assert.ok(!user('{kind: User, name: jane}'))
    assert.ok(!judged(OWN).controls(ATTACKER, NEAR))
    const without = AGENT.replace(
      'serviceAccountName: attacker,',
      'serviceAccountName: attacker, automountServiceAccountToken: false,',
    )
    assert.ok(!reads(OWN, NEAR, { more: without }))
    const unused = `${AGENT}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: unused, namespace: ops}`
    assert.ok(!reads(OWN, 'Secret/ops/unused', { more: unused }))
    const mirror = AGENT.replace(
      'metadata: {name: near,',
      'metadata: {name: near, annotations: {kubernetes.io/config.mirror: x},',
    )
    assert.ok(!reads(OWN, NEAR, { more: mirror }))
  })
  test('a group’s rights are those of its accounts', () => {
    const to = '{kind: Group, name: "system:serviceaccounts:app"}'
    assert.ok(cluster(AGENT + grant(OWN, { to }), { version: 'v1.36' }).controls(FROM, NEAR))
  })
  test('whoever makes tokens of the account, or pods of it, chooses the node', () => {
    const mints = grant([rule('create', 'serviceaccounts/token', '', 'agent')], {
      name: 'mints',
      to: '{kind: User, name: jane}',
      at: 'locked',
    })
    const makes = (name: string, at: string): string =>
      grant([rule('create', 'pods')], { name, to: `{kind: User, name: ${name}}`, at })
    const to = '{kind: ServiceAccount, name: agent, namespace: locked}'
    const of = (rules: readonly string[]) =>
      cluster(
        `${AGENT}
---
apiVersion: v1
kind: Namespace
metadata: {name: tight, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: agent, namespace: locked}${grant(rules, { to })}${mints}${makes('john', 'locked')}${makes('joe', 'tight')}`,
        { version: 'v1.36' },
      )
    const all = of(OWN)
    for (const who of ['User//jane', 'User//john'])
      for (const secret of [NEAR, FAR]) assert.ok(all.controls(who, secret), `${who} ${secret}`)
    assert.ok(!all.controls('User//joe', NEAR))
    const without = of([OWN[0] as string])
    for (const who of ['User//jane', 'User//john']) assert.ok(!without.controls(who, NEAR), who)
  })
  test('where pods were not seen, who runs beside whom is unknown', () => {
    const deployment = (name: string, namespace: string, spec: string): string => `
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec: {selector: {matchLabels: {a: ${name}}}, template: {metadata: {labels: {a: ${name}}}, spec: {containers: [{name: main, image: x}], ${spec}}}}
---
apiVersion: v1
kind: Secret
metadata: {name: ${name}-key, namespace: ${namespace}}`
    const { analysis } = judged(OWN, {
      more:
        '\n---\napiVersion: v1\nkind: Node\nmetadata: {name: worker-2}' +
        deployment('near', 'ops', uses('near')) +
        deployment('agent', 'app', 'serviceAccountName: attacker'),
    })
    const [edge] = analysis.edges.filter(({ kind }) => kind === 'pose-as-own-node')
    assert.equal(edge?.from, 'Deployment/app/agent')
    const reached = analysis.edges.filter(({ to }) => to === NEAR && to !== edge?.from)
    assert.ok(reached.length > 0)
    assert.ok(
      analysis.edges.some(({ from, to, truth }) => from === edge?.to && to.startsWith('Scope/') && truth === 'unknown'),
    )
  })
  test('what RBAC lets all nodes do, and this one', () => {
    const nodes = (to: string): string =>
      `${grant([rule('get', 'secrets')], { name: 'nodes', to, at: 'locked' })}
---
apiVersion: v1
kind: Secret
metadata: {name: vault, namespace: locked}`
    const vault = (to: string): boolean => reads(OWN, 'Secret/locked/vault', { more: AGENT + nodes(to) })
    assert.ok(vault('{kind: Group, name: "system:nodes"}'))
    assert.ok(vault('{kind: User, name: "system:node:worker-1"}'))
    assert.ok(!vault('{kind: User, name: "system:node:worker-2"}'))
    assert.ok(!vault('{kind: Group, name: others}'))
  })
  test('the evidence names every right and binding', () => {
    const { analysis } = judged(OWN)
    const edge = analysis.edges.find(({ kind }) => kind === 'pose-as-own-node')
    const told = edge?.because.flatMap(({ object, path }) => (object ? [`${object.id} ${path?.join('.')}`] : []))
    for (const each of ['ClusterRoleBinding//granted subjects.0', 'ClusterRole//granted rules.0'])
      assert.ok(told?.includes(each), told?.join(', '))
    const read = analysis.edges.find(({ from, to }) => from === edge?.to && to === NEAR)
    assert.ok(
      read?.because.some(({ object, path }) => object?.id === 'ClusterRole//granted' && path?.join('.') === 'rules.1'),
    )
  })
})

describe('any node', () => {
  const any = (rules: readonly string[], to = NEAR, version = 'v1.36'): boolean =>
    judged(rules, { version }).controls(ATTACKER, to)
  test('by name or all, whoever it is', () => {
    const get = on('arbitrary-node', 'get', 'secrets')
    assert.ok(any([be('arbitrary-node'), get]))
    assert.ok(any([be('arbitrary-node'), get], FAR))
    assert.ok(any([be('arbitrary-node', 'worker-2'), get], FAR))
    assert.ok(!any([be('arbitrary-node', 'worker-2'), get], NEAR))
    assert.ok(!any([be('arbitrary-node', 'worker-9'), get]))
    assert.ok(!any([be('arbitrary-node')]))
    assert.ok(!any([get]))
    assert.ok(!any([be('arbitrary-node'), get], NEAR, 'v1.35'))
    assert.ok(!any([be('arbitrary-node'), on('associated-node', 'get', 'secrets')]))
    assert.ok(
      any([be('arbitrary-node'), on('arbitrary-node', 'create', 'serviceaccounts/token')], 'ServiceAccount/ops/far'),
    )
  })
  test('of a group, told at the group', () => {
    const to = '{kind: Group, name: agents}'
    const { analysis } = cluster(
      AGENT + grant([be('arbitrary-node'), on('arbitrary-node', 'get', 'secrets')], { to }),
      {
        version: 'v1.36',
      },
    )
    assert.deepEqual(
      [...new Set(analysis.edges.filter(({ kind }) => kind === 'pose-as-node').map(({ from }) => from))],
      ['Group//agents'],
    )
  })
})
