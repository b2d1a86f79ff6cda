import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isDefinition } from '../../../cluster/definitions/definition.ts'
import { expandDefinitions } from '../../../cluster/definitions/expand.ts'
import { resolveNamespaces } from '../../../cluster/namespace.ts'
import { clusterOf, objectsOf } from '../../../cluster/testing.ts'
import { policyOf } from '../policy.ts'
import { changesOf, type DefinitionChanges, withoutUid } from './changes.ts'
import { lostBy } from './lost.ts'
import { missingRoles } from './roles.ts'

const NAMESPACES = `---
apiVersion: v1
kind: Namespace
metadata: {name: web, labels: {team: devs}}
---
apiVersion: v1
kind: Namespace
metadata: {name: api, labels: {team: devs}}
`

function expansionOf(definitions: string, namespaces = NAMESPACES) {
  const objects = objectsOf(`${definitions}\n${namespaces}`)
  return expandDefinitions(objects.filter(isDefinition), resolveNamespaces(objects))
}

function definition(bindings: string, metadata = 'name: team'): string {
  return `apiVersion: rbacmanager.reactiveops.io/v1beta1
kind: RBACDefinition
metadata: {${metadata}}
rbacBindings: ${bindings}`
}

const OWNED =
  'ownerReferences: [{apiVersion: rbacmanager.reactiveops.io/v1beta1, kind: RBACDefinition, name: team, uid: u, controller: true, blockOwnerDeletion: true}]'
const LABELLED = `labels: {rbac-manager: reactiveops}, ${OWNED}`

function binding(
  name: string,
  subjects: string,
  { role = 'view', metadata = LABELLED, namespace = 'web' } = {},
): string {
  return `---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${name}, namespace: ${namespace}, ${metadata}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role}}
subjects: [${subjects}]
`
}

function account(rest: string, metadata = LABELLED, annotation = ''): string {
  return `---
apiVersion: v1
kind: ServiceAccount
metadata: {name: ci, namespace: web, annotations: {rbacmanager.reactiveops.io/managed-pull-secrets: "${annotation}", mine: stays}, ${metadata}}
${rest}
`
}

function compare(definitions: string, cluster: string): DefinitionChanges {
  return changesOf(expansionOf(definitions), clusterOf(NAMESPACES + cluster))
}

function told({ changes, kept, problems, unchanged }: DefinitionChanges) {
  return {
    changes: changes.map(({ action, object, what }) => `${action} ${object.id}: ${what.join('; ')}`),
    ...(kept.length > 0 ? { kept: kept.map(({ object }) => object.id) } : {}),
    ...(problems.length > 0 ? { problems: problems.map(({ check, severity }) => `${severity} ${check}`) } : {}),
    unchanged,
  }
}

const SUE = '{kind: User, name: sue, apiGroup: rbac.authorization.k8s.io}'
const JOE = '{kind: User, name: joe, apiGroup: rbac.authorization.k8s.io}'
const devs = (subjects: string, role = 'view') =>
  definition(`[{name: devs, subjects: [${subjects}], roleBindings: [{clusterRole: ${role}, namespace: web}]}]`)

describe('bindings against a cluster', () => {
  test('are created', () => {
    assert.deepEqual(told(compare(devs(SUE), '')), {
      changes: ['create RoleBinding/web/team-devs-view: binds ClusterRole view to User sue'],
      unchanged: 0,
    })
  })

  test('are left where they are the same, in whatever order', () => {
    assert.deepEqual(told(compare(devs(`${SUE}, ${JOE}`), binding('team-devs-view', `${JOE}, ${SUE}`))), {
      changes: [],
      unchanged: 1,
    })
  })

  test('have their subjects patched in place', () => {
    const compared = compare(devs(SUE), binding('team-devs-view', JOE))
    assert.deepEqual(told(compared), {
      changes: ['change RoleBinding/web/team-devs-view: + User sue; - User joe'],
      unchanged: 0,
    })
    const [change] = compared.changes
    assert.deepEqual(change?.patch, {
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'sue' }],
    })
    assert.match(change?.manager ?? '', /delete the binding and create it again/)
    assert.deepEqual(change?.object.body.metadata, change?.before?.body.metadata)
  })

  test('are replaced for another role alone', () => {
    const [change] = compare(
      definition('[{name: a, subjects: [{kind: User, name: sue}], roleBindings: [{role: x, namespace: web}]}]'),
      binding('team-a-x-web', SUE, { role: 'x' }),
    ).changes
    assert.equal(change?.action, 'replace')
    assert.match(change?.what[0] ?? '', /ClusterRole x becomes Role x/)
  })

  test('are not taken from somebody else', () => {
    for (const metadata of ['labels: {a: b}', LABELLED.replace('name: team', 'name: other')])
      assert.deepEqual(told(compare(devs(SUE), binding('team-devs-view', JOE, { metadata }))), {
        changes: [],
        problems: ['error name-taken'],
        unchanged: 0,
      })
  })

  test('that lost their label get it again', () => {
    const [change] = compare(devs(SUE), binding('team-devs-view', SUE, { metadata: OWNED })).changes
    assert.deepEqual(change?.patch, { metadata: { labels: { 'rbac-manager': 'reactiveops' } } })
  })

  test('of a definition that was deleted and created get its uid', () => {
    const expansion = expansionOf(devs(SUE).replace('name: team', 'name: team, uid: new'))
    const [change] = changesOf(expansion, clusterOf(NAMESPACES + binding('team-devs-view', SUE))).changes
    assert.match(change?.what.join() ?? '', /another uid/)
  })

  test('carry when they end, which is patched', () => {
    const text = devs(SUE).replace('name: team', 'name: team, annotations: {bulkhead.dev/expires: "2027-01-01"}')
    const [change] = compare(text, binding('team-devs-view', SUE)).changes
    assert.deepEqual(change?.patch, { metadata: { annotations: { 'bulkhead.dev/expires': '2027-01-02T00:00:00Z' } } })
    assert.equal(change?.manager, undefined)
    const metadata = `annotations: {bulkhead.dev/expires: "2027-01-02T00:00:00Z", mine: stays}, ${LABELLED}`
    const [gone] = compare(devs(SUE), binding('team-devs-view', SUE, { metadata })).changes
    assert.deepEqual(gone?.patch, { metadata: { annotations: { 'bulkhead.dev/expires': null } } })
    assert.equal(JSON.stringify(gone?.object.body.metadata).includes('expires'), false)
    assert.ok(JSON.stringify(gone?.object.body.metadata).includes('"mine":"stays"'))
  })
})

