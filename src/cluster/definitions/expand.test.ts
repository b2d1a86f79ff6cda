import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, formatPath, type Json } from '../json.ts'
import { resolveNamespaces } from '../namespace.ts'
import { objectsOf } from '../testing.ts'
import { isDefinition } from './definition.ts'
import { type ExpandOptions, type Expansion, expandDefinitions } from './expand.ts'

const NAMESPACES = `
apiVersion: v1
kind: NamespaceList
items:
  - {metadata: {name: web, labels: {app: web, team: devs}}}
  - {metadata: {name: api, labels: {app: api, team: devs}}}
  - {metadata: {name: db, labels: {app: db, team: db}}}
  - {metadata: {name: bots}}
---
`

function expandText(text: string, options?: ExpandOptions): Expansion {
  const objects = objectsOf(text)
  return expandDefinitions(objects.filter(isDefinition), resolveNamespaces(objects), options)
}

/** A definition named `config`, of these rbacBindings as YAML flow. */
function expand(bindings: string, options?: ExpandOptions & { namespaces?: string; annotations?: string }): Expansion {
  return expandText(
    `${options?.namespaces ?? NAMESPACES}
apiVersion: rbacmanager.reactiveops.io/v1beta1
kind: RBACDefinition
metadata: {name: config, annotations: ${options?.annotations ?? '{}'}}
rbacBindings: ${bindings}`,
    options,
  )
}

