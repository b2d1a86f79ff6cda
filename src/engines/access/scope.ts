import { because } from '../../cluster/because.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { idOf } from '../../cluster/object.ts'
import type { Edge } from '../engine.ts'
import { EVERY_NAMESPACE } from './rights.ts'

/**
 * A set of things that one right opens all at once (every Secret of a namespace, the pods of the whole cluster), as a
 * node of its own: identities lead to it and it leads to its members, so that the graph stays linear in the input.
 */

export interface Member {
  readonly to: string
  readonly kind?: string
  readonly chance?: number
  readonly truth?: Edge['truth']
  readonly because: Edge['because']
}

export interface ScopeKind {
  /** As in `Scope/shop/secrets`. */
  readonly name: string
  /** What it holds, for one namespace; `scopes` gives the ids of other scopes it contains. */
  members(namespace: string, scopes: Scopes): Iterable<Member>
}

export interface Scopes {
  readonly cluster: Cluster
  /** The node of a scope; asking for it makes it part of the graph. Empty namespace, or EVERY_NAMESPACE: all of them. */
  of(kind: ScopeKind, namespace: string): string
  /** The namespaces that a place stands for. */
  within(place: string): readonly string[]
  /** Every namespace of the input, and those that each cluster has. */
  readonly namespaces: readonly string[]
  /** The edges out of every scope that was asked for. */
  edges(): Iterable<Edge>
}

/** Scopes of cluster-scoped things have one instance, which stands under no namespace of the input. */
export const ONLY = '*'

export function makeScopes(cluster: Cluster): Scopes {
  const asked = new Map<string, { kind: ScopeKind; namespace: string }>()
  const told = new Map<string, readonly Member[]>()
  const namespaces = [...new Set([...cluster.namespaces.keys(), 'default', 'kube-system'])].sort()
  const membersOf = (kind: ScopeKind, namespace: string): readonly Member[] => {
    const id = idOf('Scope', namespace, kind.name)
    const members = told.get(id) ?? [...kind.members(namespace, scopes)]
    told.set(id, members)
    return members
  }
  const scopes: Scopes = {
    cluster,
    namespaces,
    within: (place) => (place === '' || place === EVERY_NAMESPACE ? namespaces : [place]),
    of: (kind, place) => {
      const namespace = place === EVERY_NAMESPACE ? '' : place
      const id = idOf('Scope', namespace, kind.name)
      if (!asked.has(id)) asked.set(id, { kind, namespace })
      return id
    },
    *edges() {
      // A scope may ask for others while it is told; a Map gives those too.
      for (const [from, { kind, namespace }] of asked) {
        if (namespace !== '') {
          for (const member of membersOf(kind, namespace)) {
            yield {
              kind: member.kind ?? 'contains',
              from,
              to: member.to,
              chance: member.chance ?? 1,
              truth: member.truth ?? 'yes',
              rule: '',
              because: member.because,
            }
          }
          continue
        }
        for (const each of namespaces) {
          if (membersOf(kind, each).length === 0) continue
          yield {
            kind: 'contains',
            from,
            to: scopes.of(kind, each),
            chance: 1,
            truth: 'yes',
            rule: '',
            because: [because(`${each} is a namespace of the cluster`, cluster.namespaces.get(each)?.object)],
          }
        }
      }
    },
  }
  return scopes
}