describe('what is left over', () => {
  const old = binding('team-old-view', JOE)

  test('is deleted where it is labelled and owned by a definition of that name', () => {
    assert.deepEqual(told(compare(devs(SUE), binding('team-devs-view', SUE) + old)), {
      changes: ['delete RoleBinding/web/team-old-view: bound ClusterRole view to User joe'],
      unchanged: 1,
    })
  })

  test('is left where it is not labelled, owned by nobody, or by another', () => {
    for (const metadata of [
      OWNED,
      'labels: {rbac-manager: reactiveops}',
      LABELLED.replace('name: team', 'name: other'),
    ])
      assert.deepEqual(told(compare(definition('[]'), binding('team-old-view', JOE, { metadata }))), {
        changes: [],
        unchanged: 0,
      })
  })

  test('is kept where the definition has faults by which it says less', () => {
    for (const text of [
      definition(
        '[{name: old, subjects: [{kind: User, name: joe}], roleBindings: [{clusterRole: view, namespaceSelector: {}}]}]',
      ),
      definition('[{name: old, subjects: [{kind: User, name: joe}], roleBindings: [{namespace: web}]}]'),
      definition('{}'),
      `apiVersion: rbacmanager.reactiveops.io/v1beta1\nkind: RBACDefinition\nmetadata: {name: team}\nspec: {}`,
    ])
      assert.deepEqual(told(compare(text, old)), { changes: [], kept: ['RoleBinding/web/team-old-view'], unchanged: 0 })
  })

  test('is deleted where it has expired, whatever else the definition says', () => {
    const text = definition(
      '[{name: old, subjects: [{kind: User, name: joe}], roleBindings: [{clusterRole: view, namespace: web}, {namespace: web}]}]',
      'name: team, annotations: {bulkhead.dev/expires: "2026-01-01"}',
    )
    const objects = objectsOf(text)
    const expansion = expandDefinitions(objects, new Map(), { time: Date.UTC(2026, 6, 1) })
    assert.deepEqual(told(changesOf(expansion, clusterOf(NAMESPACES + old))), {
      changes: ['delete RoleBinding/web/team-old-view: has expired; bound ClusterRole view to User joe'],
      unchanged: 0,
    })
  })

  test('is kept of the hundred and first faulty definition as well', () => {
    const many = Array.from({ length: 150 }, (_, index) => definition('{}', `name: d${index}`)).join('\n---\n')
    const metadata = LABELLED.replace('name: team', 'name: d149')
    const compared = compare(many, binding('d149-a-view', JOE, { metadata }))
    assert.deepEqual(told(compared), { changes: [], kept: ['RoleBinding/web/d149-a-view'], unchanged: 0 })
  })

  test('nobody is taken out by a definition that has faults', () => {
    const text = devs(`${SUE}, {kind: user, name: joe}`)
    assert.deepEqual(told(compare(text, binding('team-devs-view', `${SUE}, ${JOE}`))), {
      changes: [],
      kept: ['RoleBinding/web/team-devs-view'],
      unchanged: 0,
    })
    assert.equal(compare(text, binding('team-devs-view', '')).changes[0]?.action, 'change')
  })

  test('is kept where the labels of its namespace are not known', () => {
    const text = definition(
      '[{name: old, subjects: [{kind: User, name: joe}], roleBindings: [{clusterRole: view, namespaceSelector: {matchLabels: {team: devs}}}]}]',
    )
    const compared = changesOf(expansionOf(text, ''), clusterOf(old))
    assert.deepEqual(told(compared), { changes: [], kept: ['RoleBinding/web/team-old-view'], unchanged: 0 })
  })

  test('of an account says what runs as it', () => {
    const pod = `---
apiVersion: v1
kind: Pod
metadata: {name: p, namespace: web}
spec: {serviceAccountName: ci, containers: [{name: c, image: i}]}
`
    assert.deepEqual(told(compare(definition('[]'), account('') + pod)), {
      changes: ['delete ServiceAccount/web/ci: every token of it dies; 1 workload of the input run as it'],
      unchanged: 0,
    })
  })
})

