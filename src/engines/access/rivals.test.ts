import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Options } from '../../loop.ts'
import { ATTACKER, bind, CONTROL_PLANE, cluster, grant, NODE, RBAC, rule, workload } from './testing.ts'

/**
 * What tools of the field get wrong, measured or read in their code, each under a number: paths that they draw and that are
 * none (F), paths that they do not draw (M), subjects that they hide (H), and faults of each (K, P, S, I, R, C). Of what stands on
 * cloud providers the tests are with the engine of clouds.
 */

/** In `ops`: a workload with the token of an administrator, an application, its Secret. */
const OPS = `${workload('Deployment', 'console', { spec: ', serviceAccountName: admin' }).replace('automountServiceAccountToken: false, ', '')}
---
apiVersion: v1
kind: Secret
metadata: {name: token, namespace: ops, annotations: {kubernetes.io/service-account.name: admin}}
type: kubernetes.io/service-account-token
---
apiVersion: v1
kind: Secret
metadata: {name: harmless, namespace: ops}`
const CONSOLE = 'Deployment/ops/console'

interface Case {
  readonly in?: string
  readonly to?: string
  readonly from?: string
  readonly subject?: string
  readonly more?: string
  readonly options?: Options
}

function leads(
  rules: readonly string[],
  { in: at, to = CONTROL_PLANE, from = ATTACKER, subject, more = '', options = {} }: Case,
): boolean {
  const rights =
    rules.length === 0
      ? ''
      : grant(rules, { ...(at === undefined ? {} : { at }), ...(subject === undefined ? {} : { to: subject }) })
  return cluster(OPS + rights + more, options).controls(from, to)
}
const path = (id: string, title: string, rules: readonly string[], given: Case = {}): void =>
  void test(`${id} a path: ${title}`, () => assert.ok(leads(rules, given)))
const none = (id: string, title: string, rules: readonly string[], given: Case = {}): void =>
  void test(`${id} no path: ${title}`, () => assert.ok(!leads(rules, given)))

const CSR = 'certificates.k8s.io'
const ADMISSION = 'admissionregistration.k8s.io'
const EVERYTHING = rule('"*"', '"*"', '*')

/** A pod of the attacker’s namespace, as which one starts. */
const pod = (spec: string, more = '', namespace = 'app') => `
---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: ${namespace}}
spec: {automountServiceAccountToken: false, containers: [{name: main, image: x${spec}}]${more}}`
const mount = (host: string, readOnly = false) =>
  pod(
    `, volumeMounts: [{name: v, mountPath: /v, readOnly: ${readOnly}}]`,
    `, volumes: [{name: v, hostPath: {path: ${host}}}]`,
  )
const escapes = (id: string, title: string, more: string): void =>
  path(id, title, [], { more, from: 'Pod/app/p', to: NODE })
const stays = (id: string, title: string, more: string): void =>
  none(id, title, [], { more, from: 'Pod/app/p', to: NODE })

describe('false paths', () => {
  none('F1', 'nodes/proxy through a RoleBinding', [rule('get, create', 'nodes/proxy')], { in: 'ops' })
  none('F2', 'bindings created without bind', [rule('create', 'clusterrolebindings, rolebindings', RBAC)])
  none('F3', 'bind without a binding', [rule('bind', 'clusterroles', RBAC)])
  none('F4', 'escalate without update', [rule('escalate', 'clusterroles', RBAC)])
  none('F5', 'exec into a pod without a token', [rule('create', 'pods/exec')], {
    in: 'kube-system',
    more: pod('', ', serviceAccountName: admin', 'kube-system'),
  })
  none('F6', 'rights for a harmless object', [rule('get', 'secrets', '', 'harmless')], { in: 'ops' })
  none('F7', 'get pods/exec where it is honoured no more', [rule('get', 'pods/exec')], {
    in: 'ops',
    options: { version: 'v1.36' },
  })
  none('F8', 'a certificate request without the signer’s approve', [
    rule('create', 'certificatesigningrequests', CSR),
    rule('update', 'certificatesigningrequests/approval', CSR),
  ])
  test('F9 everything in one namespace is not everything', () => {
    const { analysis } = cluster(OPS + grant([EVERYTHING], { at: 'ops' }))
    const all = analysis.edges.filter(({ from, to }) => from === ATTACKER && to === CONTROL_PLANE)
    assert.deepEqual(all, [])
  })
})

