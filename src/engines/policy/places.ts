import { isObject, type Json, type JsonObject, type Path, type Step } from '../../cluster/json.ts'

interface Place {
  readonly value: Json
  /** Of the object itself, none. */
  readonly parent: Place | undefined
  readonly step: Step
}

/**
 * Where the mappings in an object stand: an offender of a policy is one of them, found by identity. What stands at several
 * places is found at the first. The object is walked as far as somebody asks.
 */
export class Places {
  readonly #open: Place[]
  readonly #known = new Map<object, Place>()

  constructor(body: JsonObject) {
    this.#open = [{ value: body, parent: undefined, step: '' }]
  }

  /** The path of a mapping, or undefined for what is none of the object's. */
  pathOf(mapping: object): Path | undefined {
    if (!isObject(mapping)) return undefined
    const known = this.#known.get(mapping)
    if (known) return pathTo(known)
    for (let next = this.#open.pop(); next; next = this.#open.pop()) {
      this.#visit(next)
      if (next.value === mapping) return pathTo(next)
    }
    return undefined
  }

  #visit(place: Place): void {
    const { value } = place
    if (Array.isArray(value)) {
      for (let index = value.length - 1; index >= 0; index--) this.#add(value[index], place, index)
    } else if (isObject(value) && !this.#known.has(value)) {
      this.#known.set(value, place)
      const keys = Object.keys(value)
      for (let at = keys.length - 1; at >= 0; at--) {
        const key = keys[at] as string
        this.#add(value[key] as Json, place, key)
      }
    }
  }

  /** In the order of the object: the last one added is the next one visited. */
  #add(value: Json, parent: Place, step: Step): void {
    if (typeof value === 'object' && value !== null) this.#open.push({ value, parent, step })
  }
}

function pathTo(place: Place): Path {
  const path: Step[] = []
  for (let here = place; here.parent; here = here.parent) path.push(here.step)
  return path.reverse()
}