describe('accounts against a cluster', () => {
  const asked = (rest: string) =>
    definition(`[{name: ci, subjects: [{kind: ServiceAccount, name: ci, namespace: web${rest}}]}]`)

  test('are never deleted and created', () => {
    const cases: readonly [string, string, string, object | undefined][] = [
      ['', 'imagePullSecrets: [{name: openshift}]', '', undefined],
      [', imagePullSecrets: [a]', 'imagePullSecrets: [{name: openshift}, {name: a}]', 'a', undefined],
      [
        ', imagePullSecrets: [a]',
        'imagePullSecrets: [{name: openshift}]',
        'a',
        { imagePullSecrets: [{ name: 'openshift' }, { name: 'a' }] },
      ],
      [
        ', imagePullSecrets: [b]',
        'imagePullSecrets: [{name: a}, {name: openshift}]',
        'a',
        {
          metadata: { annotations: { 'rbacmanager.reactiveops.io/managed-pull-secrets': 'b' } },
          imagePullSecrets: [{ name: 'openshift' }, { name: 'b' }],
        },
      ],
      [', automountServiceAccountToken: false', '', '', { automountServiceAccountToken: false }],
      [', automountServiceAccountToken: false', 'automountServiceAccountToken: false', '', undefined],
      ['', 'automountServiceAccountToken: false', '', undefined],
    ]
    for (const [rest, existing, annotation, patch] of cases) {
      const { changes, unchanged } = compare(asked(rest), account(existing, LABELLED, annotation))
      assert.deepEqual(changes[0]?.patch, patch, `${rest} ${existing}`)
      assert.equal(unchanged, patch === undefined ? 1 : 0)
      if (patch) assert.equal(changes[0]?.action, 'change')
    }
  })

  test('of which rbac-manager would kill the tokens say so', () => {
    const [change] = compare(asked(', imagePullSecrets: [a]'), account('')).changes
    assert.match(change?.manager ?? '', /every token of it dies/)
    const [mount] = compare(asked(', automountServiceAccountToken: true'), account('')).changes
    assert.match(mount?.manager ?? '', /would not apply it/)
  })

  test('of somebody else are bound as they are', () => {
    assert.deepEqual(told(compare(asked(''), account('', 'labels: {a: b}'))), {
      changes: [],
      problems: ['note name-taken'],
      unchanged: 0,
    })
  })
})

describe('roles and uids', () => {
  test('a role that nobody has is told once a place, a default is there', () => {
    const expansion = expansionOf(
      definition(
        '[{name: a, subjects: [{kind: User, name: sue}], clusterRoleBindings: [{clusterRole: edit}, {clusterRole: gone}], roleBindings: [{role: r, namespaceSelector: {matchLabels: {team: devs}}}]}]',
      ),
    )
    const role = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: web}
rules: []
`
    const problems = missingRoles(expansion, policyOf(clusterOf(NAMESPACES + role)))
    assert.deepEqual(
      problems.map(({ message }) => message),
      [
        'ClusterRole gone is not in the input: it grants nothing until somebody makes it',
        'Role r is not in the input for api: it grants nothing until somebody makes it',
      ],
    )
  })

  test('a definition of a file has no uid', () => {
    assert.equal(withoutUid(expansionOf(devs(SUE)).definitions).length, 1)
    assert.equal(withoutUid(expansionOf(devs(SUE).replace('name: team', 'name: team, uid: u')).definitions).length, 0)
  })
})

describe('who would lose what was used', () => {
  const cluster = clusterOf(
    NAMESPACES + binding('team-old-view', JOE) + binding('plain', JOE, { namespace: 'api', metadata: 'labels: {}' }),
  )
  const right = (namespace: string) => ({
    ...{ verb: 'list', group: '', resource: 'pods', subresource: '', namespace, name: '', path: '' },
    ...{ times: 3, last: 0 },
  })

  test('is who had it by what goes, and by nothing else', () => {
    const { changes } = changesOf(expansionOf(definition('[]')), cluster)
    const gone = new Set(changes.map(({ object }) => object.id))
    const after = clusterOf(NAMESPACES + binding('plain', JOE, { namespace: 'api', metadata: 'labels: {}' }))
    assert.equal(gone.size, 1)
    const used = {
      rights: () => [right('web'), right('api'), { ...right('web'), resource: 'secrets' }],
      whosOf: (subject: string) =>
        subject === 'User//joe' ? [{ user: 'joe', groups: ['system:authenticated'], subject }] : [],
    }
    assert.deepEqual(lostBy(changes, policyOf(cluster), policyOf(after), used), [
      { subject: 'User//joe', rights: [right('web')] },
    ])
  })
})