describe('missing paths', () => {
  for (const [at, [resource, group]] of (
    [
      ['deployments', 'apps'],
      ['jobs', 'batch'],
      ['cronjobs', 'batch'],
      ['replicationcontrollers', ''],
      ['statefulsets', 'apps'],
    ] as const
  ).entries())
    path(`M1.${at + 1}`, `create ${resource}`, [rule('create', resource, group)], { in: 'ops' })
  path('M2', 'patch deployments', [rule('patch', 'deployments', 'apps')], { in: 'ops' })
  path('M3', 'patch pods', [rule('patch', 'pods')], { in: 'ops', to: CONSOLE })
  path('M4', 'a token Secret that is read', [rule('get', 'secrets', '', 'token')], { in: 'ops' })
  path('M5', 'a token Secret that is made and read', [rule('create, get', 'secrets')], { in: 'ops' })
  path('M6', 'mutating webhooks', [rule('create', 'mutatingwebhookconfigurations', ADMISSION)])
  path('M7', 'mutating admission policies', [
    rule('create', 'mutatingadmissionpolicies, mutatingadmissionpolicybindings', ADMISSION),
  ])
  path(
    'M8',
    'constrained impersonation',
    [
      rule('"impersonate:serviceaccount"', 'serviceaccounts', 'authentication.k8s.io', 'admin'),
      rule('"impersonate-on:serviceaccount:get"', 'secrets'),
    ],
    { to: 'Secret/ops/token' },
  )
  test('M9 the CoreDNS ConfigMap: contact with every Service, and an end to what asks', () => {
    const more = `
---
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
---
apiVersion: v1
kind: Service
metadata: {name: console, namespace: ops}
spec: {selector: {a: console}, ports: [{port: 80}]}`
    const write = grant([rule('patch', 'configmaps', '', 'coredns')], { at: 'kube-system' })
    const judged = cluster(OPS + more + write)
    assert.equal(judged.chance(ATTACKER, CONSOLE), 0.1)
    assert.ok(judged.controls(ATTACKER, judged.analysis.applications.applicationOf(CONSOLE)?.id ?? ''))
  })
  path('M10', 'pods drawn to an owned node', [rule('delete', 'pods'), rule('patch', 'nodes')], {
    from: NODE,
    more: `${pod('', ', nodeName: worker-1').replace('automountServiceAccountToken: false', 'serviceAccountName: attacker')}
---
apiVersion: v1
kind: Node
metadata: {name: worker-2}`,
  })
  path(
    'M11',
    'a restricted namespace whose label may be patched',
    [rule('create', 'pods'), rule('patch', 'namespaces')],
    {
      in: 'locked',
      to: NODE,
    },
  )
  none('M11', 'a restricted namespace', [rule('create', 'pods')], { in: 'locked', to: NODE })
  for (const [at, socket] of ['/run/containerd/containerd.sock', '/run', '/var/run/docker.sock', '/run/crio'].entries())
    escapes(`M12.${at + 1}`, `a runtime’s socket by ${socket}`, mount(socket))
  escapes('M13.1', '/proc', mount('/proc'))
  escapes('M13.2', '/etc/cron.d', mount('/etc/cron.d'))
  stays('M13', '/etc/cron.d, read-only', mount('/etc/cron.d', true))
  escapes('M14', 'CAP_SYS_ADMIN', pod(', securityContext: {capabilities: {add: [SYS_ADMIN]}}'))
  for (const [at, subject] of [
    '{kind: User, name: "system:serviceaccount:app:attacker"}',
    '{kind: Group, name: "system:serviceaccounts:app"}',
    '{kind: Group, name: "system:serviceaccounts"}',
    '{kind: Group, name: "system:authenticated"}',
  ].entries())
    path(`M15.${at + 1}`, `a service account bound as ${subject}`, [rule('create', 'serviceaccounts/token')], {
      in: 'ops',
      subject,
    })
})

describe('hidden by their names', () => {
  for (const [at, [kind, name]] of (
    [
      ['User', 'system:anonymous'],
      ['Group', 'system:authenticated'],
      ['Group', 'system:unauthenticated'],
      ['User', 'system:of-our-own'],
    ] as const
  ).entries())
    test(`H${at + 1} cluster-admin of ${name}`, () => {
      const { analysis, controls } = cluster(OPS + grant([EVERYTHING], { to: `{kind: ${kind}, name: "${name}"}` }))
      assert.ok(controls(`${kind}//${name}`, CONTROL_PLANE))
      // A component of the cluster is no entry of its own; what it may do is told all the same.
      if (name !== 'system:of-our-own') assert.ok(analysis.entries.some(({ id }) => id === `${kind}//${name}`))
      assert.ok(
        analysis.findings().some(({ part, severity }) => part === `${kind}//${name}` && severity === 'critical'),
      )
    })
})

