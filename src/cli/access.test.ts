import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import Ajv from 'ajv/dist/2020.js'
import { field, type Json } from '../cluster/json.ts'
import { parseYaml } from '../cluster/yaml.ts'
import { bulkhead, closed, corpus, root, shop, testFolder } from './cli.testing.ts'

const folder = testFolder()
const file = folder.write(
  'rbac.yaml',
  `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: reader }
rules:
  - apiGroups: [apps]
    resources: [deployments]
    verbs: [get]
  - apiGroups: [""]
    resources: [secrets]
    verbs: [get, list]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: readers, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader }
subjects:
  - { kind: Group, apiGroup: rbac.authorization.k8s.io, name: devs }
  - { kind: User, apiGroup: rbac.authorization.k8s.io, name: alice }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: everybody }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader }
subjects:
  - { kind: Group, apiGroup: rbac.authorization.k8s.io, name: "system:serviceaccounts:jobs" }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: for-a-week
  namespace: shop
  annotations: { bulkhead.dev/expires: "2026-03-08T00:00:00Z" }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader }
subjects:
  - { kind: User, apiGroup: rbac.authorization.k8s.io, name: tom }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: dangling, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: gone }
subjects:
  - { kind: User, apiGroup: rbac.authorization.k8s.io, name: carol }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: nightly, namespace: jobs }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: one-secret, namespace: shop }
rules:
  - { apiGroups: [""], resources: [secrets], resourceNames: [db], verbs: [get] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: one-secret, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: one-secret }
subjects:
  - { kind: ServiceAccount, name: api }
`,
)
const directory = folder.write('people.csv', 'user,groups\nalice,\nerin,devs\n')
const event = (user: string, groups: string[], time: string, as?: object): string =>
  JSON.stringify({
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: `${user}-${time}`,
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/shop/pods',
    verb: 'list',
    user: { username: user, groups },
    ...as,
    sourceIPs: ['10.0.0.1'],
    objectRef: { resource: 'pods', namespace: 'shop', apiVersion: 'v1' },
    responseStatus: { code: 200 },
    requestReceivedTimestamp: time,
    stageTimestamp: time,
  })
const history = folder.write(
  'audit.jsonl',
  `${[
    event('frank', ['devs', 'system:authenticated'], '2026-03-01T10:00:00.000000Z'),
    event('grace', ['devs', 'system:authenticated'], '2026-03-01T10:00:00.000000Z'),
    event('grace', ['ops', 'system:authenticated'], '2026-03-05T10:00:00.000000Z'),
    event('ops-bot', ['system:authenticated'], '2026-03-05T10:00:00.000000Z', {
      impersonatedUser: { username: 'heidi', groups: ['devs'] },
    }),
  ].join('\n')}\n`,
)

interface Entry {
  readonly name: string
  readonly subject: string
  readonly via?: { readonly group: string; readonly from: string }
  readonly location?: { readonly file: string; readonly line: number }
}
interface Item {
  readonly subject: string
  readonly namespace?: string
  readonly rule: {
    readonly verbs: string[]
    readonly apiGroups?: string[]
    readonly resources?: string[]
    readonly nonResourceURLs?: string[]
  }
  readonly bindings: readonly Entry[]
}
interface Document {
  readonly kind: string
  readonly allowed: boolean
  readonly reason: string
  readonly bindings: readonly Entry[]
  readonly items: readonly Item[]
  readonly named: readonly { readonly subject: string; readonly names: string[] }[]
  readonly groups: readonly {
    readonly group: string
    readonly members: readonly { readonly subject: string; readonly from: string }[]
  }[]
  readonly unknowns: readonly { readonly about: string; readonly message: string }[]
  readonly notes: readonly string[]
}

const validate = new Ajv.Ajv2020({ allErrors: true, strict: false }).compile(
  closed(JSON.parse(readFileSync(join(root, 'docs/reference/v1alpha1.schema.json'), 'utf8')) as Json) as object,
)

function asked(...args: string[]): Document {
  const { status, stdout, stderr } = bulkhead(['access', ...args, '-f', file, '-o', 'json', '-q'])
  assert.equal(status, 0, stderr)
  const document = JSON.parse(stdout) as Document
  assert.ok(
    validate(document),
    JSON.stringify(validate.errors?.filter(({ schemaPath }) => schemaPath.includes(document.kind))),
  )
  return document
}

