import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sameInput } from './again.ts'
import { bulkhead, testFolder } from './cli.testing.ts'

const RBAC = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: jane, namespace: app}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: User, name: "oidc:jane", apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: admins}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: Group, name: "oidc:admins", apiGroup: rbac.authorization.k8s.io}]
`

describe('a directory beside the objects', () => {
  const folder = testFolder()
  const rbac = folder.write('rbac.yaml', RBAC)
  const people = folder.write('people.csv', 'user,groups\njane,admins\n')
  const PREFIXES = ['--user-prefix', 'oidc:', '--group-prefix', 'oidc:']

  test('leads people to what their groups may, with its line', () => {
    const path = ['path', 'user:oidc:jane', 'control-plane', '-f', rbac, '-o', 'json']
    assert.equal(JSON.parse(bulkhead(path).stdout).chance, 0)
    const told = JSON.parse(bulkhead([...path, '--directory', people, ...PREFIXES]).stdout)
    assert.equal(told.chance, 1)
    const [{ because }] = told.edges
    assert.equal(because[0].file, people)
    assert.equal(because[0].line, 2)
  })
  test('counts for the radius, and is named in the next command', () => {
    const given = ['-f', rbac, '--directory', people, ...PREFIXES]
    const { items } = JSON.parse(bulkhead(['radius', 'user:oidc:jane', ...given, '-o', 'json']).stdout)
    assert.equal(items[0].control.length, 1)
    const flags = {
      output: [],
      progress: true,
      enforced: 'assume',
      directory: ['a b.csv'],
      userPrefix: ['oidc:'],
    } as const
    assert.deepEqual(sameInput({ ...flags, cloud: ['aws.json'] }), [
      '--cloud aws.json',
      "--directory 'a b.csv'",
      '--user-prefix oidc:',
    ])
  })
  test('that cannot be read is told', () => {
    const { status, stderr } = bulkhead(['scan', '-f', rbac, '--directory', `${people}.not`])
    assert.equal(status, 3)
    assert.match(stderr, /people\.csv\.not/)
  })
})