/** `RoleBinding web/config-devs-edit ClusterRole/edit: User sue`. */
function told({ objects }: Expansion): readonly string[] {
  return objects.map(({ kind, namespace, name, body }) => {
    const role = at(body, 'roleRef', 'kind')
    const subjects = (at(body, 'subjects') ?? []) as readonly { kind: string; name: string; namespace?: string }[]
    const bound = subjects.map((each) => `${each.kind} ${each.namespace ? `${each.namespace}/` : ''}${each.name}`)
    const binds = role === undefined ? '' : ` ${role}/${at(body, 'roleRef', 'name')}: ${bound.join(', ')}`
    return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}${binds}`
  })
}

function wrong({ problems }: Expansion): readonly string[] {
  return problems.map(({ check, severity, path }) => `${severity} ${check} ${formatPath(path)}`)
}

const SUE = 'subjects: [{kind: User, name: sue}]'

describe('what rbac-manager makes', () => {
  test('of no bindings is nothing', () => {
    assert.deepEqual(told(expand('[]')), [])
    assert.deepEqual(wrong(expand('[]')), [])
  })

  test('names, labels, owner and annotation', () => {
    const { objects } = expandText(`${NAMESPACES}
apiVersion: rbacmanager.reactiveops.io/v1beta1
kind: RBACDefinition
metadata: {name: config, uid: 1-2-3}
rbacBindings:
  - name: bots
    subjects: [{kind: ServiceAccount, name: ci, namespace: bots, imagePullSecrets: [z, a], automountServiceAccountToken: true}]
    clusterRoleBindings: [{clusterRole: 'system:node'}]`)
    const metadata = {
      labels: { 'rbac-manager': 'reactiveops' },
      ownerReferences: [
        {
          apiVersion: 'rbacmanager.reactiveops.io/v1beta1',
          kind: 'RBACDefinition',
          name: 'config',
          uid: '1-2-3',
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    }
    assert.deepEqual(
      objects.map(({ body }) => body),
      [
        {
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: {
            name: 'ci',
            namespace: 'bots',
            ...metadata,
            annotations: { 'rbacmanager.reactiveops.io/managed-pull-secrets': 'z,a' },
          },
          imagePullSecrets: [{ name: 'z' }, { name: 'a' }],
          automountServiceAccountToken: true,
        },
        {
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'ClusterRoleBinding',
          metadata: { name: 'config-bots-system:node', ...metadata },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node' },
          subjects: [{ kind: 'ServiceAccount', name: 'ci', namespace: 'bots' }],
        },
      ] as unknown as Json[],
    )
  })

  const cases: readonly [string, string, readonly string[]][] = [
    [
      'a ClusterRole in a namespace is named by definition, binding and role',
      `[{name: devs, ${SUE}, roleBindings: [{clusterRole: edit, namespace: web}]}]`,
      ['RoleBinding web/config-devs-edit ClusterRole/edit: User sue'],
    ],
    [
      'a Role has its namespace in the name',
      `[{name: devs, ${SUE}, roleBindings: [{role: custom, namespace: bots}]}]`,
      ['RoleBinding bots/config-devs-custom-bots Role/custom: User sue'],
    ],
    [
      'a Role by selector ends in a dash',
      `[{name: devs, ${SUE}, roleBindings: [{role: custom, namespaceSelector: {matchLabels: {team: db}}}]}]`,
      ['RoleBinding db/config-devs-custom- Role/custom: User sue'],
    ],
    [
      'by selector, one in each namespace',
      `[{name: devs, ${SUE}, roleBindings: [{clusterRole: edit, namespaceSelector: {matchLabels: {team: devs}}}]}]`,
      [
        'RoleBinding api/config-devs-edit ClusterRole/edit: User sue',
        'RoleBinding web/config-devs-edit ClusterRole/edit: User sue',
      ],
    ],
    [
      'labels and expressions together',
      `[{name: devs, ${SUE}, roleBindings: [{clusterRole: edit, namespaceSelector: {matchLabels: {team: devs}, matchExpressions: [{key: app, operator: In, values: [web, queue]}]}}]}]`,
      ['RoleBinding web/config-devs-edit ClusterRole/edit: User sue'],
    ],
    [
      'NotIn selects what lacks the key',
      `[{name: devs, ${SUE}, roleBindings: [{clusterRole: edit, namespaceSelector: {matchExpressions: [{key: app, operator: NotIn, values: [api, db]}]}}]}]`,
      [
        'RoleBinding bots/config-devs-edit ClusterRole/edit: User sue',
        'RoleBinding web/config-devs-edit ClusterRole/edit: User sue',
      ],
    ],
    [
      'Exists and DoesNotExist',
      `[{name: a, ${SUE}, roleBindings: [{clusterRole: edit, namespaceSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}, {clusterRole: view, namespaceSelector: {matchExpressions: [{key: team, operator: Exists}, {key: app, operator: In, values: [db]}]}}]}]`,
      [
        'RoleBinding bots/config-a-edit ClusterRole/edit: User sue',
        'RoleBinding db/config-a-view ClusterRole/view: User sue',
      ],
    ],
    [
      'the label of the name, which the API server sets',
      `[{name: a, ${SUE}, roleBindings: [{clusterRole: edit, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: bots}}}]}]`,
      ['RoleBinding bots/config-a-edit ClusterRole/edit: User sue'],
    ],
    [
      'subjects in their order, accounts among them once',
      '[{name: a, subjects: [{kind: ServiceAccount, name: r, namespace: bots}, {kind: Group, name: g}, {kind: ServiceAccount, name: r, namespace: web}], clusterRoleBindings: [{clusterRole: view}]}, {name: b, subjects: [{kind: ServiceAccount, name: r, namespace: bots}], clusterRoleBindings: [{clusterRole: view}]}]',
      [
        'ServiceAccount bots/r',
        'ServiceAccount web/r',
        'ClusterRoleBinding config-a-view ClusterRole/view: ServiceAccount bots/r, Group g, ServiceAccount web/r',
        'ClusterRoleBinding config-b-view ClusterRole/view: ServiceAccount bots/r',
      ],
    ],
    [
      'an account without any binding',
      '[{name: a, subjects: [{kind: ServiceAccount, name: r, namespace: bots}]}]',
      ['ServiceAccount bots/r'],
    ],
    [
      'null is absent',
      `[{name: a, ${SUE}, clusterRoleBindings: null, roleBindings: [{clusterRole: edit, role: null, namespace: web, namespaceSelector: null}, {clusterRole: view, namespace: web, namespaceSelector: {matchLabels: null, matchExpressions: null}}]}]`,
      [
        'RoleBinding web/config-a-edit ClusterRole/edit: User sue',
        'RoleBinding web/config-a-view ClusterRole/view: User sue',
      ],
    ],
    [
      'an empty clusterRole leaves the role',
      `[{name: a, ${SUE}, roleBindings: [{clusterRole: '', role: custom, namespace: web}]}]`,
      ['RoleBinding web/config-a-custom-web Role/custom: User sue'],
    ],
    [
      'a binding with an empty name',
      `[{name: '', ${SUE}, clusterRoleBindings: [{clusterRole: view}]}]`,
      ['ClusterRoleBinding config--view ClusterRole/view: User sue'],
    ],
  ]
  for (const [name, bindings, expected] of cases) test(name, () => assert.deepEqual(told(expand(bindings)), expected))

  test('the same bytes whatever the order of namespaces and definitions', () => {
    const one = `apiVersion: rbacmanager.reactiveops.io/v1beta1
