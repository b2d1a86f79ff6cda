// What the API server holds of RBAC, and when its authorizer has seen what was written last.
import { setTimeout } from 'node:timers/promises'
import { type RbacPolicy, rbacPolicy } from '../../src/authz/policy.ts'
import type { Requester } from '../../src/authz/subjects.ts'
import { at, field, type JsonObject, list, object, string } from '../../src/cluster/json.ts'
import { idOf, type KubeObject } from '../../src/cluster/object.ts'
import { decodeBinding, decodeRole } from '../../src/cluster/rbac.ts'
import { type Api, each, nameOf, POLL_MS } from '../policy/api.ts'
import { rbacObject } from './policy.ts'

const GROUP = 'rbac.authorization.k8s.io'
const SEEN_MS = 20_000

export function asObject(body: JsonObject): KubeObject {
  const kind = string(body.kind) ?? ''
  const name = string(at(body, 'metadata', 'name')) ?? ''
  const namespace = string(at(body, 'metadata', 'namespace')) ?? ''
  const id = idOf(kind, namespace, name)
  return { id, group: GROUP, version: 'v1', kind, namespace, name, body }
}

/** Creates them, roles before bindings, and waits until the authorizer knows them all. */
export async function installRbac(api: Api, objects: readonly JsonObject[]): Promise<void> {
  const isBinding = ({ kind }: JsonObject): boolean => String(kind).endsWith('Binding')
  for (const batch of [objects.filter((one) => !isBinding(one)), objects.filter(isBinding)])
    await each(batch, async (one) => {
      const { code, body } = await api.create(one)
      if (code !== 201) throw new Error(`${JSON.stringify(one)}: ${code} ${string(at(body, 'message'))}`)
    })
  await seen(api)
}

/** What is there becomes what is to be; what is new is added. */
export async function replaceRbac(api: Api, objects: readonly JsonObject[]): Promise<void> {
  const isThere = await each(objects, async (one) => {
    const path = `${await api.collection(one)}/${nameOf(one)}`
    const { code } = await api.request('GET', path)
    if (code !== 200) return false
    const put = await api.request('PUT', path, one)
    if (put.code !== 200) throw new Error(`${path}: ${put.code} ${string(at(put.body, 'message'))}`)
    return true
  })
  await installRbac(
    api,
    objects.filter((_, index) => !isThere[index]),
  )
}

let seenTimes = 0

/** The authorizer reads each kind by a watch of its own: what was written last of each must be there. */
async function seen(api: Api): Promise<void> {
  const name = `e2e-seen-${seenTimes++}`
  const rules = [{ verbs: ['get'], apiGroups: ['e2e.bulkhead.dev'], resources: ['seen'] }]
  const subjects = [{ kind: 'User', apiGroup: GROUP, name }]
  const ref = (kind: string) => ({ apiGroup: GROUP, kind, name })
  const place = { namespace: 'default', name }
  for (const one of [
    rbacObject({ kind: 'ClusterRole', namespace: '', name }, { rules }),
    rbacObject({ kind: 'Role', ...place }, { rules: [{ ...rules[0], verbs: ['list'] }] }),
    rbacObject({ kind: 'ClusterRoleBinding', namespace: '', name }, { roleRef: ref('ClusterRole'), subjects }),
    rbacObject({ kind: 'RoleBinding', ...place }, { roleRef: ref('Role'), subjects }),
  ])
    await api.create(one)
  for (const verb of ['get', 'list'])
    for (const deadline = Date.now() + SEEN_MS; ; await setTimeout(POLL_MS)) {
      const resourceAttributes = { verb, group: 'e2e.bulkhead.dev', resource: 'seen', namespace: 'default' }
      const status = await review(api, { user: name, resourceAttributes })
      if (status.allowed === true) break
      if (Date.now() > deadline) throw new Error(`the authorizer does not see ${name} after ${SEEN_MS} ms`)
    }
}

/** The status of a SubjectAccessReview. */
export async function review(api: Api, spec: JsonObject): Promise<JsonObject> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec }
  const answer = await api.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', body)
  if (answer.code !== 201) throw new Error(`${JSON.stringify(spec)}: ${answer.code} ${JSON.stringify(answer.body)}`)
  return object(field(answer.body, 'status'))
}

/** The policy that the API server holds, its own defaults among it. */
export async function policyHeld(api: Api, minor: number): Promise<RbacPolicy> {
  const kinds = ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'] as const
  const [roles, clusterRoles, roleBindings, clusterRoleBindings] = await each(kinds, async (kind) => {
    const { body } = await api.request('GET', `/apis/${GROUP}/v1/${kind.toLowerCase()}s`)
    return list(field(body, 'items')).map((item) => asObject({ apiVersion: `${GROUP}/v1`, ...object(item), kind }))
  })
  return rbacPolicy({
    roles: [...(roles ?? []), ...(clusterRoles ?? [])].map((one) => decodeRole(one)),
    bindings: [...(roleBindings ?? []), ...(clusterRoleBindings ?? [])].map((one) => decodeBinding(one)),
    version: { minor },
    bootstrap: false,
  })
}

/** The headers by which someone else makes a request. */
export function as({ user, groups }: Requester): Readonly<Record<string, string[]>> {
  const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
  return {
    'impersonate-user': [bytes(user)],
    ...(groups.length > 0 ? { 'impersonate-group': groups.map(bytes) } : {}),
  }
}
