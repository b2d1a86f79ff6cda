import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { bulkhead, root, testFolder } from './cli.testing.ts'

const folder = testFolder()
const schema = new Ajv.default({ strict: false }).compile(
  JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as object,
)

const RBAC = `# who may what
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects:
- {kind: User, name: alice}
- {kind: User, name: bob}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: alone, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects:
- {kind: User, name: "oidc:alice@example.com"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: devs, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects:
- {kind: Group, name: devs}
- {kind: ServiceAccount, name: robot, namespace: shop}
---
apiVersion: rbacmanager.reactiveops.io/v1beta1
kind: RBACDefinition
metadata: {name: team}
rbacBindings:
- name: readers
  subjects:
  - {kind: User, name: alice}
  - {kind: User, name: carol}
  clusterRoleBindings:
  - clusterRole: view
---
apiVersion: v1
kind: ConfigMap
metadata: {name: aws-auth, namespace: kube-system}
data:
  mapUsers: |
    - userarn: arn:aws:iam::1:user/alice
      username: alice
      groups: [devs]
    # bob stays
    - userarn: arn:aws:iam::1:user/bob
      username: bob
---
apiVersion: v1
kind: Secret
metadata: {name: robot-token, namespace: shop, annotations: {kubernetes.io/service-account.name: robot}}
type: kubernetes.io/service-account-token
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: shop}
`

const K = 'authentication.kubernetes.io/'
let ids = 0
function event(user: string, verb: string, resource: string, more: Record<string, unknown> = {}): string {
  const { extra = {}, annotations = {}, ref = {}, ...rest } = more as Record<string, Record<string, unknown>>
  const time = `2026-11-10T10:00:${String(ids % 60).padStart(2, '0')}.000000Z`
  return JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: `id-${ids++}`,
    stage: 'ResponseComplete',
    requestURI: '/x',
    verb,
    user: {
      username: user,
      groups: ['system:authenticated', ...(user.startsWith('system:') ? [] : ['devs', 'ops'])],
      extra,
    },
    sourceIPs: ['198.51.100.7'],
    userAgent: 'kubectl/v1.36.0 (linux/amd64)',
    objectRef: { resource, namespace: 'shop', apiVersion: 'v1', ...ref },
    responseStatus: { code: verb === 'create' ? 201 : 200 },
    requestReceivedTimestamp: time,
    stageTimestamp: time,
    annotations: { 'authorization.k8s.io/decision': 'allow', ...annotations },
    ...rest,
  })
}

const CERTIFICATE = `X509SHA256=${'ab'.repeat(32)}`
const OWN = { extra: { [`${K}credential-id`]: [CERTIFICATE] } }
const AUDIT = [
  event('alice', 'get', 'secrets', { ...OWN, ref: { name: 'db' } }),
  event('alice', 'list', 'secrets', OWN),
  event('alice', 'create', 'serviceaccounts', {
    ...OWN,
    ref: { name: 'robot', subresource: 'token' },
    annotations: { [`${K}issued-credential-id`]: 'JTI=minted' },
  }),
  event('system:serviceaccount:shop:robot', 'get', 'pods', { extra: { [`${K}credential-id`]: ['JTI=minted'] } }),
  event('alice', 'create', 'rolebindings', { ...OWN, ref: { apiGroup: 'rbac.authorization.k8s.io', name: 'sneaky' } }),
  event('oidc:alice@example.com', 'get', 'pods'),
  event('bot', 'get', 'pods', { impersonatedUser: { username: 'alice', groups: [] } as never }),
  event('bob', 'get', 'secrets', { ref: { name: 'not-hers' } }),
].join('\n')

const PEOPLE = 'user,email,groups,status,left\nalice,alice@example.com,devs,left,2026-11-05\nbob,,devs,active,\n'

const rbac = folder.write('cluster/rbac.yaml', RBAC)
const audit = folder.write('audit.log', AUDIT)
const people = folder.write('people.csv', PEOPLE)

interface Offboard {
  readonly names: readonly string[]
  readonly held: readonly {
    readonly kind: string
    readonly title: string
    readonly via?: string
    readonly ends: string
  }[]
  readonly members?: readonly { readonly subject: string }[]
  readonly change: {
    readonly objects: readonly {
      readonly kind: string
      readonly metadata: { readonly name: string }
      readonly subjects?: readonly object[]
    }[]
    readonly deletes: readonly { readonly kind: string; readonly name: string }[]
    readonly patches: readonly { readonly diff: string }[]
    readonly proof?: { readonly verdict: string; readonly reasons: readonly string[] }
  }
  readonly remaining: readonly { readonly kind: string; readonly message: string }[]
  readonly unknowns: readonly string[]
}

function offboard(subject: string, ...args: readonly string[]): Offboard {
  const { status, stdout, stderr } = bulkhead(['access', 'offboard', subject, '-q', '-o', 'json', '-f', rbac, ...args])
  assert.equal(status, 0, stderr)
  const document = JSON.parse(stdout) as Offboard
  assert.ok(schema(document), JSON.stringify(schema.errors))
  return document
}

