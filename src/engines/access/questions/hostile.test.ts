import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { accessOf } from '../../../access.ts'
import { buildCluster } from '../../../cluster/cluster.ts'
import type { JsonObject } from '../../../cluster/json.ts'
import { idOf, type KubeObject } from '../../../cluster/object.ts'
import { can } from './can.ts'
import { rulesOfSubject } from './rules.ts'
import { whoCan } from './who-can.ts'
import { questionOf } from './words.ts'

const RBAC = 'rbac.authorization.k8s.io'

function object(kind: string, namespace: string, name: string, body: JsonObject): KubeObject {
  const group = kind === 'ServiceAccount' ? '' : RBAC
  return { id: idOf(kind, namespace, name), group, version: 'v1', kind, namespace, name, body }
}

const reader = object('ClusterRole', '', 'reader', {
  rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }],
})

function cpuSeconds(work: () => void): number {
  const start = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

describe('hostile policies', () => {
  test('a group bound in each of many namespaces, with many members, is told with its group', () => {
    const objects: KubeObject[] = [reader]
    for (let at = 0; at < 3_000; at++) {
      objects.push(object('ServiceAccount', `n${at}`, 'app', {}))
      objects.push(
        object('RoleBinding', `n${at}`, 'all', {
          roleRef: { kind: 'ClusterRole', name: 'reader' },
          subjects: [{ kind: 'Group', name: 'system:serviceaccounts' }],
        }),
      )
    }
    const cluster = buildCluster({ objects })
    const view = accessOf({ cluster, asOf: 0 })
    let found: ReturnType<typeof whoCan> | undefined
    const seconds = cpuSeconds(() => {
      found = whoCan(view, questionOf({ verb: 'get', resource: 'secrets' }, cluster, 'each'))
    })
    assert.ok(found)
    assert.ok(seconds < 3, `${seconds} CPU s`)
    assert.ok(found.holders.length < 30_000)
    assert.ok(found.untold > 2_900)
    assert.equal(found.groups.find(({ group }) => group === 'system:serviceaccounts')?.members.length, 100)
    assert.ok((found.groups.find(({ group }) => group === 'system:serviceaccounts')?.count ?? 0) >= 3_000)
  })

  test('a rule of many groups and resources is shown as it is written', () => {
    const many = Array.from({ length: 5_000 }, (_, at) => `r${at}`)
    const wide = object('ClusterRole', '', 'wide', { rules: [{ apiGroups: many, resources: many, verbs: ['get'] }] })
    const binding = object('ClusterRoleBinding', '', 'wide', {
      roleRef: { kind: 'ClusterRole', name: 'wide' },
      subjects: [{ kind: 'User', name: 'ann' }],
    })
    const cluster = buildCluster({ objects: [wide, binding] })
    const { rules } = rulesOfSubject(
      accessOf({ cluster, asOf: 0 }),
      { kind: 'User', name: 'ann', namespace: '' },
      undefined,
    )
    assert.ok(rules.some(({ rule }) => rule.resources.length === 5_000))
  })

  test('names like those of an object’s own members are names like any other', () => {
    const odd = ['__proto__', 'constructor', 'hasOwnProperty']
    const binding = object('ClusterRoleBinding', '', '__proto__', {
      roleRef: { kind: 'ClusterRole', name: 'reader' },
      subjects: odd.map((name) => ({ kind: 'User', name })),
    })
    const cluster = buildCluster({ objects: [reader, binding] })
    const view = accessOf({ cluster, asOf: 0 })
    const question = questionOf({ verb: 'get', resource: 'secrets' }, cluster, 'one')
    for (const name of odd) assert.ok(can(view, { kind: 'User', name, namespace: '' }, question).allowed, name)
    assert.equal(can(view, { kind: 'User', name: 'toString', namespace: '' }, question).allowed, false)
  })
})
