import type { CheckItem, CheckResults } from '../../checks.ts'
import type { KubeObject } from '../../cluster/object.ts'
import type { Check } from '../../engines/check.ts'
import { SEVERITIES } from './judged.ts'

/** The items of one check with one result, what a controller made folded under its workload. */
export interface Group {
  readonly check: Check
  readonly severity: string
  readonly objects: number
  readonly items: number
  /** The first ones, each of another owner. */
  readonly first: readonly CheckItem[]
}

export interface Summary {
  /** What to do first stands first: by severity, then by how many objects it takes. */
  readonly failed: readonly Group[]
  readonly unknown: readonly Group[]
  readonly excepted: readonly Group[]
  /** Failures by severity, the gravest first, folded as the groups are; those of the baseline are left out. */
  readonly severities: readonly (readonly [severity: string, objects: number])[]
  readonly pass: number
  readonly fail: number
  /** Failures that the baseline has. */
  readonly known: number
  /** Objects with a failure that the baseline has not, folded. */
  readonly failing: number
}

interface Draft {
  readonly check: Check
  readonly severity: string
  readonly owners: Set<string>
  readonly first: CheckItem[]
  items: number
}

/** One pass over the items; no place is looked up. */
export function summarise({ results, most }: { readonly results: CheckResults; readonly most: number }): Summary {
  const drafts = {
    fail: new Map<string, Draft>(),
    unknown: new Map<string, Draft>(),
    excepted: new Map<string, Draft>(),
  }
  const failing = new Set<string>()
  const ownerOf = owners(results)
  let known = 0
  for (const item of results.items) {
    const { check, object, result, severity } = item
    if (result === 'pass') continue
    const owner = ownerOf(object)
    if (result === 'fail') {
      if (item.known) {
        known++
        continue
      }
      failing.add(owner)
    }
    const key = `${check.id} ${severity}`
    let draft = drafts[result].get(key)
    if (!draft) {
      draft = { check, severity, owners: new Set(), first: [], items: 0 }
      drafts[result].set(key, draft)
    }
    draft.items++
    if (draft.first.length < most && !draft.owners.has(owner)) draft.first.push(item)
    draft.owners.add(owner)
  }
  const total = (result: 'pass' | 'fail'): number =>
    results.counts.values().reduce((sum, count) => sum + count[result], 0)
  const failed = groups(drafts.fail)
  return {
    failed,
    unknown: groups(drafts.unknown),
    excepted: groups(drafts.excepted),
    severities: SEVERITIES.flatMap((severity) => {
      const count = failed.reduce((sum, group) => sum + (group.severity === severity ? group.objects : 0), 0)
      return count === 0 ? [] : [[severity, count] as const]
    }),
    pass: total('pass'),
    fail: total('fail'),
    known,
    failing: failing.size,
  }
}

/** What is counted as one: what a workload made with the workload. Documents of one id are apart. */
function owners({ cluster }: CheckResults): (object: KubeObject) => string {
  return (object) => {
    if (cluster.get(object.id) !== object) return `${object.id} ${object.origin?.source} ${object.origin?.start}`
    return cluster.workloadOf(object.id) ?? object.id
  }
}

function groups(drafts: ReadonlyMap<string, Draft>): readonly Group[] {
  const rank = (severity: string): number => (SEVERITIES as readonly string[]).indexOf(severity)
  return [...drafts.values()]
    .map(({ check, severity, owners: { size }, items, first }) => ({ check, severity, objects: size, items, first }))
    .sort(
      (a, b) =>
        rank(a.severity) - rank(b.severity) ||
        b.objects - a.objects ||
        (a.check.id < b.check.id ? -1 : a.check.id > b.check.id ? 1 : 0),
    )
}