const ALL = ['--history', audit, '--directory', people, '--user-prefix', 'oidc:'] as const

describe('access offboard', () => {
  test('a person: all that it holds under all its names', () => {
    const { names, held } = offboard('user:alice', ...ALL)
    assert.deepEqual(names, ['alice', 'alice@example.com', 'oidc:alice', 'oidc:alice@example.com'])
    assert.deepEqual(held.map(({ kind, ends, via }) => [kind, ends, via ?? ''].join(' ').trim()).sort(), [
      'binding change',
      'binding change',
      'binding change',
      'certificate remaining',
      'cloud-mapping change',
      'credential remaining',
      'group-binding remaining group:devs',
      'impersonated remaining',
      'made remaining',
      'minted-token remaining',
      'secret-read remaining',
      'secret-read remaining',
    ])
    assert.ok(held.some(({ title }) => title === 'create rolebindings.rbac.authorization.k8s.io sneaky in shop'))
    assert.ok(!held.some(({ title }) => title.includes('not-hers')))
  })

  test('one change ends what objects give, and nobody else loses anything', () => {
    const { change } = offboard('user:alice', ...ALL)
    assert.deepEqual(change.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort(), [
      'ClusterRoleBinding admins',
      'ConfigMap aws-auth',
      'RBACDefinition team',
      'RoleBinding alone',
    ])
    assert.deepEqual(change.objects.find(({ metadata }) => metadata.name === 'alone')?.subjects, [])
    assert.deepEqual(change.deletes, [])
    assert.deepEqual(change.proof?.verdict, 'holds')
    assert.deepEqual(change.proof?.reasons, ['nobody else loses a right'])
    const diff = change.patches.map((patch) => patch.diff).join('')
    assert.match(diff, /^-- \{kind: User, name: alice\}$/m)
    assert.match(diff, /^-.*user\/alice$/m)
    assert.doesNotMatch(diff, /^-.*bob/m)
  })

  test('what is left says what would end it', () => {
    const { remaining } = offboard('user:alice', ...ALL)
    const text = remaining.map(({ message }) => message).join('\n')
    assert.match(text, /Kubernetes revokes none/)
    assert.match(text, /service account shop\/robot, used once \(JTI=minted\)/)
    assert.match(text, /through group:devs/)
    assert.match(text, /knows all Secrets of namespace shop/)
    assert.match(text, /bot acts as it/)
  })

  test('after the change nothing of the input names the person', () => {
    const place = join(folder.path, 'out')
    assert.equal(bulkhead(['access', 'offboard', 'user:alice', '-q', '-f', rbac, ...ALL, '-w', place]).status, 0)
    const applied = join(place, 'change.yaml')
    assert.match(readFileSync(join(place, 'change.patch'), 'utf8'), /^--- /m)
    const { held } = JSON.parse(
      bulkhead(['access', 'offboard', 'user:alice', '-q', '-o', 'json', '-f', rbac, '-f', applied]).stdout,
    ) as Offboard
    assert.deepEqual(held, [])
  })

  test('a service account: with it end its tokens', () => {
    const { held, change } = offboard('sa:shop/robot', '--history', audit)
    assert.deepEqual(held.map(({ kind }) => kind).sort(), ['binding', 'minted-token', 'token-secret'])
    assert.deepEqual(change.deletes.map(({ kind, name }) => `${kind} ${name}`).sort(), [
      'Secret robot-token',
      'ServiceAccount robot',
    ])
  })

  test('a group: who is in it, and what it loses', () => {
    const { members, change, held } = offboard('group:devs', ...ALL)
    assert.ok(members?.some(({ subject }) => subject === 'user:bob'))
    assert.deepEqual(
      held.map(({ kind }) => kind),
      ['binding'],
    )
    assert.deepEqual(
      change.objects.map(({ metadata }) => metadata.name),
      ['devs'],
    )
  })

  test('without records and a directory it says what is not known', () => {
    const { unknowns } = offboard('user:alice')
    assert.equal(unknowns.length, 3)
    assert.equal(bulkhead(['access', 'offboard', 'alice', '-f', rbac]).status, 2)
  })

  test('the screen fits and the names of others are shown, never sent', () => {
    const file = folder.write('hostile.yaml', RBAC.replaceAll('name: bob', 'name: "b\\u001b[31mob"'))
    const { stdout } = bulkhead(['access', 'offboard', 'user:alice', '-q', '-f', file])
    assert.ok(!stdout.includes('\u001b'))
    assert.ok(stdout.split('\n').every((line) => line.length <= 120))
  })
})

