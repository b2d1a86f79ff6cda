import { isDefaultBinding } from '../../authz/bootstrap.ts'
import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED } from '../../authz/subjects.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { idOf, type KubeObject } from '../../cluster/object.ts'
import { type Binding, decodeBinding } from '../../cluster/rbac.ts'
import { subjectText } from '../../cluster/subject-text.ts'
import providers from './providers.json' with { type: 'json' }

interface Default {
  readonly provider: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** `ClusterRole/NAME`. */
  readonly role: string
  readonly subjects: readonly string[]
  /** The steps that it is known to give; where none are named, any but those that give everything. */
  readonly steps?: readonly string[]
}

/** A binding of the provider’s own, and how many findings of it are not told. */
export interface Silenced {
  readonly provider: string
  readonly binding: { readonly kind: string; readonly namespace: string; readonly name: string }
  readonly count: number
}

export interface Silence {
  /** `steps`: of a finding of what it gives, the kinds; undefined for one of a wide group, which is never silenced. */
  silences(object: KubeObject, steps: ReadonlySet<string> | undefined, check: string): boolean
  isProviders(binding: Binding): boolean
  told(): readonly Silenced[]
}

const EVERYTHING: readonly string[] = [
  'cluster-admin',
  'bind-role',
  'escalate-role',
  'impersonate-group',
  'impersonate-user',
]
const NEVER: ReadonlySet<string> = new Set([`user:${ANONYMOUS}`, `group:${UNAUTHENTICATED}`, `group:${AUTHENTICATED}`])
const KNOWN = new Map(
  (providers as readonly Default[]).map((each) => [
    idOf(`${each.kind}.rbac.authorization.k8s.io`, each.namespace, each.name),
    each,
  ]),
)

/**
 * What Kubernetes and providers of clusters bind themselves is not told again in every cluster: by exactly the role and
 * the subjects that the list of providers.json has, giving no more than it is known to give. What is left out is counted.
 */
export function silenceOf(cluster: Cluster): Silence {
  const counts = new Map<string, { silenced: Omit<Silenced, 'count'>; count: number }>()
  const known = new Map<string, string | undefined>()
  const providerOf = (object: KubeObject): string | undefined => {
    if (!object.kind.endsWith('Binding')) return undefined
    if (known.has(object.id)) return known.get(object.id)
    const binding = decodeBinding(object)
    const provider = isDefaultBinding(binding, cluster.version.minor) ? 'Kubernetes' : defaultOf(binding)?.provider
    known.set(object.id, provider)
    return provider
  }
  return {
    isProviders: ({ object }) => providerOf(object) !== undefined,
    silences(object, steps, check) {
      const provider = providerOf(object)
      if (provider === undefined || check === 'wide-group') return false
      if (steps && provider !== 'Kubernetes') {
        const allowed = defaultOf(decodeBinding(object))?.steps
        const isMore = [...steps].some((step) => (allowed ? !allowed.includes(step) : EVERYTHING.includes(step)))
        if (isMore) return false
      }
      const { kind, namespace, name } = object
      const same = counts.get(object.id) ?? { silenced: { provider, binding: { kind, namespace, name } }, count: 0 }
      counts.set(object.id, { ...same, count: same.count + 1 })
      return true
    },
    told: () =>
      [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { silenced, count }]) => ({ ...silenced, count })),
  }
}

function defaultOf(binding: Binding): Default | undefined {
  const { kind, namespace, name, roleKind, roleName, subjects } = binding
  const entry = KNOWN.get(idOf(`${kind}.rbac.authorization.k8s.io`, namespace, name))
  if (!entry || entry.role !== `${roleKind}/${roleName}`) return undefined
  const named = subjects.map(subjectText).sort()
  if (named.some((each) => NEVER.has(each)) || named.join('\n') !== [...entry.subjects].sort().join('\n'))
    return undefined
  return entry
}
