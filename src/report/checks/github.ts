import type { CheckItem } from '../../checks.ts'
import { commandMessage, commandProperty } from '../escape.ts'
import { grouped } from '../text.ts'
import type { FileNames } from './file-uri.ts'
import { type Judged, levelOf, SEVERITIES, witnessOf } from './judged.ts'
import { objectText, placesOf } from './results.ts'

/** GitHub shows so many annotations of each level for one step; what comes after is dropped in silence. */
const SHOWN = 10
const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const

/** Workflow commands that GitHub Actions turns into annotations of lines, the gravest of each level first. */
export function* github({ results, locate }: Judged, names: FileNames): Generator<string> {
  const seenBy = witnessOf(locate)
  const gravest = { error: new Gravest(), warning: new Gravest(), note: new Gravest() }
  for (const item of results.items) if (item.result === 'fail' && !item.known) gravest[levelOf(item.severity)].add(item)
  let left = 0
  for (const level of ['error', 'warning', 'note'] as const) {
    left += gravest[level].left
    for (const item of gravest[level].items()) {
      const { check, object, message } = item
      const place = placesOf(item, seenBy(item))[0]?.place
      const properties = [
        ...(place
          ? [
              `file=${commandProperty(names.relative(place.file) ?? place.file)}`,
              `line=${place.line}`,
              `col=${place.column}`,
            ]
          : []),
        `title=${commandProperty(`${check.title} (${check.id})`)}`,
      ]
      yield `::${COMMANDS[level]} ${properties.join(',')}::${commandMessage(`${objectText(object)}: ${message}`)}\n`
    }
  }
  if (left > 0) yield `and ${grouped(left)} more, which GitHub would not show\n`
}

/** The first few of the gravest severities, and how many there were besides. */
class Gravest {
  readonly #bySeverity = new Map<string, CheckItem[]>()
  #count = 0

  add(item: CheckItem): void {
    this.#count++
    const found = this.#bySeverity.get(item.severity) ?? []
    if (found.length < SHOWN) found.push(item)
    this.#bySeverity.set(item.severity, found)
  }

  items(): readonly CheckItem[] {
    return SEVERITIES.flatMap((severity) => this.#bySeverity.get(severity) ?? []).slice(0, SHOWN)
  }

  get left(): number {
    return Math.max(0, this.#count - SHOWN)
  }
}