kind: RBACDefinition
metadata: {name: one}
rbacBindings: [{name: a, ${SUE}, roleBindings: [{clusterRole: edit, namespaceSelector: {matchExpressions: [{key: app, operator: Exists}]}}]}]
`
    const two = one.replace('name: one', 'name: two')
    const reversed = objectsOf(NAMESPACES).toReversed()
    const plain = expandText(`${NAMESPACES}\n${one}---\n${two}`)
    const objects = [...objectsOf(two), ...reversed, ...objectsOf(one)]
    const other = expandDefinitions(objects.filter(isDefinition), resolveNamespaces(objects))
    assert.equal(
      JSON.stringify(other.objects.map(({ body }) => body)),
      JSON.stringify(plain.objects.map(({ body }) => body)),
    )
    assert.equal(plain.objects.length, 6)
  })
})

describe('a mistake is told, and the rest is made', () => {
  const good = `{name: good, ${SUE}, clusterRoleBindings: [{clusterRole: view}]}`
  const made = 'ClusterRoleBinding config-good-view ClusterRole/view: User sue'
  const first = (roleBinding: string) => `[{name: bad, ${SUE}, roleBindings: [${roleBinding}]}, ${good}]`
  const place = 'rbacBindings[0].roleBindings[0]'
  const cases: readonly [string, string, readonly string[], readonly string[]][] = [
    ['neither role nor clusterRole', first('{namespace: web}'), [made], [`error no-role ${place}`]],
    ['neither namespace nor selector', first('{clusterRole: edit}'), [made], [`error no-namespace ${place}`]],
    [
      'an empty selector alone',
      first('{clusterRole: edit, namespaceSelector: {}}'),
      [made],
      [`error empty-selector ${place}.namespaceSelector`],
    ],
    [
      'a selector of no expressions',
      first('{clusterRole: edit, namespaceSelector: {matchExpressions: []}}'),
      [made],
      [`error empty-selector ${place}.namespaceSelector`],
    ],
    [
      'an empty selector beside a namespace',
      first('{clusterRole: edit, namespace: web, namespaceSelector: {}}'),
      [made, 'RoleBinding web/config-bad-edit ClusterRole/edit: User sue'],
      [`note empty-selector ${place}.namespaceSelector`],
    ],
    [
      'a selector and a namespace: the selector counts, and the namespace stays in the name of a Role',
      first('{role: r, namespace: bots, namespaceSelector: {matchLabels: {team: db}}}'),
      [made, 'RoleBinding db/config-bad-r-bots Role/r: User sue'],
      [`warning selector-over-namespace ${place}`],
    ],
    [
      'a role and a clusterRole: the clusterRole counts',
      first('{role: r, clusterRole: edit, namespace: web}'),
      [made, 'RoleBinding web/config-bad-edit ClusterRole/edit: User sue'],
      [`warning cluster-role-over-role ${place}`],
    ],
    [
      'matchLabels without any',
      first('{clusterRole: edit, namespaceSelector: {matchLabels: {}}}'),
      [
        made,
        ...['api', 'bots', 'db', 'web'].map((each) => `RoleBinding ${each}/config-bad-edit ClusterRole/edit: User sue`),
      ],
      [`warning selects-everything ${place}.namespaceSelector`],
    ],
    [
      'a selector of nothing',
      first('{clusterRole: edit, namespaceSelector: {matchLabels: {team: other}}}'),
      [made],
      [`warning selects-nothing ${place}.namespaceSelector`],
    ],
    ...(
      [
        ['an operator that is none', '{matchExpressions: [{key: a, operator: Like, values: [b]}]}'],
        ['In without values', '{matchExpressions: [{key: a, operator: In}]}'],
        ['Exists with values', '{matchExpressions: [{key: a, operator: Exists, values: [b]}]}'],
        ['a key that is none', '{matchLabels: {"a b": c}}'],
        ['a key with two slashes', '{matchLabels: {a/b/c: d}}'],
        ['a value that is none', '{matchLabels: {a: "b c"}}'],
        ['a value of 64 characters', `{matchLabels: {a: ${'b'.repeat(64)}}}`],
        ['values that are no texts', '{matchExpressions: [{key: a, operator: In, values: [1]}]}'],
        ['a label that is no text', '{matchLabels: {a: 1}}'],
        ['no mapping', '[a]'],
        ['expressions that are no list', '{matchExpressions: {key: a}}'],
      ] as const
    ).map(([name, selector]): [string, string, readonly string[], readonly string[]] => [
      `a selector with ${name}`,
      first(`{clusterRole: edit, namespaceSelector: ${selector}}`),
      [made],
      [`error invalid-selector ${place}.namespaceSelector`],
    ]),
    [
      'a namespace that is not there',
      first('{clusterRole: edit, namespace: gone}'),
      [made, 'RoleBinding gone/config-bad-edit ClusterRole/edit: User sue'],
      [`warning missing-namespace ${place}.namespace`],
    ],
    [
      'kube-system is always there',
      first('{clusterRole: edit, namespace: kube-system}'),
      [made, 'RoleBinding kube-system/config-bad-edit ClusterRole/edit: User sue'],
      [],
    ],
    [
      'a field that nobody knows',
      first('{clusterRole: edit, namespaces: [web], namespace: web}'),
      [made, 'RoleBinding web/config-bad-edit ClusterRole/edit: User sue'],
      [`warning unknown-field ${place}.namespaces`],
    ],
    [
      'a role that is no text',
      first('{clusterRole: 3, namespace: web}'),
      [made],
      [`error invalid ${place}.clusterRole`, `error no-role ${place}`],
    ],
    [
      'no clusterRole',
      `[{name: bad, ${SUE}, clusterRoleBindings: [{}]}, ${good}]`,
      [made],
      ['error no-role rbacBindings[0].clusterRoleBindings[0]'],
    ],
    [
      'an empty clusterRole',
      `[{name: bad, ${SUE}, clusterRoleBindings: [{clusterRole: ''}]}, ${good}]`,
      [made],
      ['error no-role rbacBindings[0].clusterRoleBindings[0]'],
    ],
    [
      'a name with a slash',
      `[{name: a/b, ${SUE}, clusterRoleBindings: [{clusterRole: view}]}, ${good}]`,
      [made],
      ['error invalid-name rbacBindings[0].clusterRoleBindings[0]'],
    ],
    [
      'no name',
      `[{${SUE}, clusterRoleBindings: [{clusterRole: view}]}, ${good}]`,
      [made],
      ['error invalid rbacBindings[0]'],
    ],
    [
      'no subjects',
      `[{name: bad, clusterRoleBindings: [{clusterRole: view}]}, ${good}]`,
      [made],
      ['error invalid rbacBindings[0]'],
    ],
    ['a binding that is none', `[7, ${good}]`, [made], ['error invalid rbacBindings[0]']],
    [
      'lists that are none',
      `[{name: bad, ${SUE}, clusterRoleBindings: {clusterRole: view}, roleBindings: x}, ${good}]`,
      [made],
      ['error invalid rbacBindings[0].clusterRoleBindings', 'error invalid rbacBindings[0].roleBindings'],
    ],
    [
      'nobody',
      `[{name: none, subjects: [], clusterRoleBindings: [{clusterRole: view}]}, ${good}]`,
      [made, 'ClusterRoleBinding config-none-view ClusterRole/view: '],
      ['note no-subjects rbacBindings[0].subjects'],
    ],
    [
      'a subject of no kind, one of another, one without a name',
      `[{name: bad, subjects: [{name: x}, {kind: Robot, name: x}, {kind: User}, {kind: user, name: x}, {kind: Group, name: ''}, {kind: User, name: sue}], clusterRoleBindings: [{clusterRole: view}]}]`,
      ['ClusterRoleBinding config-bad-view ClusterRole/view: User sue'],
      [0, 1, 2, 3, 4].map((index) => `error invalid rbacBindings[0].subjects[${index}]`),
    ],
    [
      'an account without a namespace, which is another one in each RoleBinding',
      '[{name: bad, subjects: [{kind: ServiceAccount, name: ci}, {kind: User, name: sue}], clusterRoleBindings: [{clusterRole: view}], roleBindings: [{clusterRole: edit, namespace: web}]}]',
      [
        'ClusterRoleBinding config-bad-view ClusterRole/view: User sue',
        'RoleBinding web/config-bad-edit ClusterRole/edit: ServiceAccount ci, User sue',
      ],
      ['error account-without-namespace rbacBindings[0].subjects[0]'],
    ],
    [
      'an account of a name that is none',
      '[{name: bad, subjects: [{kind: ServiceAccount, name: Ci_Bot, namespace: web}, {kind: User, name: sue}], clusterRoleBindings: [{clusterRole: view}]}]',
      ['ClusterRoleBinding config-bad-view ClusterRole/view: User sue'],
      ['error invalid-name rbacBindings[0].subjects[0]'],
    ],
    [
      'the same account with other pull secrets: the first counts',
      '[{name: a, subjects: [{kind: ServiceAccount, name: ci, namespace: web, imagePullSecrets: [x]}]}, {name: b, subjects: [{kind: ServiceAccount, name: ci, namespace: web}]}]',
      ['ServiceAccount web/ci'],
      ['error collision rbacBindings[1].subjects[0]'],
    ],
    [
      'two bindings of one name: the first counts',
      '[{name: a, subjects: [{kind: User, name: joe}], clusterRoleBindings: [{clusterRole: view}]}, {name: a, subjects: [{kind: User, name: sue}], clusterRoleBindings: [{clusterRole: view}]}]',
      ['ClusterRoleBinding config-a-view ClusterRole/view: User joe'],
      ['error collision rbacBindings[1].clusterRoleBindings[0]'],
    ],
    [
      'a Role and a ClusterRole of one name',
      `[{name: a, ${SUE}, roleBindings: [{role: r, namespace: web}, {clusterRole: r-web, namespace: web}]}]`,
      ['RoleBinding web/config-a-r-web Role/r: User sue'],
      ['error collision rbacBindings[0].roleBindings[1]'],
    ],
    [
      'the same twice, by name and by selector',
      `[{name: a, ${SUE}, roleBindings: [{clusterRole: r, namespace: db}, {clusterRole: r, namespaceSelector: {matchLabels: {team: db}}}]}]`,
      ['RoleBinding db/config-a-r ClusterRole/r: User sue'],
      ['note collision rbacBindings[0].roleBindings[1]'],
    ],
  ]
  for (const [name, bindings, objects, problems] of cases)
    test(name, () => {
      const expansion = expand(bindings)
      assert.deepEqual(told(expansion), objects)
      assert.deepEqual(wrong(expansion), problems)
    })

  test('a name that another definition has: the older one counts', () => {
    const definition = (name: string, binding: string, user: string, created: string) => `---
