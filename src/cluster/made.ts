import type { Path } from './json.ts'
import type { KubeObject } from './object.ts'

/** Whence a controller makes an object that the input does not hold: what is said of it is said of these fields. */
export interface Made {
  readonly by: KubeObject
  /** Paths of the made object, and where what stands there is written; the longest that fits counts, `[]` fits all. */
  readonly places: readonly (readonly [made: Path, written: Path])[]
}

/** Where a field of an object is written: in the object itself, or in the one that it is made of. */
export function writtenAt(object: KubeObject, path: Path = []): { readonly object: KubeObject; readonly path: Path } {
  const { made } = object
  if (!made) return { object, path }
  let best: readonly [Path, Path] = [[], []]
  for (const place of made.places)
    if (place[0].length >= best[0].length && place[0].every((step, at) => path[at] === step)) best = place
  return { object: made.by, path: [...best[1], ...path.slice(best[0].length)] }
}
