import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { Json } from '../cluster/json.ts'
import { objectsOf } from '../cluster/testing.ts'
import { bulkhead, closed, scanned, testFolder } from './cli.testing.ts'

const folder = testFolder()

const definition = (name: string, metadata = '') => `apiVersion: rbacmanager.reactiveops.io/v1beta1
kind: RBACDefinition
metadata:
  name: ${name}
${metadata}rbacBindings:
  - name: devs
    subjects:
      - kind: User
        name: sue
      - {kind: ServiceAccount, name: ci, namespace: web}
    roleBindings:
      - clusterRole: edit
        namespaceSelector: {matchLabels: {team: devs}}
`
const NAMESPACES = `apiVersion: v1
kind: NamespaceList
items:
  - metadata: {name: web, labels: {team: devs}}
  - metadata: {name: api, labels: {team: devs}}
`
const OWNER = `ownerReferences:
    - {apiVersion: rbacmanager.reactiveops.io/v1beta1, kind: RBACDefinition, name: team, uid: u1, controller: true, blockOwnerDeletion: true}`
const CLUSTER = `${NAMESPACES}---
${definition('team', '  uid: u1\n')}---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: team-devs-edit
  namespace: web
  labels: {rbac-manager: reactiveops}
  ${OWNER}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: User, name: joe, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: team-old-view
  namespace: web
  labels: {rbac-manager: reactiveops}
  ${OWNER}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: User, name: joe, apiGroup: rbac.authorization.k8s.io}]
`
const team = folder.write('team.yaml', definition('team'))
const namespaces = folder.write('namespaces.yaml', NAMESPACES)
const cluster = folder.write('cluster.yaml', CLUSTER)

interface Expanded {
  readonly items: readonly {
    readonly kind: string
    readonly metadata: { readonly name: string; readonly namespace?: string }
  }[]
  readonly problems: readonly {
    readonly check: string
    readonly file?: string
    readonly line?: number
    readonly path: string
  }[]
  readonly ended: readonly { readonly name: string; readonly state: string }[]
  readonly changes?: readonly { readonly action: string; readonly name: string; readonly manager?: string }[]
  readonly lost?: readonly {
    readonly subject: string
    readonly rights: readonly { readonly verb: string; readonly times: number }[]
  }[]
  readonly proof?: { readonly verdict: string }
}

function expanded(...args: readonly string[]): Expanded {
  return JSON.parse(bulkhead(['access', 'expand', '-o', 'json', ...args]).stdout) as Expanded
}

function namesOf({ items }: Pick<Expanded, 'items'>): readonly string[] {
  return items.map(({ kind, metadata: { name, namespace } }) => `${kind} ${namespace ?? ''}/${name}`)
}

const MADE = ['ServiceAccount web/ci', 'RoleBinding api/team-devs-edit', 'RoleBinding web/team-devs-edit']

