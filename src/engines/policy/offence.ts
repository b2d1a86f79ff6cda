import type { Value } from '../../cel/value.ts'
import { at, field, isObject, type Json, type JsonObject, type Path, type Step, string } from '../../cluster/json.ts'
import type { Offence } from '../check.ts'

/** Where the mappings in an object stand: an offender of a policy is one of them, found by identity. */
export type Places = ReadonlyMap<object, Path>

/** Every mapping inside an object, with its path. */
export function placesOf(body: JsonObject): Places {
  const found = new Map<object, Path>()
  const open: [value: Json, path: Path][] = [[body, []]]
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, path] = next
    if (Array.isArray(value)) {
      for (const [index, item] of (value as readonly Json[]).entries())
        if (typeof item === 'object' && item !== null) open.push([item, [...path, index]])
    } else if (isObject(value)) {
      found.set(value, path)
      for (const key of Object.keys(value)) {
        const item = value[key] as Json
        if (typeof item === 'object' && item !== null) open.push([item, [...path, key]])
      }
    }
  }
  return found
}

/**
 * Where a policy's fault stands in the object as written. `offenders` is the value of its variable of that name: items of
 * `body` (the object as admission sees it, in which `places` finds them; its paths are those of the object as written), or
 * keys below `within`; undefined where it has none.
 */
export function offencesOf(
  written: JsonObject,
  body: JsonObject,
  places: () => Places,
  offenders: Value | undefined,
  within: readonly Path[],
  hasPodSpec: boolean,
): readonly Offence[] {
  const ofAll = (): readonly Offence[] => [offence(written, hasPodSpec ? podSpecPath(body) : [], within)]
  if (!Array.isArray(offenders)) return ofAll()
  const found: Offence[] = []
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
      const path = places().get(offender)
      if (path) found.push(offence(written, path, within))
    }
  }
  return found.length > 0 ? found : ofAll()
}

/** Of the paths below `base`, the first that is there whole, else the one of which most is there. */
function offence(body: JsonObject, base: Path, within: readonly Path[]): Offence {
  let best: Path = []
  for (const each of within) {
    const path = [...base, ...each]
    const there = existing(body, path)
    if (there.length > best.length) best = there
    if (there.length === path.length) break
  }
  const container = containerAt(body, [...base, ...(within[0] ?? [])])
  return { path: best, ...(container === undefined ? {} : { container }) }
}

/** As much of a path as is there. */
function existing(body: JsonObject, path: Path): Path {
  let here: Json | undefined = body
  for (const [index, step] of path.entries()) {
    here = at(here, step)
    if (here === undefined) return path.slice(0, index)
  }
  return path
}

const CONTAINER_LISTS: ReadonlySet<Step> = new Set(['containers', 'initContainers', 'ephemeralContainers'])

export function containerAt(body: JsonObject, path: Path): string | undefined {
  const list = path.findIndex((step, index) => CONTAINER_LISTS.has(step) && typeof path[index + 1] === 'number')
  return list < 0 ? undefined : string(field(at(body, ...path.slice(0, list + 2)), 'name'))
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
