// Roles minimised from what a real API server recorded, where the rights that it asked besides leave no line of their own. Run: npm run e2e
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bulkhead, testFolder } from '../../src/cli/cli.testing.ts'
import { at, type JsonObject, string } from '../../src/cluster/json.ts'
import { objectsOf } from '../../src/cluster/testing.ts'
import { type ControlPlane, startControlPlane } from '../controlplane/start.ts'
import { type Api, connect, type Method, type RequestOptions } from '../policy/api.ts'
import { as, installRbac, replaceRbac } from './held.ts'
import { rbacObject } from './policy.ts'

const RBAC = 'rbac.authorization.k8s.io'
const NAMESPACE = 'shop'

function granted(name: string, subject: JsonObject, rules: readonly JsonObject[]): readonly JsonObject[] {
  return [
    rbacObject({ kind: 'ClusterRole', namespace: '', name }, { rules }),
    rbacObject(
      { kind: 'ClusterRoleBinding', namespace: '', name },
      { roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name }, subjects: [subject] },
    ),
  ]
}

const user = (name: string): JsonObject => ({ kind: 'User', apiGroup: RBAC, name })
const all = (apiGroup: string, ...resources: string[]): JsonObject => ({
  verbs: ['*'],
  apiGroups: [apiGroup],
  resources,
})

const TODAY: readonly JsonObject[] = [
  ...granted('writers', user('alice'), [
    all('', 'configmaps', 'serviceaccounts/token'),
    all(RBAC, 'roles', 'rolebindings', 'clusterroles'),
    { verbs: ['impersonate'], apiGroups: [''], resources: ['users', 'groups', 'serviceaccounts'] },
  ]),
  ...granted('constrained', user('bob'), [
    { verbs: ['impersonate:user-info'], apiGroups: ['authentication.k8s.io'], resources: ['users', 'groups'] },
    {
      verbs: ['impersonate-on:user-info:list', 'impersonate-on:user-info:get'],
      apiGroups: [''],
      resources: ['configmaps'],
    },
    all('', 'configmaps'),
  ]),
  ...granted('handing-on', { kind: 'ServiceAccount', namespace: NAMESPACE, name: 'builder' }, [
    all('', 'configmaps'),
    { verbs: ['create'], apiGroups: [RBAC], resources: ['roles'] },
  ]),
  ...granted('readers', user('carol'), [
    { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps', 'secrets'] },
  ]),
]

interface Action {
  readonly what: string
  readonly method: Method
  readonly path: string
  readonly body?: JsonObject
  readonly options: RequestOptions
  readonly code: number
}

const CONFIG_MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`
const TOKEN = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/builder/token`
const ROLES = `/apis/${RBAC}/v1/namespaces/${NAMESPACE}/roles`
const BINDINGS = `/apis/${RBAC}/v1/namespaces/${NAMESPACE}/rolebindings`

function actions({ tokens }: ControlPlane, builder: string): readonly Action[] {
  const alice = { token: tokens.alice }
  const asCarol = { headers: as({ user: 'carol', groups: [] }) }
  const apply = { ...alice, query: { fieldManager: 'e2e' }, contentType: 'application/apply-patch+yaml' }
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'made', namespace: NAMESPACE },
    data: { a: 'b' },
  }
  // Neither alice nor bob reads secrets.
  const role = rbacObject(
    { kind: 'Role', namespace: NAMESPACE, name: 'made' },
    { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }] },
  )
  // No file of today holds it, and only what its maker holds made it possible.
  const handed = rbacObject(
    { kind: 'Role', namespace: NAMESPACE, name: 'handed-on' },
    { rules: [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }] },
  )
  const wider = { ...role, rules: [{ verbs: ['list'], apiGroups: [''], resources: ['secrets'] }] }
  const binding = rbacObject(
    { kind: 'RoleBinding', namespace: NAMESPACE, name: 'made' },
    { roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'readers' }, subjects: [user('dan')] },
  )
  const token = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  return [
    {
      what: 'an apply that creates',
      method: 'PATCH',
      path: `${CONFIG_MAPS}/made`,
      body: map,
      options: apply,
      code: 201,
    },
    {
      what: 'an apply that changes',
      method: 'PATCH',
      path: `${CONFIG_MAPS}/made`,
      body: map,
      options: apply,
      code: 200,
    },
    { what: 'a role that escalates', method: 'POST', path: ROLES, body: role, options: alice, code: 201 },
    {
      what: 'a role of what is held',
      method: 'POST',
      path: ROLES,
      body: handed,
      options: { token: builder },
      code: 201,
    },
    { what: 'a role made wider', method: 'PUT', path: `${ROLES}/made`, body: wider, options: alice, code: 200 },
    { what: 'a binding of what is not held', method: 'POST', path: BINDINGS, body: binding, options: alice, code: 201 },
    { what: 'a token', method: 'POST', path: TOKEN, body: token, options: alice, code: 201 },
    {
      what: 'a list as somebody else',
      method: 'GET',
      path: CONFIG_MAPS,
      options: { ...alice, ...asCarol },
      code: 200,
    },
    {
      what: 'a list as somebody else, constrained',
      method: 'GET',
      path: CONFIG_MAPS,
      options: { token: tokens.bob, ...asCarol },
      code: 200,
    },
  ]
}