describe('access can', () => {
  test('says yes with the bindings, and the reason as the API server has it', () => {
    const { allowed, reason, bindings } = asked('can', 'user:alice', 'get', 'secrets', '-n', 'shop')
    assert.ok(allowed)
    assert.equal(reason, 'RBAC: allowed by RoleBinding "readers/shop" of ClusterRole "reader" to User "alice"')
    assert.deepEqual(bindings, [
      {
        kind: 'RoleBinding',
        name: 'readers',
        namespace: 'shop',
        role: { kind: 'ClusterRole', name: 'reader' },
        rule: 1,
        subject: 'user:alice',
        location: { file, line: 18, column: 5 },
        roleLocation: { file, line: 8, column: 5 },
      },
    ])
  })

  test('says no, and exits 0', () => {
    for (const args of [['-n', 'other'], [], ['-A']])
      assert.equal(asked('can', 'user:alice', 'get', 'secrets', ...args).allowed, false)
    assert.ok(asked('can', 'user:alice', 'get', 'secrets').notes.some((note) => note.includes('namespace default')))
  })

  test('learns groups from flags, a directory and a history, and says what it does not know', () => {
    const question = ['get', 'secrets/db', '-n', 'shop']
    const denied = asked('can', 'user:erin', ...question)
    assert.equal(denied.allowed, false)
    assert.match(denied.unknowns.find(({ about }) => about === 'groups-unknown')?.message ?? '', /member of devs/)
    const via = (user: string, ...flags: string[]): string | undefined => {
      const { allowed, bindings } = asked('can', `user:${user}`, ...question, ...flags)
      return allowed ? bindings[0]?.via?.from : undefined
    }
    assert.equal(via('erin', '--group', 'devs'), 'given')
    assert.equal(via('erin', '--directory', directory), 'directory')
    assert.equal(via('frank', '--history', history), 'audit')
    assert.equal(via('grace', '--history', history), undefined)
    // Whom somebody impersonates is in the groups that the impersonator chose.
    assert.equal(via('heidi', '--history', history), undefined)
    const left = asked('can', 'user:grace', ...question, '--history', history)
    assert.match(
      left.unknowns.find(({ about }) => about === 'group-left')?.message ?? '',
      /in the group devs until 2026-03-01/,
    )
  })

  test('a group is asked as its members, a service account with its groups', () => {
    assert.ok(asked('can', 'group:devs', 'list', 'secrets', '-n', 'shop').allowed)
    const { bindings } = asked('can', 'sa:jobs/nightly', 'list', 'secrets', '-A')
    assert.deepEqual(bindings[0]?.via, { group: 'system:serviceaccounts:jobs', from: 'implicit' })
    assert.ok(asked('can', 'user:system:serviceaccount:jobs:nightly', 'list', 'secrets', '-A').allowed)
    assert.ok(asked('can', 'user:x', '*', '*', '--group', 'system:masters').allowed)
  })

  test('a grant that has ended allows nothing, and is told', () => {
    const question = ['user:tom', 'get', 'secrets', '-n', 'shop']
    assert.ok(asked('can', ...question, '--as-of', '2026-03-07').allowed)
    const ended = asked('can', ...question, '--as-of', '2026-03-08')
    assert.equal(ended.allowed, false)
    assert.ok(ended.unknowns.some(({ about, message }) => about === 'ended-binding' && message.includes('2026-03-08')))
  })

  test('a binding to a role that is not there is told', () => {
    const { allowed, unknowns } = asked('can', 'user:carol', 'get', 'secrets', '-n', 'shop')
    assert.equal(allowed, false)
    assert.match(
      unknowns.find(({ about }) => about === 'dangling-binding')?.message ?? '',
      /shop\/dangling .* Role gone/,
    )
  })
})

describe('access who-can', () => {
  test('names whom bindings name, where it holds, and members by their groups', () => {
    const { items, groups, named } = asked('who-can', 'get', 'secrets', '--directory', directory)
    const told = items.map(({ subject, namespace }) => `${subject} ${namespace ?? '*'}`)
    assert.deepEqual(
      told.filter((each) => !/:system:(?!.*jobs)|^sa:kube-system/.test(each)),
      [
        'group:devs shop',
        'group:system:serviceaccounts:jobs *',
        'user:alice shop',
        'user:erin shop',
        'sa:jobs/nightly *',
      ],
    )
    assert.ok(told.includes('group:system:masters *'))
    assert.deepEqual(
      groups.find(({ group }) => group === 'group:devs')?.members.map(({ subject, from }) => `${subject} ${from}`),
      ['user:erin directory'],
    )
    assert.deepEqual(
      named.map(({ subject, names }) => `${subject} ${names.join()}`),
      ['sa:shop/api db'],
    )
  })

  test('asks for one object, one namespace, or all at once', () => {
    const subjects = (...args: string[]): string[] =>
      asked('who-can', 'get', ...args).items.map(({ subject }) => subject)
    assert.ok(subjects('secrets/db', '-n', 'shop').includes('sa:shop/api'))
    assert.ok(!subjects('secrets/db', '-n', 'jobs').includes('sa:shop/api'))
    assert.ok(!subjects('secrets', '-A').includes('user:alice'))
    assert.ok(subjects('secrets', '-A').includes('sa:jobs/nightly'))
    assert.ok(!subjects('secrets', '--as-of', '2027-01-01').includes('user:tom'))
  })

  test('hides nobody: the anonymous first', () => {
    assert.deepEqual(
      asked('who-can', 'get', '/healthz')
        .items.slice(0, 3)
        .map(({ subject }) => subject),
      ['user:system:anonymous', 'group:system:unauthenticated', 'group:system:authenticated'],
    )
  })
})

