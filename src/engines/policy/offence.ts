import type { Value } from '../../cel/value.ts'
import { at, field, type Json, type JsonObject, type Path, type Step, string } from '../../cluster/json.ts'
import type { Offence } from '../check.ts'
import type { Places } from './places.ts'

/**
 * Where a policy's fault stands in the object as written. `offenders` is the value of its variable of that name: items of
 * `body` (the object as admission sees it, which has `places`; its paths are those of the object as written), or keys
 * below `within`; undefined where it has none.
 */
export function offencesOf(
  written: JsonObject,
  body: JsonObject,
  places: Places,
  offenders: Value | undefined,
  within: readonly Path[],
  hasPodSpec: boolean,
): readonly Offence[] {
  const found: Offence[] = []
  if (Array.isArray(offenders)) {
    for (const offender of offenders as readonly Value[]) {
      if (typeof offender === 'string')
        found.push(
          offence(
            written,
            [],
            within.map((path) => [...path, offender]),
          ),
        )
      else if (typeof offender === 'object' && offender !== null) {
        const path = places.pathOf(offender)
        if (path) found.push(offence(written, path, within))
      }
    }
  }
  return found.length > 0 ? found : [offence(written, hasPodSpec ? podSpecPath(body) : [], within)]
}

const NOWHERE: Path = []

/** Of the paths below `base`, the first that is there whole, else the one of which most is there. */
function offence(body: JsonObject, base: Path, within: readonly Path[]): Offence {
  let there = 0
  let inBase: Json | undefined = body
  for (; there < base.length; there++) {
    const next: Json | undefined = below(inBase, base[there] as Step)
    if (next === undefined) break
    inBase = next
  }
  let best: Path = NOWHERE
  let most = 0
  for (let at = 0; at < within.length; at++) {
    const each = within[at] as Path
    const steps = there < base.length ? there : there + stepsThere(inBase, each)
    if (steps > most) {
      best = each
      most = steps
    }
    if (steps === base.length + each.length) break
  }
  const path = most <= base.length ? base.slice(0, most) : [...base, ...best.slice(0, most - base.length)]
  const [first = NOWHERE] = within
  const container = containerAt(body, base) ?? (first.length === 0 ? undefined : containerAt(body, [...base, ...first]))
  return container === undefined ? { path } : { path, container }
}

/** How much of a path is there. */
function stepsThere(from: Json | undefined, path: Path): number {
  let here = from
  for (let steps = 0; steps < path.length; steps++) {
    here = below(here, path[steps] as Step)
    if (here === undefined) return steps
  }
  return path.length
}

function below(value: Json | undefined, step: Step): Json | undefined {
  if (typeof step === 'string') return field(value, step)
  return Array.isArray(value) ? (value as readonly Json[])[step] : undefined
}

const CONTAINER_LISTS: ReadonlySet<Step> = new Set(['containers', 'initContainers', 'ephemeralContainers'])

export function containerAt(body: JsonObject, path: Path): string | undefined {
  for (let index = 0; index + 1 < path.length; index++)
    if (CONTAINER_LISTS.has(path[index] as Step) && typeof path[index + 1] === 'number')
      return string(field(at(body, ...path.slice(0, index + 2)), 'name'))
  return undefined
}

export function podSpecPath(body: JsonObject): Path {
  switch (field(body, 'kind')) {
    case 'Pod':
      return ['spec']
    case 'PodTemplate':
      return ['template', 'spec']
    case 'CronJob':
      return ['spec', 'jobTemplate', 'spec', 'template', 'spec']
    default:
      return ['spec', 'template', 'spec']
  }
}
