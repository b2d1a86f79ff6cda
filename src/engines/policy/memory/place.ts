/**
 * Where in an object something stands, whichever object it is: `spec.containers[*].securityContext`. Equal places are one
 * value, so that what is found there in the object at hand is looked up once.
 */
export class Place {
  /** Index among all places of one root. */
  readonly id: number
  readonly parent: Place | undefined
  /** Undefined: each item of a list. Of the root it is not looked at. */
  readonly key: string | undefined
  /** How many steps it is from the root. */
  readonly depth: number
  /** Whether one of its steps is to each item of a list, so that several values stand there. */
  readonly isMany: boolean
  readonly #all: Place[]
  readonly #fields = new Map<string, Place>()
  #items: Place | undefined

  private constructor(all: Place[], parent: Place | undefined, key: string | undefined) {
    this.#all = all
    this.id = all.length
    this.parent = parent
    this.key = key
    this.depth = parent === undefined ? 0 : parent.depth + 1
    this.isMany = parent !== undefined && (key === undefined || parent.isMany)
    all.push(this)
  }

  static root(): Place {
    return new Place([], undefined, undefined)
  }

  field(key: string): Place {
    let found = this.#fields.get(key)
    if (found === undefined) {
      found = new Place(this.#all, this, key)
      this.#fields.set(key, found)
    }
    return found
  }

  get items(): Place {
    this.#items ??= new Place(this.#all, this, undefined)
    return this.#items
  }
}