const OWNED = `apiVersion: bulkhead.dev/v1alpha1
kind: Exception
metadata: {name: hers}
spec:
  resources: [{names: ["*"]}]
  checks: [host-namespaces]
  reason: reads figures
  owner: Alice Example <Alice@Example.com>, bob
  expires: 2027-06-30
---
apiVersion: bulkhead.dev/v1alpha1
kind: Exception
metadata: {name: malformed}
spec: {owner: alice}
---
apiVersion: bulkhead.dev/v1alpha1
kind: Exception
metadata: {name: not-hers}
spec: {resources: [{names: ["*"]}], checks: [x], reason: alice asked for it, owner: alicea, expires: never}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app.kubernetes.io/part-of: store, app.kubernetes.io/name: web}
  annotations: {a8r.io/owner: "user:default/alice", bulkhead.dev/except.run-as-root: "old; alice; 2027-01-01"}
spec:
  selector: {matchLabels: {a: b}}
  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: x}]}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: bank, annotations: {contact: alice@example.com}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: mentions, namespace: bank, annotations: {note: alice}, labels: {owner: team-alice}}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: made
  namespace: bank
  labels: {owner: alice}
  ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: web, uid: u, controller: true}]
`

describe('what a leaver answers for', () => {
  const owned = folder.write('owned.yaml', OWNED)
  type Handed = {
    readonly handover: readonly {
      readonly kind: string
      readonly title: string
      readonly owner: string
      readonly expires?: string
      readonly evidence: readonly { readonly file?: string; readonly line?: number }[]
    }[]
  }
  const of = (subject: string, ...args: readonly string[]) =>
    (offboard(subject, '-f', owned, ...args) as Offboard & Handed).handover

  test('exceptions, applications and objects that name it, each with its place; none of them is access', () => {
    const found = of('user:alice', ...ALL)
    assert.deepEqual(
      found.map(({ kind, title, expires }) => [kind, title, expires]),
      [
        ['exception', 'the annotation bulkhead.dev/except.run-as-root of Deployment/shop/web', '2027-01-01'],
        ['exception', 'Exception hers', '2027-06-30'],
        ['exception', 'Exception malformed', undefined],
        ['application', 'Application shop/store', undefined],
        ['object', 'ConfigMap bank/settings', undefined],
      ],
    )
    assert.ok(found.every(({ evidence }) => evidence[0]?.file === owned && (evidence[0].line ?? 0) > 0))
    const { held } = offboard('user:alice', '-f', owned, ...ALL)
    assert.equal(held.length, offboard('user:alice', ...ALL).held.length)
    const { stdout } = bulkhead(['access', 'offboard', 'user:alice', '-f', rbac, '-f', owned, ...ALL])
    assert.match(stdout, /To hand over\n(?:.*\n)*- Exception hers, until 2027-06-30: its owner is Alice Example/)
  })

  test('without the directory only the name that is asked about counts; a group and others by theirs', () => {
    assert.deepEqual(
      of('user:alice').map(({ title }) => title),
      [
        'the annotation bulkhead.dev/except.run-as-root of Deployment/shop/web',
        'Exception malformed',
        'Application shop/store',
      ],
    )
    assert.deepEqual(
      of('user:bob').map(({ title }) => title),
      ['Exception hers'],
    )
    assert.deepEqual(
      of('group:team-alice').map(({ title }) => title),
      ['ConfigMap bank/mentions'],
    )
    assert.deepEqual(of('user:carol'), [])
  })
})

describe('names of a leaver', () => {
  const bound = folder.write(
    'names.yaml',
    `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: one}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects:
- {kind: User, name: "oidc:Jos\u00e9.Nunez@Example.com", apiGroup: rbac.authorization.k8s.io}
- {kind: Group, name: "system:serviceaccounts:shop", apiGroup: rbac.authorization.k8s.io}
`,
  )
  const scim = folder.write(
    'scim.json',
    JSON.stringify({
      Resources: [
        { userName: 'Jose\u0301.Nunez@example.com', active: false, emails: [{ value: 'jn@example.com' }] },
        { userName: 'other', active: true },
      ],
    }),
  )

  test('bindings that write them in other letters are its own', () => {
    const { held } = offboard('user:jn@example.com', '-f', bound, '--directory', scim, '--user-prefix', 'oidc:')
    assert.deepEqual(
      held.map(({ kind }) => kind),
      ['binding'],
    )
  })

  test('without a directory it is told who may be the same', () => {
    const { held, unknowns } = offboard('user:jos\u00e9.nunez', '-f', bound) as Offboard & {
      readonly unknowns: readonly string[]
    }
    assert.deepEqual(held, [])
    assert.ok(!unknowns.some((each) => each.startsWith('whether it is')))
    const full = offboard('user:jos\u00e9.nunez@example.com', '-f', bound) as Offboard & {
      readonly unknowns: readonly string[]
    }
    assert.ok(full.unknowns.some((each) => each.startsWith('whether it is user:oidc:Jos\u00e9.Nunez@Example.com')))
    const { stdout } = bulkhead(['access', 'offboard', 'user:nobody', '-f', bound])
    assert.match(stdout, /^user:nobody holds nothing\n/)
  })

  test('nobody is taken out of a group that follows from the name', () => {
    const { stdout } = bulkhead(['access', 'offboard', 'sa:shop/web', '-f', bound])
    assert.match(stdout, /give it to those who need it by name: nobody is taken out of this group/)
    assert.doesNotMatch(stdout, /where the group is kept/)
  })
})