describe('faults of KubeHound', () => {
  path('K1.1', 'pods by the groups apps and batch', [rule('create', 'jobs', 'batch')], { in: 'ops' })
  path('K1.2', 'templates of the group apps', [rule('patch', 'deployments', 'apps')], { in: 'ops', to: CONSOLE })
  path('K2', 'a rule with names', [rule('create', 'serviceaccounts/token', '', 'admin')], { in: 'ops' })
  none('K3', 'pods/* is no wildcard', [rule('create', '"pods/*"')])
  escapes('K4', 'a runtime’s socket below /var/run', mount('/var/run/docker.sock'))
  test('K5 /etc, read-only, is nothing that is written', () => {
    const steps = (readOnly: boolean) =>
      cluster(mount('/etc', readOnly)).analysis.edges.filter(
        ({ kind, from }) => kind === 'host-path-write' && from === 'Pod/app/p',
      ).length
    assert.equal(steps(true), 0)
    assert.ok(steps(false) > 0)
  })
  path('K6', 'bind cluster-admin, which nothing binds yet', [
    rule('bind', 'clusterroles', RBAC, 'cluster-admin'),
    rule('create', 'clusterrolebindings', RBAC),
  ])
  path('K7', 'system:masters', [], {
    from: 'User//jane',
    more:
      bind('kind: ClusterRole, name: view', { name: 'views', to: '{kind: User, name: jane}' }) +
      grant([rule('impersonate', 'groups', '', '"system:masters"'), rule('impersonate', 'users', '', 'x')], {
        name: 'pose',
        to: '{kind: User, name: jane}',
      }),
  })
  path('K8', 'what the Node authorizer lets a node read', [], {
    from: NODE,
    to: 'Secret/ops/harmless',
    more: pod(', envFrom: [{secretRef: {name: harmless}}]', ', nodeName: worker-1', 'ops'),
  })
  none('K9', 'a list of Secrets is not every identity', [rule('list', 'secrets')], { in: 'kube-system' })
  none('K10', 'a new pod where Pod Security is restricted', [rule('create', 'pods')], { in: 'locked', to: NODE })
})

describe('faults of others', () => {
  none('P1', 'rbac-police: bind on bindings', [rule('bind, create', 'clusterrolebindings, rolebindings', RBAC)])
  path('P2', 'rbac-police, IceKube, KubiScan: get nodes/proxy alone', [rule('get', 'nodes/proxy')])
  path('P3', 'rbac-police: another namespace than kube-system', [rule('create', 'pods')], { in: 'ops' })
  path('P4', 'rbac-police: names', [rule('get', 'secrets', '', 'token')], { in: 'ops' })
  path('S1', 'KubiScan: create nodes/proxy alone', [rule('create', 'nodes/proxy')])
  none('S2', 'KubiScan: the group counts', [
    rule('create', 'pods/exec', 'metrics.k8s.io'),
    rule('get', 'secrets', 'example.com'),
  ])
  path('I1', 'IceKube: exec without get', [rule('create', 'pods/exec')], { in: 'ops' })
  stays(
    'I2',
    'IceKube: a capability of every container',
    pod(', securityContext: {capabilities: {add: [MKNOD, NET_RAW, SYS_CHROOT]}}'),
  )
  test('I3 IceKube: no certificate in system:masters from kube-apiserver-client', () => {
    const rules = [
      rule('create', 'certificatesigningrequests', CSR),
      rule('update', 'certificatesigningrequests/approval', CSR),
      rule('approve', 'signers', CSR, '"kubernetes.io/kube-apiserver-client"'),
    ]
    const { analysis } = cluster(OPS + grant(rules))
    assert.ok(analysis.edges.some(({ kind, from }) => kind === 'approve-certificate' && from === ATTACKER))
    assert.ok(!analysis.edges.some(({ kind, to }) => kind !== 'member' && to === 'Group//system:masters'))
  })
  path('R1', 'krane: from a pod to its node', [], {
    from: 'Pod/app/p',
    to: NODE,
    more: pod(', securityContext: {privileged: true}'),
  })
  test('C1 kubesplaining: impersonation leads to whom it names', () => {
    const jane = bind('kind: ClusterRole, name: view', { name: 'jane', to: '{kind: User, name: jane}' })
    const judged = cluster(OPS + jane + grant([rule('impersonate', 'users', '', 'jane')]))
    assert.ok(judged.controls(ATTACKER, 'User//jane'))
    assert.ok(!judged.controls(ATTACKER, CONTROL_PLANE))
  })
})

describe('negative controls of all', () => {
  none('N1', 'verbs are compared as written', [rule('GET, CREATE', 'secrets, pods, pods/exec')])
  none('N2', 'a list by name is of that name', [rule('list', 'secrets', '', 'harmless')], { in: 'ops' })
  none(
    'N3',
    'a RoleBinding to nodes and PersistentVolumes',
    [rule('"*"', 'nodes, nodes/proxy, nodes/status, persistentvolumes')],
    {
      in: 'app',
      to: NODE,
    },
  )
  none('N4', 'exec into one other pod', [rule('create', 'pods/exec', '', 'p')], { in: 'ops' })
  none('N5', 'pods/binding without a pod', [rule('create', 'pods/binding')])
  none(
    'N6',
    'what is told of nodes is no command',
    [rule('get, list', 'nodes, nodes/stats, nodes/metrics, nodes/configz, nodes/pods')],
    {
      to: NODE,
    },
  )
})
