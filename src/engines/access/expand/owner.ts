import { GROUP, KIND } from '../../../cluster/definitions/definition.ts'
import { at, field, list, string } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'

export interface DefinitionOwner {
  readonly name: string
  readonly uid: string | undefined
}

/**
 * The definition that owns an object. rbac-manager compares kind, name and apiVersion of owners, and not the uid
 * (pkg/reconciler/matcher.go).
 */
export function ownerOf({ body }: KubeObject): DefinitionOwner | undefined {
  const owners = list(at(body, 'metadata', 'ownerReferences'))
  const own = owners.find(
    (each) => field(each, 'kind') === KIND && (string(field(each, 'apiVersion')) ?? '').startsWith(`${GROUP}/`),
  )
  const name = string(field(own, 'name'))
  return name === undefined ? undefined : { name, uid: string(field(own, 'uid')) }
}
