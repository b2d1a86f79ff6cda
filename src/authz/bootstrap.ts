import { at, field, isObject, type Json, type JsonObject, list, number, string } from '../cluster/json.ts'
import { idOf, type KubeObject } from '../cluster/object.ts'
import { type Binding, decodeBinding } from '../cluster/rbac.ts'
import data from './bootstrap-rbac.json' with { type: 'json' }

/** The minors whose default policy is known; an older or newer cluster gets the nearest. */
const OLDEST = 28
const NEWEST = 37

/** The default RBAC objects of a Kubernetes minor version (plugin/pkg/auth/authorizer/rbac/bootstrappolicy). */
export function bootstrapObjects(minor: number): readonly KubeObject[] {
  const version = Math.min(Math.max(minor, OLDEST), NEWEST)
  const known = byVersion.get(version) ?? objectsOf(version)
  byVersion.set(version, known)
  return known
}

const byVersion = new Map<number, readonly KubeObject[]>()

function objectsOf(version: number): readonly KubeObject[] {
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
  return {
    id: idOf(kind, namespace, name),
    group: 'rbac.authorization.k8s.io',
    version: 'v1',
    kind,
    namespace,
    name,
    body,
  }
}

const defaultBindings = new Map<number, ReadonlyMap<string, string>>()

function contentOf(binding: Binding): string {
  return JSON.stringify([binding.roleKind, binding.roleName, binding.subjects])
}

/**
 * Whether a binding is one that the API server of this version makes, to the letter: its name alone, or the label
 * `kubernetes.io/bootstrapping`, which anyone may set, say nothing.
 */
export function isDefaultBinding(binding: Binding, minor: number): boolean {
  let defaults = defaultBindings.get(minor)
  if (!defaults) {
    const bindings = bootstrapObjects(minor).filter((object) => object.kind.endsWith('Binding'))
    defaults = new Map(bindings.map((object) => [object.id, contentOf(decodeBinding(object, true))]))
    defaultBindings.set(minor, defaults)
  }
  return defaults.get(binding.object.id) === contentOf(binding)
}
