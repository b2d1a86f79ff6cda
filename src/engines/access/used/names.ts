import { type Counted, count, dayOf } from '../../seen.ts'

/** Of one verb on one kind of thing in one namespace by one who asked. */
const MOST_NAMES = 200
/** Over everybody. */
const MOST_OF_ALL = 120_000
/** A name is at most 253 characters long; what asks for longer ones is not looked for by name. */
const MOST_CHARACTERS = 253

/** When an object was asked for by its name. */
export interface NameSeen {
  readonly times: number
  readonly first: number
  readonly last: number
  /** Days since 1970 (UTC), once each. */
  readonly days: readonly number[]
  readonly file: string
  readonly line: number
}

/** The names of the objects that were asked for, as far as there is room. */
export interface Names {
  readonly kept: ReadonlyMap<string, NameSeen>
  /** Requests for names beyond those, and what all of them begin with. */
  readonly beyond: Beyond | undefined
}

export interface Beyond {
  readonly times: number
  readonly first: number
  readonly last: number
  readonly days: readonly number[]
  readonly prefix: string
}

/** Room for names, shared by all behaviours of a fold. */
export interface NameRoom {
  left: number
}

export function nameRoom(): NameRoom {
  return { left: MOST_OF_ALL }
}

export class OpenNames implements Names {
  readonly kept = new Map<string, NameSeen & Counted>()
  beyond: (Counted & { prefix: string }) | undefined
  readonly #room: NameRoom

  constructor(room: NameRoom) {
    this.#room = room
  }

  add(name: string, time: number, place: { readonly file: string; readonly line: number }): void {
    const known = this.kept.get(name)
    if (known) {
      count(known, time)
      return
    }
    if (this.kept.size < MOST_NAMES && this.#room.left > 0 && name.length <= MOST_CHARACTERS) {
      this.#room.left--
      const { file, line } = place
      this.kept.set(name, { times: 1, first: time, last: time, days: [dayOf(time)], file, line })
      return
    }
    if (this.beyond) {
      count(this.beyond, time)
      this.beyond.prefix = common(this.beyond.prefix, name)
    } else this.beyond = { times: 1, first: time, last: time, days: [dayOf(time)], prefix: name }
  }
}

function common(a: string, b: string): string {
  let length = 0
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++
  return length === a.length ? a : a.slice(0, length)
}
