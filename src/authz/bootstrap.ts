import { field, isObject, type Json, list, number, type JsonObject } from '../cluster/json.ts'
import { idOf, type KubeObject } from '../cluster/object.ts'
import { at, string } from '../cluster/json.ts'
import data from './bootstrap-rbac.json' with { type: 'json' }

/** The minors whose default policy is known; an older or newer cluster gets the nearest. */
const OLDEST = 28
const NEWEST = 37

/** The default RBAC objects of a Kubernetes minor version (plugin/pkg/auth/authorizer/rbac/bootstrappolicy). */
export function bootstrapObjects(minor: number): readonly KubeObject[] {
  const version = Math.min(Math.max(minor, OLDEST), NEWEST)
  return list(field(data as unknown as Json, 'objects')).flatMap((entry) => {
    const body = field(entry, 'object')
    const since = number(field(entry, 'since')) ?? OLDEST
    const until = number(field(entry, 'until')) ?? NEWEST
    return isObject(body) && since <= version && version <= until ? [toKubeObject(body)] : []
  })
}

function toKubeObject(body: JsonObject): KubeObject {
  const kind = string(field(body, 'kind')) ?? ''
  const name = string(at(body, 'metadata', 'name')) ?? ''
  const namespace = string(at(body, 'metadata', 'namespace')) ?? ''
  return { id: idOf(kind, namespace, name), group: 'rbac.authorization.k8s.io', version: 'v1', kind, namespace, name, body }
}