/** Granted today, and never done. */
function undone({ tokens }: ControlPlane): readonly Action[] {
  const asCarol = { headers: as({ user: 'carol', groups: [] }) }
  const asRoot = { headers: as({ user: 'root', groups: ['system:masters'] }) }
  const [alice, bob] = [{ token: tokens.alice }, { token: tokens.bob }]
  const dryRun = { query: { dryRun: 'All' } }
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other', namespace: NAMESPACE } }
  const get = (what: string, path: string, options: RequestOptions): Action => ({
    what,
    method: 'GET',
    path,
    options,
    code: 403,
  })
  return [
    { what: 'a deletion', method: 'DELETE', path: `${CONFIG_MAPS}/made`, options: { ...alice, ...dryRun }, code: 403 },
    get('a list', CONFIG_MAPS, alice),
    get('a list by the other', CONFIG_MAPS, bob),
    get('a list in another namespace', '/api/v1/namespaces/default/configmaps', { ...bob, ...asCarol }),
    get('a read as somebody else', `${CONFIG_MAPS}/made`, { ...bob, ...asCarol }),
    get('a list as a master', CONFIG_MAPS, { ...alice, ...asRoot }),
    {
      what: 'an object of their own',
      method: 'POST',
      path: CONFIG_MAPS,
      body: map,
      options: { ...bob, ...dryRun },
      code: 403,
    },
  ]
}

async function run(api: Api, all: readonly Action[], when: string): Promise<void> {
  for (const { what, method, path, body, options, code } of all) {
    const answer = await api.request(method, path, body, options)
    assert.equal(answer.code, code, `${when}: ${what}: ${string(at(answer.body, 'message'))}`)
  }
}

test('the rights that are asked besides stay in minimised roles', async () => {
  const folder = testFolder()
  const audit = { policy: join(folder.path, 'policy.json'), log: join(folder.path, 'audit.log') }
  writeFileSync(
    audit.policy,
    JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules: [{ level: 'Metadata' }] }),
  )
  const file = folder.write('rbac.yaml', TODAY.map((one) => `${JSON.stringify(one)}\n`).join('---\n'))
  const plane = await startControlPlane({ components: ['apiserver'], audit })
  const api = connect(plane)
  try {
    await api.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
    await api.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'builder', namespace: NAMESPACE } })
    await installRbac(api, TODAY)
    const tokenRequest = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
    const issued = await api.request('POST', TOKEN, tokenRequest)
    const done = actions(plane, string(at(issued.body, 'status', 'token')) ?? '')
    await run(api, done, 'today')

    const subjects = ['user:alice', 'user:bob', `sa:${NAMESPACE}/builder`]
    const made = bulkhead(['access', 'minimize', ...subjects, '--history', audit.log, '-f', file, '-o', 'yaml'])
    assert.ok(made.stdout.length > 0, made.stderr)
    for (const path of [`${CONFIG_MAPS}/made`, `${ROLES}/made`, `${ROLES}/handed-on`, `${BINDINGS}/made`])
      assert.equal((await api.request('DELETE', path)).code, 200)
    await replaceRbac(
      api,
      objectsOf(made.stdout).map(({ body }) => body),
    )
    // What was allowed is remembered for ten seconds: filters/impersonation/cache.go.
    await new Promise((resolve) => setTimeout(resolve, 10_500))
    await run(api, undone(plane), 'minimised, not done')
    await run(api, done, 'minimised')
  } finally {
    api.close()
    await plane.stop()
  }
})
