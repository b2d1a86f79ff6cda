import type { Workload } from '../../cluster/workload.ts'
import type { Fix, FixContext, Witness } from '../fix.ts'
import { fitting } from '../titles.ts'
import { fixId } from './fix-id.ts'
import type { Part } from './parts.ts'
import { changesOf, nameOf, type Template, templateNotes } from './template.ts'

/** What tells fixes of one kind for one workload apart; a sorted list of fixes has their ids in order. */
interface Named {
  readonly kind: string
  /** Begins the id, where one kind has several fixes. */
  readonly stem?: string
  readonly part?: string
  readonly title: string
  readonly witness?: Witness
  readonly around?: readonly string[]
}

/** The fix that takes parts from a template, unless it has none of them. */
export function withoutParts(
  { cluster }: FixContext,
  template: Template,
  parts: readonly Part[],
  { kind, stem = kind, part = '', title, witness = 'none', around }: Named,
): readonly Fix[] {
  const changes = changesOf(cluster, template, (shown) => parts.flatMap((each) => each.edits(shown)))
  if (changes.length === 0) return []
  const { workload } = template
  return [
    {
      id: fixId(stem, workload.id, part),
      kind,
      title,
      changes,
      witness,
      serves: workload.id,
      ...(around ? { around } : {}),
      notes: [...parts.map((each) => each.note), ...templateNotes(template)],
    },
  ]
}

/** As in `Run shop/frontend without privileged mode`. */
export function runWithout(workload: Workload, parts: readonly Part[]): string {
  const run = `Run ${nameOf(workload)} without`
  const short = parts.map((each) => each.short ?? each.what)
  const more = parts.length > 1 ? ` and ${parts.length - 1} more` : ''
  return fitting(
    `${run} ${listed(parts.map(({ what }) => what))}`,
    `${run} ${listed(short)}`,
    `${run} ${short[0]}${more}`,
  )
}

function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? ''
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`
}

export function byId(fixes: readonly Fix[]): readonly Fix[] {
  return [...fixes].sort((a, b) => (a.id < b.id ? -1 : 1))
}
