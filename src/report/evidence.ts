import type { Because } from '../cluster/because.ts'
import { formatPath, type Path } from '../cluster/json.ts'
import { writtenAt } from '../cluster/made.ts'
import type { KubeObject } from '../cluster/object.ts'
import type { Locate, Location } from '../cluster/origin.ts'

/** One reason as programs read it. */
export interface Evidence {
  readonly text: string
  /** The id of the object. */
  readonly resource?: string
  readonly field?: string
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  readonly column?: number
  /** Of a record of a log: which of several in that line. */
  readonly item?: string
}

export interface ResourceRef {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** Turns reasons into evidence, finding each place once. */
export interface Witness {
  evidence(because: readonly Because[]): readonly Evidence[]
  locate(object: KubeObject, path?: Path): Location | undefined
}

export function witness(find: Locate): Witness {
  const places = new Map<KubeObject, Map<string, Location | undefined>>()
  const locate = (about: KubeObject, within: Path = []): Location | undefined => {
    const { object, path } = writtenAt(about, within)
    if (!object.origin) return undefined
    let known = places.get(object)
    if (!known) {
      known = new Map()
      places.set(object, known)
    }
    const key = formatPath(path)
    if (!known.has(key)) known.set(key, find(object.origin, path))
    return known.get(key)
  }
  return {
    locate,
    evidence: (because) =>
      because.map(({ text, object: about, path: within, place }) => {
        if (!about) return { text, ...(place ?? {}) }
        const { object, path } = writtenAt(about, within)
        const location = locate(object, path)
        const field = path.length > 0 ? formatPath(path) : undefined
        return { text, resource: object.id, ...(field === undefined ? {} : { field }), ...(location ?? {}) }
      }),
  }
}

export function resourceRef(object: KubeObject): ResourceRef {
  const apiVersion = object.group === '' ? object.version : `${object.group}/${object.version}`
  return { apiVersion, kind: object.kind, namespace: object.namespace, name: object.name }
}
