import { everythingRule } from '../../authz/rules.ts'
import type { Binding, Role } from '../../cluster/rbac.ts'
import { type Held, including, type Right, type Rights } from './rights.ts'

/** What a subject can give itself beyond what it holds, each role once in each place. */
export interface Gained {
  readonly found: readonly Held[]
  /** Whether everything is allowed there already, so that no role adds to it. */
  isAll(namespace: string): boolean
  /** `holder`: whom the binding names by which a written role comes to the subject. */
  add(
    role: Role | undefined,
    namespace: string,
    by: readonly Right[],
    written?: { readonly holder?: string; readonly through?: Binding },
  ): void
}

export function gainedBy({ subject, held }: Rights): Gained {
  const found: Held[] = []
  const known = new Set<string>()
  const all = new Set<string>()
  const know = (role: Role, namespace: string): void => {
    known.add(keyOf(role, namespace))
    if (everythingRule(role.rules) >= 0) all.add(namespace)
  }
  for (const { role, namespace } of held) know(role, namespace)
  const isAll = (namespace: string): boolean => including(namespace).some((place) => all.has(place))
  return {
    found,
    isAll,
    add: (role, namespace, by, { holder, through } = {}) => {
      if (!role || isAll(namespace)) return
      if (including(namespace).some((place) => known.has(keyOf(role, place)))) return
      know(role, namespace)
      const holders = new Set([...by.map((right) => right.held.holder), ...(holder === undefined ? [] : [holder])])
      const [only] = holders
      found.push({
        role,
        namespace,
        holder: holders.size === 1 && only !== undefined ? only : subject,
        by,
        ...(through ? { through } : {}),
      })
    },
  }
}

function keyOf(role: Role, namespace: string): string {
  return `${namespace} ${role.object.id}`
}