describe('access rules', () => {
  test('lists each rule with the bindings that give it', () => {
    const { items } = asked('rules', 'user:alice')
    const secrets = items.filter(({ rule }) => rule.resources?.includes('secrets'))
    assert.deepEqual(
      secrets.map(({ subject, namespace, rule, bindings }) => [
        subject,
        namespace,
        rule.verbs.join(),
        bindings.map(({ name }) => name).join(),
      ]),
      [['user:alice', 'shop', 'get,list', 'readers']],
    )
    assert.deepEqual(
      asked('rules', 'user:alice', '-n', 'jobs').items.filter(({ rule }) => rule.resources?.includes('secrets')),
      [],
    )
  })
})

const snapshot = join(corpus, 'snapshots/k3s-2025')

test('rules are those that the API server told of itself in a snapshot', {
  skip: existsSync(snapshot) ? false : 'no corpus',
}, () => {
  for (const namespace of ['default', 'kube-public']) {
    const told = JSON.parse(
      readFileSync(join(snapshot, `cluster-resources/auth-cani-list/${namespace}.json`), 'utf8'),
    ) as readonly Item['rule'][]
    const args = ['rules', 'user:system:admin', '--group', 'system:masters', '-n', namespace]
    const { stdout } = bulkhead(['access', ...args, '-f', snapshot, '-R', '-q', '-o', 'json'])
    const ours = (JSON.parse(stdout) as Document).items.map(({ rule }) => rule)
    assert.deepEqual(new Set(ours.flatMap(atoms)), new Set(told.flatMap(atoms)))
  }
})

function atoms({ verbs, apiGroups = [], resources = [], nonResourceURLs = [] }: Item['rule']): string[] {
  const what = [...apiGroups.flatMap((group) => resources.map((each) => `${each}.${group}`)), ...nonResourceURLs]
  return verbs.flatMap((verb) => what.map((each) => `${verb} ${each}`))
}

describe('the commands of access', () => {
  test('refuse wrong arguments', () => {
    for (const args of [
      ['can', 'alice', 'get', 'pods'],
      ['can', 'user:', 'get', 'pods'],
      ['can', 'sa:web', 'get', 'pods'],
      ['can', 'user:a', '', 'pods'],
      ['can', 'user:a', 'get', 'pods/'],
      ['can', 'user:a', 'get'],
      ['can', 'user:a', 'get', 'pods', '--as-of', 'tomorrow'],
      ['who-can', 'get', 'pods', '--group', 'x'],
      ['rules', 'user:a', '-o', 'xml'],
    ]) {
      const { status, stdout } = bulkhead(['access', ...args, '-f', file, '-q'])
      assert.equal(status, 2, args.join(' '))
      assert.equal(stdout, '')
    }
    assert.equal(bulkhead(['access', 'can', 'user:a', 'get', 'pods']).status, 2)
    assert.equal(
      bulkhead(['access', 'can', 'user:a', 'get', 'pods', '-f', join(folder.path, 'none.yaml'), '-q']).status,
      3,
    )
  })

  test('write every format', () => {
    const formats: Readonly<Record<string, readonly string[]>> = {
      can: ['table', 'json', 'yaml'],
      'who-can': ['table', 'json', 'yaml', 'csv', 'name'],
      rules: ['table', 'json', 'yaml', 'csv'],
    }
    const questions: Readonly<Record<string, readonly string[]>> = {
      can: ['sa:web/frontend', 'create', 'pods', '-n', 'web'],
      'who-can': ['create', 'pods'],
      rules: ['sa:web/frontend'],
    }
    for (const [command, each] of Object.entries(formats)) {
      for (const format of each) {
        const { status, stdout, stderr } = bulkhead([
          'access',
          command,
          ...(questions[command] ?? []),
          '-f',
          shop,
          '-R',
          '-q',
          '-o',
          format,
        ])
        assert.equal(status, 0, stderr)
        assert.ok(stdout.includes('frontend'), `${command} ${format}`)
        if (format === 'yaml') assert.equal(field(parseYaml(stdout).value, 'apiVersion'), 'bulkhead.dev/v1alpha1')
        if (format === 'table') for (const line of stdout.split('\n')) assert.ok(line.length <= 120, line)
      }
    }
  })

  test('send no control characters of names to a terminal', () => {
    const hostile = folder.write(
      'hostile.yaml',
      `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: "b\\e[31m" }
roleRef: { kind: ClusterRole, name: cluster-admin }
subjects: [{ kind: User, name: "eve\\e[2J\\u202e,=cmd" }]
`,
    )
    for (const format of ['table', 'json', 'yaml', 'csv', 'name'])
      assert.doesNotMatch(
        bulkhead(['access', 'who-can', 'get', 'pods', '-f', hostile, '-q', '-o', format]).stdout,
        /[\u001b\u202e]/,
        format,
      )
    for (const command of [
      ['can', 'user:eve\u001b[2J\u202e,=cmd', 'get', 'pods'],
      ['rules', 'user:eve\u001b[2J\u202e,=cmd'],
    ])
      for (const format of ['table', 'json', 'yaml'])
        assert.doesNotMatch(
          bulkhead(['access', ...command, '-f', hostile, '-q', '-o', format]).stdout,
          /[\u001b\u202e]/,
          format,
        )
  })
})
