import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ATTACKER, cluster as base, CONTROL_PLANE, grant, RBAC, rule } from './engines/access/testing.ts'
import { analyseText, type Judged } from './loop.testing.ts'
import type { Options } from './loop.ts'

/**
 * Paths that exist and paths that do not, where tools of the field err: false and missing paths of the closest rival,
 * and faults of the others that were found by reading them. Each is a cluster of its own; `attacker` is where it starts.
 */

/** A victim beside the attacker: a workload with its own account and Secrets; and a workload of the administrator. */
const VICTIM = `
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: victim, namespace: app}
---
apiVersion: v1
kind: Secret
metadata: {name: harmless, namespace: app}
---
apiVersion: v1
kind: Secret
metadata: {name: password, namespace: app}
---
apiVersion: v1
kind: Secret
metadata: {name: admin-token, namespace: ops, annotations: {kubernetes.io/service-account.name: admin}}
type: kubernetes.io/service-account-token
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: victim, namespace: app}
spec:
  selector: {matchLabels: {app: victim}}
  template:
    metadata: {labels: {app: victim}}
    spec:
      serviceAccountName: victim
      automountServiceAccountToken: false
      containers: [{name: main, image: victim, ports: [{containerPort: 80}]}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: console, namespace: ops}
spec:
  selector: {matchLabels: {app: console}}
  template:
    metadata: {labels: {app: console}}
    spec:
      serviceAccountName: admin
      containers: [{name: main, image: console}]
`

interface Grant {
  readonly rules: readonly string[]
  /** A RoleBinding in this namespace; absent: a ClusterRoleBinding. */
  readonly in?: string
  readonly subject?: string
}

function grants(...all: readonly Grant[]): string {
  return all
    .map(({ rules, in: at, subject: to }, index) =>
      grant(rules, {
        name: `granted-${index}`,
        ...(at === undefined ? {} : { at }),
        ...(to === undefined ? {} : { to }),
      }),
    )
    .join('')
}

function cluster(granted: string, more = '', options: Options = {}): Judged {
  return base(`${VICTIM}${granted}${more}`, options)
}

function leads(title: string, judged: () => Judged, to: string, from = ATTACKER): void {
  test(`a path: ${title}`, () => assert.ok(judged().controls(from, to), `${from} should control ${to}`))
}

function leadsNot(title: string, judged: () => Judged, to: string, from = ATTACKER): void {
  test(`no path: ${title}`, () => assert.ok(!judged().controls(from, to), `${from} must not control ${to}`))
}

