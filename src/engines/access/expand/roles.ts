import type { RbacPolicy } from '../../../authz/policy.ts'
import type { Expansion } from '../../../cluster/definitions/expand.ts'
import { type DefinitionProblem, definitionProblem } from '../../../cluster/definitions/problem.ts'
import { at, formatPath, type Path, string } from '../../../cluster/json.ts'
import { writtenAt } from '../../../cluster/made.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import type { Role } from '../../../cluster/rbac.ts'

interface Missing {
  readonly object: KubeObject
  readonly path: Path
  readonly role: string
  readonly namespaces: string[]
}

/** Roles that bindings name and that neither the input nor Kubernetes has: they grant nothing until somebody makes one. */
export function missingRoles({ objects }: Expansion, policy: RbacPolicy): readonly DefinitionProblem[] {
  const found = new Map<string, Missing>()
  for (const object of objects) {
    const kind = string(at(object.body, 'roleRef', 'kind')) as Role['kind'] | undefined
    const name = string(at(object.body, 'roleRef', 'name'))
    if (kind === undefined || name === undefined) continue
    if (policy.role(kind, kind === 'Role' ? object.namespace : '', name)) continue
    const { object: definition, path } = writtenAt(object, ['roleRef'])
    const key = `${definition.id} ${formatPath(path)}`
    const missing = found.get(key) ?? { object: definition, path, role: `${kind} ${name}`, namespaces: [] }
    found.set(key, missing)
    if (kind === 'Role') missing.namespaces.push(object.namespace)
  }
  return [...found.values()].map(({ object, path, role, namespaces }) => {
    const message = `${role} is not in the input${where(namespaces)}: it grants nothing until somebody makes it`
    return definitionProblem('missing-role', 'warning', { object, path }, message)
  })
}

function where(namespaces: readonly string[]): string {
  if (namespaces.length === 0) return ''
  const some = namespaces.slice(0, 3).join(', ')
  return ` for ${some}${namespaces.length > 3 ? ` and ${namespaces.length - 3} more namespaces` : ''}`
}