apiVersion: rbacmanager.reactiveops.io/v1beta1
kind: RBACDefinition
metadata: {name: ${name}, creationTimestamp: ${created}}
rbacBindings: [{name: ${binding}, subjects: [{kind: User, name: ${user}}], clusterRoleBindings: [{clusterRole: view}]}]
`
    const old = definition('a-b', 'c', 'joe', '2020-01-01T00:00:00Z')
    const young = definition('a', 'b-c', 'sue', '2021-01-01T00:00:00Z')
    for (const text of [young + old, old + young]) {
      const expansion = expandText(text)
      assert.deepEqual(told(expansion), ['ClusterRoleBinding a-b-c-view ClusterRole/view: User joe'])
      assert.deepEqual(wrong(expansion), ['error collision rbacBindings[0].clusterRoleBindings[0]'])
      assert.equal(expansion.problems[0]?.object.name, 'a')
      assert.match(expansion.problems[0]?.message ?? '', /RBACDefinition a-b/)
    }
  })

  test('a terminating namespace, named or selected', () => {
    for (const state of [
      'status: {phase: Terminating}',
      'metadata: {deletionTimestamp: "2026-01-01T00:00:00Z", name: web}',
    ]) {
      const namespaces = `apiVersion: v1\nkind: Namespace\n${state.startsWith('metadata') ? '' : 'metadata: {name: web}\n'}${state}\n---\n`
      const expansion = expand(
        `[{name: a, ${SUE}, roleBindings: [{clusterRole: edit, namespace: web}, {clusterRole: view, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: web}}}]}]`,
        { namespaces },
      )
      assert.equal(told(expansion).length, 2)
      assert.deepEqual(wrong(expansion), [
        'warning terminating-namespace rbacBindings[0].roleBindings[0].namespace',
        'warning terminating-namespace rbacBindings[0].roleBindings[1].namespaceSelector',
      ])
    }
  })

  test('without Namespaces it is not known what a selector selects, but for a name', () => {
    const used = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: web}\n---\n'
    const byLabel = expand(
      `[{name: a, ${SUE}, roleBindings: [{clusterRole: edit, namespaceSelector: {matchLabels: {team: devs}}}]}]`,
      { namespaces: used },
    )
    assert.deepEqual(told(byLabel), [])
    assert.deepEqual(wrong(byLabel), ['warning unknown-namespaces rbacBindings[0].roleBindings[0].namespaceSelector'])
    const byName = expand(
      `[{name: a, ${SUE}, roleBindings: [{clusterRole: edit, namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: web}}}]}]`,
      { namespaces: used + NAMESPACES.replace('name: web,', 'name: other,') },
    )
    assert.deepEqual(told(byName), ['RoleBinding web/config-a-edit ClusterRole/edit: User sue'])
    const named = expand(`[{name: a, ${SUE}, roleBindings: [{clusterRole: edit, namespace: gone}]}]`, {
      namespaces: '',
    })
    assert.deepEqual(wrong(named), [])
  })

  test('of a namespace whose labels are not known a negative selector is not sure', () => {
    const used = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: other}\n---\n'
    const expansion = expand(
      `[{name: a, ${SUE}, roleBindings: [{clusterRole: edit, namespaceSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}}]}]`,
      { namespaces: used + NAMESPACES },
    )
    assert.deepEqual(told(expansion), ['RoleBinding bots/config-a-edit ClusterRole/edit: User sue'])
    assert.deepEqual(wrong(expansion), ['warning unknown-namespaces rbacBindings[0].roleBindings[0].namespaceSelector'])
  })
})

describe('what is no definition of rbac-manager 1.10', () => {
  const cases: readonly [string, string][] = [
    [
      'the group of 2018',
      'apiVersion: rbac-manager.reactiveops.io/v1beta1\nkind: RbacDefinition\nmetadata: {name: a}\nspec: {rbacUsers: []}',
    ],
    [
      'another group',
      'apiVersion: rbac.reactiveops.io/v1beta1\nkind: RBACDefinition\nmetadata: {name: a}\nrbacBindings: []',
    ],
    [
      'another version',
      'apiVersion: rbacmanager.reactiveops.io/v1\nkind: RBACDefinition\nmetadata: {name: a}\nrbacBindings: []',
    ],
    [
      'other capitals',
      'apiVersion: rbacmanager.reactiveops.io/v1beta1\nkind: RbacDefinition\nmetadata: {name: a}\nrbacBindings: []',
    ],
    [
      'a spec',
      `apiVersion: rbacmanager.reactiveops.io/v1beta1\nkind: RBACDefinition\nmetadata: {name: a}\nspec: {rbacBindings: [{name: x, ${SUE}, clusterRoleBindings: [{clusterRole: cluster-admin}]}]}`,
    ],
    ['nothing', 'apiVersion: rbacmanager.reactiveops.io/v1beta1\nkind: RBACDefinition\nmetadata: {name: a}'],
    [
      'null',
      'apiVersion: rbacmanager.reactiveops.io/v1beta1\nkind: RBACDefinition\nmetadata: {name: a}\nrbacBindings: null',
    ],
    [
      'a generated name',
      'apiVersion: rbacmanager.reactiveops.io/v1beta1\nkind: RBACDefinition\nmetadata: {generateName: a-}\nrbacBindings: []',
    ],
  ]
  for (const [name, text] of cases)
    test(name, () => {
      const expansion = expandText(text)
      assert.deepEqual(expansion.objects, [])
      assert.ok(expansion.problems.some(({ check, severity }) => check === 'not-read' && severity === 'error'))
    })

  test('rbacBindings that are no list', () => {
    assert.deepEqual(wrong(expand('{name: a}')), ['error invalid rbacBindings'])
  })

  test('another kind of the same name is none', () => {
    assert.ok(!objectsOf('apiVersion: example.com/v1\nkind: RBACDefinition\nmetadata: {name: a}').some(isDefinition))
  })
})

describe('grants that expire', () => {
  const bindings = `[{name: ops, ${SUE}, clusterRoleBindings: [{clusterRole: admin}]}, {name: devs, subjects: [{kind: ServiceAccount, name: ci, namespace: web}], clusterRoleBindings: [{clusterRole: view}]}]`
  const at2026 = Date.UTC(2026, 6, 1)
  const states = (annotations: string, time = at2026) =>
    expand(bindings, { annotations, time }).ended.map(({ object, state }) => `${object.name} ${state}`)

  test('one binding, or all of the definition; accounts stay', () => {
    const one = expand(bindings, { annotations: '{bulkhead.dev/expires.devs: "2026-01-01"}', time: at2026 })
    assert.deepEqual(told(one), [
      'ServiceAccount web/ci',
      'ClusterRoleBinding config-ops-admin ClusterRole/admin: User sue',
    ])
    assert.deepEqual(states('{bulkhead.dev/expires: "2026-01-01"}'), [
      'config-devs-view expired',
      'config-ops-admin expired',
    ])
    assert.deepEqual(states('{bulkhead.dev/starts: "2027-01-01"}'), [
      'config-devs-view not-begun',
      'config-ops-admin not-begun',
    ])
    assert.deepEqual(states('{bulkhead.dev/expires: "2027-01-01"}'), [])
  })

  test('the binding carries when it ends, and nothing else', () => {
    const { objects } = expand(bindings, {
      annotations:
        '{bulkhead.dev/expires: "2027-01-01", bulkhead.dev/starts.ops: "2026-01-01T10:00:00+02:00", note: x}',
    })
    assert.deepEqual(
      objects.map(({ body }) => at(body, 'metadata', 'annotations')),
      [
        { 'rbacmanager.reactiveops.io/managed-pull-secrets': '' },
        { 'bulkhead.dev/expires': '2027-01-02T00:00:00Z' },
        { 'bulkhead.dev/expires': '2027-01-02T00:00:00Z', 'bulkhead.dev/starts': '2026-01-01T08:00:00Z' },
      ],
    )
    assert.equal(at(expand(bindings).objects[2]?.body, 'metadata', 'annotations'), undefined)
  })

  test('a time that is none is told; the grant holds', () => {
    const expansion = expand(bindings, { annotations: '{bulkhead.dev/expires.ops: "31.12.2025"}', time: at2026 })
    assert.equal(told(expansion).length, 3)
    assert.deepEqual(wrong(expansion), ['error invalid-time metadata.annotations["bulkhead.dev/expires.ops"]'])
  })

  test('a time that is no text is told', () => {
    const expansion = expand(bindings, { annotations: '{bulkhead.dev/expires: 20250101}', time: at2026 })
    assert.equal(told(expansion).length, 3)
    assert.deepEqual(wrong(expansion), ['error invalid-time metadata.annotations["bulkhead.dev/expires"]'])
  })

  test('a name that no binding has is told', () => {
    const expansion = expand(bindings, { annotations: '{bulkhead.dev/expires.opps: "2025-01-01"}', time: at2026 })
    assert.deepEqual(wrong(expansion), ['error unknown-binding metadata.annotations["bulkhead.dev/expires.opps"]'])
  })

  test('what has ended takes no name', () => {
    const twice = `[{name: a, ${SUE}, clusterRoleBindings: [{clusterRole: view}]}, {name: a, subjects: [{kind: User, name: joe}], clusterRoleBindings: [{clusterRole: view}]}]`
    const expansion = expand(twice, { annotations: '{bulkhead.dev/expires.a: "2026-01-01"}', time: at2026 })
    assert.equal(expansion.ended.length, 2)
    assert.deepEqual(wrong(expansion), [])
  })
})

describe('hostile definitions', () => {
  test('keys of Object.prototype are keys', () => {
    const text = `[{name: constructor, subjects: [{kind: User, name: __proto__}], clusterRoleBindings: [{clusterRole: toString}], roleBindings: [{clusterRole: hasOwnProperty, namespaceSelector: {matchLabels: {constructor: x, __proto__: y}}}]}]`
    const expansion = expand(text)
    assert.equal(
      told(expansion)[0],
      'ClusterRoleBinding config-constructor-toString ClusterRole/toString: User __proto__',
    )
  })

  test('a few bytes do not make more than is made', () => {
    const many = Array.from(
      { length: 50 },
      (_, index) => `{clusterRole: r${index}, namespaceSelector: {matchLabels: {}}}`,
    )
    const expansion = expand(`[{name: a, ${SUE}, roleBindings: [${many.join()}]}]`, { most: 10 })
    assert.equal(expansion.objects.length, 10)
    assert.equal(expansion.problems.filter(({ check }) => check === 'too-many').length, 1)
  })

  test('problems are bounded, and counted', () => {
    const expansion = expand(`[${Array.from({ length: 1000 }, () => '7').join()}]`)
    assert.equal(expansion.problems.length, 101)
    assert.match(expansion.problems.at(-1)?.message ?? '', /899 more of the kind/)
  })

  test('ten thousand namespaces and as many selectors cost what they select', () => {
    const names = Array.from({ length: 10_000 }, (_, index) => index)
    const namespaces = `apiVersion: v1\nkind: NamespaceList\nitems:\n${names.map((each) => `- {metadata: {name: n${each}, labels: {l: v${each}}}}`).join('\n')}\n---\n`
    const wanted = names.map((each) => `{clusterRole: r, namespaceSelector: {matchLabels: {l: v${each}}}}`)
    const text = `[{name: a, ${SUE}, roleBindings: [${wanted.join()}]}]`
    const before = process.cpuUsage()
    const expansion = expand(text, { namespaces })
    const { user } = process.cpuUsage(before)
    assert.equal(expansion.objects.length, 10_000)
    assert.ok(user < 10_000_000, `${user / 1000} ms`)
  })
})