describe('access expand', () => {
  test('is YAML that kubectl takes, the same bytes whatever the order of the files', () => {
    const one = bulkhead(['access', 'expand', '-f', team, '-f', namespaces])
    const other = bulkhead(['access', 'expand', '-f', namespaces, '-f', team, '--as-of', '2020-01-01'])
    assert.equal(one.status, 0, one.stderr)
    assert.equal(one.stdout, other.stdout)
    const objects = objectsOf(one.stdout).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`)
    assert.deepEqual(objects, MADE)
  })

  test('reads lists of every form, JSON, and standard input', () => {
    const body = (name: string) => definition(name).split('\n').slice(2).join('\n')
    const item = (text: string) => `- ${text.trimEnd().replaceAll('\n', '\n  ')}\n`
    const typed = `apiVersion: rbacmanager.reactiveops.io/v1beta1\nkind: RBACDefinitionList\nitems:\n${item(body('team'))}`
    const plain = `apiVersion: v1\nkind: List\nitems:\n${item(definition('team'))}`
    const json = JSON.stringify(objectsOf(definition('team'))[0]?.body)
    for (const text of [typed, plain, json, `${definition('team')}---\n---\n# nothing\n`])
      assert.deepEqual(namesOf(expanded('-f', namespaces, '-f', folder.write('form.yaml', text))), MADE)
    const piped = bulkhead(['access', 'expand', '-f', '-'], { input: `${NAMESPACES}---\n${definition('team')}` })
    assert.equal(objectsOf(piped.stdout).length, 3)
  })

  test('tells what is wrong with its place, and exits with 3 where something is not made', () => {
    const bad = folder.write('bad.yaml', `${definition('team')}      - clusterRole: edit\n`)
    const ran = bulkhead(['access', 'expand', '-f', bad, '-f', namespaces])
    assert.equal(ran.status, 3)
    assert.match(ran.stderr, /error: .*bad\.yaml:14 rbacBindings\[0\]\.roleBindings\[1\]: names neither namespace nor/)
    assert.equal(objectsOf(ran.stdout).length, 3)
    assert.equal(bulkhead(['access', 'expand', '-f', bad, '-f', namespaces, '--allow-partial']).status, 0)
    assert.equal(bulkhead(['access', 'expand', '-f', bad, '-q']).stderr, '')
    const [problem] = expanded('-f', bad, '-f', namespaces).problems
    assert.deepEqual(
      [problem?.check, problem?.line, problem?.path],
      ['no-namespace', 14, 'rbacBindings[0].roleBindings[1]'],
    )
  })

  test('takes the last of two definitions of one name', () => {
    const text = `${definition('team')}---\n${definition('team').replace('name: devs', 'name: ops')}`
    const found = expanded('-f', folder.write('twice.yaml', text), '-f', namespaces)
    assert.ok(namesOf(found).includes('RoleBinding web/team-ops-edit'))
    assert.equal(found.items.length, 3)
    assert.deepEqual(
      found.problems.map(({ check }) => check),
      ['duplicate', 'no-uid'],
    )
  })

  test('leaves out what has expired at the given time', () => {
    const file = folder.write(
      'ending.yaml',
      definition('team', '  annotations: {bulkhead.dev/expires.devs: 2026-12-31T18:00:00Z}\n'),
    )
    const before = expanded('-f', file, '-f', namespaces, '--as-of', '2026-12-31T17:59:59Z')
    assert.deepEqual(namesOf(before), MADE)
    const after = expanded('-f', file, '-f', namespaces, '--as-of', '2026-12-31T19:00:00+01:00')
    assert.deepEqual(namesOf(after), ['ServiceAccount web/ci'])
    assert.deepEqual(
      after.ended.map(({ state }) => state),
      ['expired', 'expired'],
    )
  })

  test('against a cluster tells what is created, changed and deleted, with the uid of the cluster', () => {
    const found = expanded('-f', team, '-f', namespaces, '--against', cluster)
    assert.deepEqual(
      found.changes?.map(({ action, name }) => `${action} ${name}`),
      ['create ci', 'create team-devs-edit', 'change team-devs-edit', 'delete team-old-view'],
    )
    assert.match(found.changes?.[2]?.manager ?? '', /delete the binding and create it again/)
    assert.ok(JSON.stringify(found.items[0]).includes('"uid":"u1"'))
    assert.deepEqual(found.problems, [])
    const screen = bulkhead(['access', 'expand', '-f', team, '-f', namespaces, '--against', cluster]).stdout
    assert.match(
      screen,
      /^change +RoleBinding web\/team-devs-edit +\+ User sue; \+ ServiceAccount web\/ci; - User joe$/m,
    )
    assert.match(screen, /^delete +RoleBinding web\/team-old-view/m)
  })

  test('compares with the input where that holds what rbac-manager made', () => {
    assert.deepEqual(
      expanded('-f', cluster).changes?.map(({ action }) => action),
      ['create', 'create', 'change', 'delete'],
    )
    assert.equal(expanded('-f', team, '-f', namespaces).changes, undefined)
  })

  test('tells who would lose what was used, with the proof', () => {
    const event = (minute: number) =>
      JSON.stringify({
        kind: 'Event',
        apiVersion: 'audit.k8s.io/v1',
        level: 'Metadata',
        auditID: `a${minute}`,
        stage: 'ResponseComplete',
        requestURI: '/api/v1/namespaces/web/pods',
        verb: 'list',
        user: { username: 'joe', groups: ['system:authenticated'] },
        objectRef: { resource: 'pods', namespace: 'web', apiVersion: 'v1' },
        responseStatus: { code: 200 },
        requestReceivedTimestamp: `2026-11-01T10:${minute}:00.000000Z`,
        stageTimestamp: `2026-11-01T10:${minute}:00.100000Z`,
        annotations: { 'authorization.k8s.io/decision': 'allow' },
      })
    const log = folder.write('audit.log', `${event(10)}\n${event(11)}\n`)
    const found = expanded('-f', team, '-f', namespaces, '--against', cluster, '--history', log)
    assert.deepEqual(
      found.lost?.map(({ subject, rights }) => [subject, rights.map(({ verb, times }) => `${verb} ${times}`)]),
      [['user:joe', ['list 2']]],
    )
    assert.equal(found.proof?.verdict, 'breaks')
    assert.match(
      bulkhead(['access', 'expand', '-f', team, '-f', namespaces, '--against', cluster, '--history', log]).stdout,
      /user:joe: list pods in web \(two times, last 2026-11-01T10:11:00/,
    )
  })

  test('refuses what it cannot do', () => {
    for (const [args, why] of [
      [['--as-of', 'tomorrow'], /--as-of tomorrow/],
      [['--history', 'x.log'], /needs the cluster: --against/],
      [['-o', 'csv'], /-o csv is not known/],
    ] as const) {
      const ran = bulkhead(['access', 'expand', '-f', team, '-f', namespaces, ...args])
      assert.equal(ran.status, 2)
      assert.match(ran.stderr, why)
    }
  })

  test('is described by the published schema, which leaves nothing out', async () => {
    const { default: Ajv } = await import('ajv/dist/2020.js')
    const text = readFileSync(new URL('../../docs/reference/v1alpha1.schema.json', import.meta.url), 'utf8')
    const validate = new Ajv.Ajv2020({ strict: false, allErrors: true }).compile(
      closed(JSON.parse(text) as Json) as object,
    )
    const bad = folder.write('worse.yaml', definition('team', '  annotations: {bulkhead.dev/expires: 2020-01-01}\n'))
    for (const args of [
      ['-f', team, '-f', namespaces],
      ['-f', bad, '-f', cluster, '--against', cluster, '--as-of', '2026-01-01'],
      [
        '-f',
        folder.write(
          'not.yaml',
          'apiVersion: rbacmanager.reactiveops.io/v1beta1\nkind: RBACDefinition\nmetadata: {name: team}\n',
        ),
        '--against',
        cluster,
      ],
    ])
      assert.ok(
        validate(expanded(...args)),
        JSON.stringify(validate.errors?.filter(({ keyword }) => keyword !== 'const').slice(0, 5)),
      )
  })
})

describe('scan of definitions', () => {
  test('judges what they would make, at the place where it is written', () => {
    const file = folder.write(
      'admins.yaml',
      definition('team').replace(
        '    roleBindings:',
        '    clusterRoleBindings: [{clusterRole: cluster-admin}]\n    roleBindings:',
      ),
    )
    const report = scanned(['-f', file, '-f', namespaces])
    const found = report.findings.find(
      ({ check, message }) => check === 'access-binding' && message.includes('User sue may do everything'),
    )
    assert.equal(found?.severity, 'critical')
    assert.ok(JSON.stringify(found).includes('"field":"rbacBindings[0].subjects[0]"'), JSON.stringify(found))
    assert.ok(JSON.stringify(found).includes('"line":8'))
  })

  test('says what of them was not judged', () => {
    const file = folder.write('open.yaml', definition('team'))
    const report = scanned(['-f', file])
    assert.ok(report.unknowns.some(({ id }) => id === 'rbac-definitions'))
  })

  test('checks them as well', () => {
    const file = folder.write(
      'check.yaml',
      definition('team').replace(
        '    roleBindings:',
        '    clusterRoleBindings: [{clusterRole: cluster-admin}]\n    roleBindings:',
      ),
    )
    const { stdout } = bulkhead(['policy', 'eval', '-f', file, '-f', namespaces, '-o', 'json', '--profile', 'all'])
    const { items } = JSON.parse(stdout) as {
      items: readonly { policy: string; resource: { kind: string; name: string } }[]
    }
    assert.ok(
      items.some(
        ({ policy, resource }) =>
          policy === 'cluster-role-binding-admin' && resource.name === 'team-devs-cluster-admin',
      ),
    )
  })

  test('proves a change of what they make, and deletes none of it', () => {
    const from = ['-f', team, '-f', namespaces]
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: 'a',
      stage: 'ResponseComplete',
      requestURI: '/api/v1/namespaces/web/pods',
      verb: 'delete',
      user: { username: 'sue', groups: ['system:authenticated'] },
      objectRef: { resource: 'pods', namespace: 'web', name: 'p', apiVersion: 'v1' },
      responseStatus: { code: 200 },
      requestReceivedTimestamp: '2026-11-01T10:00:00.000000Z',
      stageTimestamp: '2026-11-01T10:00:00.100000Z',
      annotations: { 'authorization.k8s.io/decision': 'allow' },
    }
    const log = folder.write('sue.log', `${JSON.stringify(event)}\n`)
    const [, binding] = CLUSTER.split('---\n').slice(1)
    const change = folder.write('change.yaml', binding ?? '')
    const proved = bulkhead(['prove', ...from, '--history', log, '--fix', change])
    assert.equal(proved.status, 4, proved.stderr)
    const deleted = bulkhead(['prove', ...from, '--delete', 'RoleBinding/web/team-devs-edit'])
    assert.equal(deleted.status, 2)
    assert.match(deleted.stderr, /the input holds no such object/)
  })
})