describe('false paths of the closest rival', () => {
  leadsNot(
    'nodes/proxy through a RoleBinding',
    () => cluster(grants({ rules: [rule('get, create', 'nodes/proxy')], in: 'app' })),
    'Deployment/app/victim',
  )
  leadsNot(
    'writing bindings without bind',
    () => cluster(grants({ rules: [rule('create, update', 'clusterrolebindings, rolebindings', RBAC)] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'bind without writing bindings',
    () => cluster(grants({ rules: [rule('bind', 'clusterroles', RBAC)] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'escalate without update',
    () => cluster(grants({ rules: [rule('escalate, get', 'clusterroles', RBAC)] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'exec into a pod without a token',
    () => cluster(grants({ rules: [rule('create', 'pods/exec')], in: 'app' })),
    'ServiceAccount/app/victim',
  )
  leadsNot(
    'rights limited to a harmless Secret',
    () => cluster(grants({ rules: [rule('get', 'secrets', '', 'harmless')] })),
    'Secret/app/password',
  )
  leadsNot(
    'get pods/exec on a server that no longer honours it',
    () => cluster(grants({ rules: [rule('get', 'pods/exec')] })),
    'Deployment/ops/console',
  )
  leadsNot(
    'a certificate request without the signer’s approve',
    () =>
      cluster(
        grants({
          rules: [
            rule('create', 'certificatesigningrequests', 'certificates.k8s.io'),
            rule('update', 'certificatesigningrequests/approval', 'certificates.k8s.io'),
          ],
        }),
      ),
    CONTROL_PLANE,
  )
  test('no path: a wildcard Role in one namespace taken for cluster-admin', () => {
    const everything = grants({ rules: ['{verbs: ["*"], apiGroups: ["*"], resources: ["*"]}'], in: 'app' })
    assert.deepEqual(cluster(everything).kinds(ATTACKER, CONTROL_PLANE), [])
    // By a privileged pod on the node where an administrator's token is, it gets there all the same; without one, not.
    assert.ok(cluster(everything).controls(ATTACKER, CONTROL_PLANE))
    const alone = VICTIM.slice(0, VICTIM.indexOf('---\napiVersion: apps/v1'))
    assert.ok(!base(alone + everything).controls(ATTACKER, CONTROL_PLANE))
    const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: attacker, namespace: app}\n'
    assert.ok(!analyseText(account + everything).controls(ATTACKER, CONTROL_PLANE))
  })
  leadsNot(
    'every verb on every resource of one API group',
    () => cluster(grants({ rules: ['{verbs: ["*"], apiGroups: [example.com], resources: ["*"]}'] })),
    CONTROL_PLANE,
  )
})

describe('missing paths of the closest rival', () => {
  for (const [resource, group] of [
    ['deployments', 'apps'],
    ['statefulsets', 'apps'],
    ['daemonsets', 'apps'],
    ['replicasets', 'apps'],
    ['jobs', 'batch'],
    ['cronjobs', 'batch'],
    ['replicationcontrollers', ''],
  ] as const) {
    leads(
      `create ${resource}`,
      () => cluster(grants({ rules: [rule('create', resource, group)], in: 'ops' })),
      CONTROL_PLANE,
    )
  }
  leads(
    'patch deployments',
    () => cluster(grants({ rules: [rule('patch', 'deployments', 'apps')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leads(
    'update deployments by name',
    () => cluster(grants({ rules: [rule('update', 'deployments', 'apps', 'console')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leadsNot(
    'patch of a kind of which no object exists',
    () => cluster(grants({ rules: [rule('patch', 'statefulsets', 'apps')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leadsNot(
    'patch of scale',
    () => cluster(grants({ rules: [rule('patch', 'deployments/scale', 'apps')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leads('patch pods', () => cluster(grants({ rules: [rule('patch', 'pods')], in: 'ops' })), 'Deployment/ops/console')
  leads(
    'a token Secret read',
    () => cluster(grants({ rules: [rule('get', 'secrets', '', 'admin-token')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leads(
    'a token Secret minted and read',
    () => cluster(grants({ rules: [rule('create, get', 'secrets')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leadsNot(
    'a token Secret minted and not read',
    () => cluster(grants({ rules: [rule('create', 'secrets')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leads(
    'a restricted namespace whose label may be patched',
    () =>
      cluster(
        grants(
          { rules: [rule('create', 'pods')], in: 'locked' },
          { rules: [rule('patch', 'namespaces')], in: 'locked' },
        ),
      ),
    'Node//worker-1',
  )
  leadsNot(
    'a restricted namespace',
    () => cluster(grants({ rules: [rule('create', 'pods')], in: 'locked' })),
    'Node//worker-1',
  )
  leads(
    'a service account bound as a user name',
    () =>
      cluster(
        grants({
          rules: [rule('create', 'serviceaccounts/token')],
          in: 'ops',
          subject: '{kind: User, name: "system:serviceaccount:app:attacker"}',
        }),
      ),
    CONTROL_PLANE,
  )
  leads(
    'a service account bound through its namespace’s group',
    () =>
      cluster(
        grants({
          rules: [rule('create', 'serviceaccounts/token')],
          in: 'ops',
          subject: '{kind: Group, name: "system:serviceaccounts:app"}',
        }),
      ),
    CONTROL_PLANE,
  )
  leads(
    'a service account bound through all accounts’ group',
    () =>
      cluster(
        grants({
          rules: [rule('create', 'serviceaccounts/token')],
          in: 'ops',
          subject: '{kind: Group, name: "system:serviceaccounts"}',
        }),
      ),
    CONTROL_PLANE,
  )
  leads(
    'a service account bound through everybody’s group',
    () =>
      cluster(
        grants({
          rules: [rule('create', 'serviceaccounts/token')],
          in: 'ops',
          subject: '{kind: Group, name: "system:authenticated"}',
        }),
      ),
    CONTROL_PLANE,
  )
  leads(
    'exec into a pod that holds a token',
    () => cluster(grants({ rules: [rule('create', 'pods/exec')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leads(
    'get pods/exec on a server that honours it',
    () => cluster(grants({ rules: [rule('get', 'pods/exec')], in: 'ops' }), '', { version: 'v1.34' }),
    CONTROL_PLANE,
  )
})

describe('subjects that are hidden by their names elsewhere', () => {
  for (const [kind, name] of [
    ['User', 'system:anonymous'],
    ['Group', 'system:unauthenticated'],
    ['Group', 'system:authenticated'],
    ['Group', 'system:serviceaccounts'],
  ] as const) {
    test(`cluster-admin for ${name} is an entry, an edge and a critical finding`, () => {
      const { analysis, controls } = cluster(
        grants({
          rules: ['{verbs: ["*"], apiGroups: ["*"], resources: ["*"]}'],
          subject: `{kind: ${kind}, name: "${name}"}`,
        }),
      )
      assert.ok(controls(`${kind}//${name}`, CONTROL_PLANE))
      assert.ok(analysis.entries.some((entry) => entry.id === `${kind}//${name}` && entry.reach.share === 1))
      assert.ok(
        analysis.findings().some((finding) => finding.check === 'wide-group' && finding.severity === 'critical'),
      )
    })
  }
  test('a binding is a default one by what it says, not by its label or name', () => {
    const forged = `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "system:basic-user", labels: {kubernetes.io/bootstrapping: rbac-defaults}}
roleRef: {kind: ClusterRole, name: cluster-admin}
subjects: [{kind: Group, name: "system:authenticated"}]`
    const { analysis } = cluster('', forged)
    assert.ok(
      analysis
        .findings()
        .some((finding) => finding.check === 'wide-group' && finding.object.name === 'system:basic-user'),
    )
    assert.ok(analysis.entries.some((entry) => entry.id === 'Group//system:authenticated'))
  })
})

describe('faults of other tools, found by reading them', () => {
  leadsNot(
    'a rule on pods/* is no wildcard',
    () => cluster(grants({ rules: [rule('create', '"pods/*"')] })),
    'Deployment/ops/console',
  )
  leads(
    'a rule on * takes subresources in',
    () => cluster(grants({ rules: [rule('create', '"*"')], in: 'ops' })),
    'Deployment/ops/console',
  )
  leadsNot(
    'verbs are compared as written',
    () => cluster(grants({ rules: [rule('CREATE, GET', 'pods/exec, secrets')] })),
    'Secret/app/password',
  )
  leadsNot(
    'resources are compared as written',
    () => cluster(grants({ rules: [rule('get', 'Secrets')] })),
    'Secret/app/password',
  )
  leadsNot(
    'bind on bindings is not bind on roles',
    () => cluster(grants({ rules: [rule('bind, create', 'clusterrolebindings, rolebindings', RBAC)] })),
    CONTROL_PLANE,
  )
  leads(
    'bind on one strong role, and create',
    () =>
      cluster(
        grants({
          rules: [rule('bind', 'clusterroles', RBAC, 'cluster-admin'), rule('create', 'clusterrolebindings', RBAC)],
        }),
      ),
    CONTROL_PLANE,
  )
  leadsNot(
    'bind on one weak role, and create',
    () =>
      cluster(
        grants({ rules: [rule('bind', 'clusterroles', RBAC, 'view'), rule('create', 'clusterrolebindings', RBAC)] }),
      ),
    CONTROL_PLANE,
  )
  leads(
    'bind from one rule and create from another binding',
    () =>
      cluster(
        grants(
          { rules: [rule('bind', 'clusterroles', RBAC)] },
          { rules: [rule('create', 'clusterrolebindings', RBAC)] },
        ),
      ),
    CONTROL_PLANE,
  )
  leads(
    'bind and create in one namespace',
    () =>
      cluster(grants({ rules: [rule('bind', 'clusterroles', RBAC), rule('create', 'rolebindings', RBAC)], in: 'ops' })),
    'Secret/ops/admin-token',
  )
  leads(
    'bind of cluster-admin, which no binding of the input names',
    () => cluster(grants({ rules: [rule('bind', 'clusterroles', RBAC), rule('update', 'clusterrolebindings', RBAC)] })),
    CONTROL_PLANE,
  )
  leads(
    'escalate and update',
    () => cluster(grants({ rules: [rule('escalate, update', 'clusterroles', RBAC)] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'escalate on a role that is bound to somebody else',
    () => cluster(grants({ rules: [rule('escalate, update', 'clusterroles', RBAC, 'other')] })),
    CONTROL_PLANE,
  )
  leads('nodes/proxy with get alone', () => cluster(grants({ rules: [rule('get', 'nodes/proxy')] })), CONTROL_PLANE)
  leads(
    'nodes/proxy with create alone',
    () => cluster(grants({ rules: [rule('create', 'nodes/proxy')] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'nodes/proxy for another node',
    () => cluster(grants({ rules: [rule('get', 'nodes/proxy', '', 'elsewhere')] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'the API group counts: pods of another group',
    () => cluster(grants({ rules: [rule('create', 'pods', 'metrics.k8s.io')] })),
    CONTROL_PLANE,
  )
  leads(
    'exec needs no right to get the pod',
    () => cluster(grants({ rules: [rule('create', 'pods/exec')] })),
    CONTROL_PLANE,
  )
  leads(
    'a right with resourceNames counts for what it names',
    () => cluster(grants({ rules: [rule('create', 'serviceaccounts/token', '', 'admin')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leadsNot(
    'and for nothing else',
    () => cluster(grants({ rules: [rule('create', 'serviceaccounts/token', '', 'other')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leadsNot(
    'create with resourceNames never matches a new object',
    () => cluster(grants({ rules: [rule('create', 'pods', '', 'console')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leadsNot(
    'a RoleBinding grants nothing on nodes',
    () => cluster(grants({ rules: [rule('"*"', 'nodes, nodes/proxy, persistentvolumes')], in: 'app' })),
    'Node//worker-1',
  )
  leads(
    'system:masters by impersonation of a group and a user',
    () =>
      cluster(
        grants({
          rules: [rule('impersonate', 'groups', '', '"system:masters"'), rule('impersonate', 'users', '', 'jane')],
        }),
      ),
    CONTROL_PLANE,
  )
  leadsNot(
    'a group alone cannot be impersonated',
    () => cluster(grants({ rules: [rule('impersonate', 'groups')] })),
    CONTROL_PLANE,
  )
  leads(
    'a service account impersonated by name',
    () => cluster(grants({ rules: [rule('impersonate', 'serviceaccounts', '', 'admin')], in: 'ops' })),
    CONTROL_PLANE,
  )
  leadsNot(
    'a user of a harmless name',
    () => cluster(grants({ rules: [rule('impersonate', 'users', '', 'jane')] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'list with resourceNames reads that Secret only',
    () => cluster(grants({ rules: [rule('list', 'secrets', '', 'harmless')], in: 'app' })),
    'Secret/app/password',
  )
  leads(
    'and that Secret it does read, with a field selector',
    () => cluster(grants({ rules: [rule('list', 'secrets', '', 'harmless')], in: 'app' })),
    'Secret/app/harmless',
  )
  test('exec limited to one pod is exec into that pod', () => {
    const more = `
---
apiVersion: v1
kind: Pod
metadata: {name: lone, namespace: app}
spec: {containers: [{name: main, image: lone}]}`
    const { controls } = cluster(grants({ rules: [rule('create', 'pods/exec', '', 'lone')], in: 'app' }), more)
    assert.ok(controls(ATTACKER, 'Pod/app/lone'))
    assert.ok(!controls(ATTACKER, 'Deployment/app/victim'))
  })
  test('port-forward is a contact past every policy; a proxied connection is dialled by the API server', () => {
    const deny = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: deny, namespace: app}
spec: {podSelector: {}, policyTypes: [Ingress]}`
    const forwarded = cluster(grants({ rules: [rule('create', 'pods/portforward')], in: 'app' }), deny)
    assert.equal(forwarded.chance(ATTACKER, 'Deployment/app/victim'), 0.1)
    const proxied = cluster(grants({ rules: [rule('create', 'pods/proxy')], in: 'app' }), deny)
    assert.equal(proxied.chance(ATTACKER, 'Deployment/app/victim'), 0)
    assert.equal(
      cluster(grants({ rules: [rule('create', 'pods/proxy')], in: 'app' })).chance(ATTACKER, 'Deployment/app/victim'),
      0.1,
    )
  })
  test('an egress policy cuts the radius of a token', () => {
    const closed = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: ops}
spec: {podSelector: {}, policyTypes: [Egress]}`
    assert.ok(cluster('').controls('Deployment/ops/console', CONTROL_PLANE))
    assert.ok(!cluster('', closed).controls('Deployment/ops/console', CONTROL_PLANE))
    assert.ok(cluster('', closed, { enforced: 'no' }).controls('Deployment/ops/console', CONTROL_PLANE))
  })
})

describe('identity and what serves the API', () => {
  const CERTIFICATES = 'certificates.k8s.io'
  const ADMISSION = 'admissionregistration.k8s.io'
  const request = rule('create', 'certificatesigningrequests', CERTIFICATES)
  const approval = rule('update', 'certificatesigningrequests/approval', CERTIFICATES)
  const approve = (names: string): string => rule('approve', 'signers', CERTIFICATES, names)
  leads(
    'a certificate request with its approval and the signer’s approve',
    () => cluster(grants({ rules: [request, approval, approve('kubernetes.io/kube-apiserver-client')] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'a certificate of another signer',
    () => cluster(grants({ rules: [request, approval, approve('example.com/internal')] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'a certificate in the group system:masters',
    () => cluster(grants({ rules: [request, approval, approve('kubernetes.io/kube-apiserver-client')] })),
    'Group//system:masters',
  )
  leadsNot(
    'sign without the key of the authority',
    () =>
      cluster(
        grants({
          rules: [
            request,
            rule('sign', 'signers', CERTIFICATES),
            rule('update', 'certificatesigningrequests/status', CERTIFICATES),
          ],
        }),
      ),
    CONTROL_PLANE,
  )
  leads(
    'a mutating webhook',
    () => cluster(grants({ rules: [rule('create', 'mutatingwebhookconfigurations', ADMISSION)] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'a validating webhook, which changes nothing',
    () => cluster(grants({ rules: [rule('create', 'validatingwebhookconfigurations', ADMISSION)] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'a mutating webhook through a RoleBinding',
    () => cluster(grants({ rules: [rule('create', 'mutatingwebhookconfigurations', ADMISSION)], in: 'app' })),
    'Deployment/app/victim',
  )
  leads(
    'a MutatingAdmissionPolicy and its binding',
    () =>
      cluster(
        grants({ rules: [rule('create', 'mutatingadmissionpolicies, mutatingadmissionpolicybindings', ADMISSION)] }),
      ),
    CONTROL_PLANE,
  )
  leadsNot(
    'a MutatingAdmissionPolicy without a binding',
    () => cluster(grants({ rules: [rule('create', 'mutatingadmissionpolicies', ADMISSION)] })),
    CONTROL_PLANE,
  )
  const AUTHENTICATION = 'authentication.k8s.io'
  const be = rule('"impersonate:serviceaccount"', 'serviceaccounts', AUTHENTICATION, 'admin')
  const on = (verb: string, resource: string): string => rule(`"impersonate-on:serviceaccount:${verb}"`, resource)
  leads(
    'constrained impersonation of what both may',
    () => cluster(grants({ rules: [be, on('create', 'pods/exec')], in: 'ops' })),
    'Deployment/ops/console',
  )
  leadsNot(
    'constrained impersonation before it was there',
    () => cluster(grants({ rules: [be, on('create', 'pods/exec')], in: 'ops' }), '', { version: 'v1.34' }),
    'Deployment/ops/console',
  )
  leadsNot(
    'constrained impersonation without a request to make',
    () => cluster(grants({ rules: [be], in: 'ops' })),
    'ServiceAccount/ops/admin',
  )
  leadsNot(
    'a new ClusterRole with the label of an aggregation, of what is held only',
    () =>
      cluster(
        grants({ rules: [rule('create, update', 'clusterroles', RBAC)] }, { rules: [rule('get', 'pods')], in: 'ops' }),
      ),
    CONTROL_PLANE,
  )
  leads(
    'APIServices that are replaced',
    () => cluster(grants({ rules: [rule('update', 'apiservices', 'apiregistration.k8s.io')] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'APIServices that are created',
    () => cluster(grants({ rules: [rule('create', 'apiservices', 'apiregistration.k8s.io')] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'a custom resource that no controller of the input obeys',
    () => cluster(grants({ rules: [rule('create', 'kustomizations', 'kustomize.toolkit.fluxcd.io')] })),
    CONTROL_PLANE,
  )
  leadsNot(
    'a node by its name, without its group',
    () => cluster(grants({ rules: [rule('impersonate', 'users', '', '"system:node:worker-1"')] })),
    CONTROL_PLANE,
  )
})
