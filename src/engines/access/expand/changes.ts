import type { Cluster } from '../../../cluster/cluster.ts'
import type { Definition } from '../../../cluster/definitions/definition.ts'
import type { Expansion } from '../../../cluster/definitions/expand.ts'
import { type DefinitionProblem, definitionProblem } from '../../../cluster/definitions/problem.ts'
import type { JsonObject } from '../../../cluster/json.ts'
import type { KubeObject } from '../../../cluster/object.ts'
import { leftovers, saysLess } from './leftovers.ts'
import { ownerOf } from './owner.ts'
import { accountChange, bindingChange, type ObjectChange } from './patches.ts'
import { roleText, subjectsText } from './words.ts'

/** What stands between a cluster and what its definitions ask for. */
export interface DefinitionChanges {
  /** In the order in which they are made: what is deleted comes last. */
  readonly changes: readonly DefinitionChange[]
  /** How many are as they should be. */
  readonly unchanged: number
  /** Owned, no longer asked for, and left all the same, since the definition could not be read wholly. */
  readonly kept: readonly { readonly object: KubeObject; readonly why: string }[]
  readonly problems: readonly DefinitionProblem[]
}

export interface DefinitionChange {
  /** `replace`: deleted and created, which a changed role needs; `change`: patched in place. */
  readonly action: 'create' | 'change' | 'replace' | 'delete'
  /** As it will be; of `delete` as it is. */
  readonly object: KubeObject
  readonly before?: KubeObject
  readonly definition: string
  /** What changes, for people. */
  readonly what: readonly string[]
  /** A JSON merge patch (RFC 7386), of `change`. */
  readonly patch?: JsonObject
  /** What rbac-manager would do otherwise. */
  readonly manager?: string
}

/** `cluster` holds the objects as they are, without those that the definitions make. */
export function changesOf(expansion: Expansion, cluster: Cluster): DefinitionChanges {
  const changes: DefinitionChange[] = []
  const problems: DefinitionProblem[] = []
  const kept: DefinitionChanges['kept'][number][] = []
  let unchanged = 0
  for (const wanted of expansion.objects) {
    const definition = wanted.made?.by.name ?? ''
    const existing = cluster.get(wanted.id)
    if (!existing) changes.push({ action: 'create', object: wanted, definition, what: [whatOf(wanted)] })
    else if (ownerOf(existing)?.name !== definition) problems.push(taken(wanted))
    else {
      const change: ObjectChange | undefined =
        wanted.kind === 'ServiceAccount' ? accountChange(existing, wanted) : bindingChange(existing, wanted)
      if (!change) unchanged++
      else if (change.takes && saysLess(expansion, definition))
        kept.push({ object: existing, why: 'the definition has faults: whom it names no more may be meant still' })
      else changes.push({ ...change, definition, before: existing })
    }
  }
  const left = leftovers(expansion, cluster)
  return { changes: [...changes, ...left.deleted], unchanged, kept: [...kept, ...left.kept], problems }
}

function whatOf({ kind, body }: KubeObject): string {
  if (kind === 'ServiceAccount') return 'a new account'
  return `binds ${roleText(body)} to ${subjectsText(body)}`
}

function taken({ made, kind, namespace, name }: KubeObject): DefinitionProblem {
  const where = namespace === '' ? name : `${namespace}/${name}`
  const then =
    kind === 'ServiceAccount'
      ? 'it is left as it is, and its bindings bind it'
      : 'it is left as it is, and the definition grants nothing by it'
  return definitionProblem(
    'name-taken',
    kind === 'ServiceAccount' ? 'note' : 'error',
    { object: made?.by as KubeObject, path: made?.places[0]?.[1] ?? [] },
    `${kind} ${where} is there and is not owned by the definition: ${then}`,
  )
}

/** Definitions without a uid: the API server refuses an owner that has none. */
export function withoutUid(definitions: readonly Definition[]): readonly Definition[] {
  return definitions.filter(({ uid, bindings }) => uid === undefined && bindings.length > 0)
}
