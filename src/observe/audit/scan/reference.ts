import { TEXT } from '../key.ts'
import { EMPTY_HASH, hashedEnd, lastHash, plainEnd } from './bytes.ts'
import { Latest } from './latest.ts'
import { isNamed, type Name, named } from './names.ts'
import { CLOSE_OBJECT, COLON, COMMA, OPEN_OBJECT, QUOTE } from './signs.ts'
import type { Texts } from './texts.ts'

/** In the order in which the API server writes them. */
const NAMES = ['resource', 'namespace', 'name', 'uid', 'apiGroup', 'apiVersion', 'resourceVersion', 'subresource'].map(
  named,
)
const RESOURCE = 0
const NAMESPACE = 1
const NAME = 2
const UID = 3
const GROUP = 4
const VERSION = 6
const SUBRESOURCE = 7

/** What an event is about. */
export class Target {
  resource = ''
  group = ''
  subresource = ''
  namespace = ''
  name = ''
  resourceHash = EMPTY_HASH
  namespaceHash = EMPTY_HASH
  nameHash = EMPTY_HASH
  subresourceHash = EMPTY_HASH
  /** Of its type and namespace together. */
  hash = 0
  // Where in its text `uid` and `resourceVersion` stand, which say nothing here; both 0 where there is none.
  uid = 0
  uidEnd = 0
  version = 0
  versionEnd = 0
}

const NOTHING = new Target()

/** Reads what events are about: one object again and again, under the same URI. */
export class Reference {
  readonly #words: Texts
  readonly #names: Texts
  readonly #last = new Latest<Target>(1 << 13, 1024 ** 2, 512)
  target = NOTHING

  constructor(words: Texts, names: Texts) {
    this.#words = words
    this.#names = names
  }

  clear(): void {
    this.target = NOTHING
  }

  /** From the first byte of an objectRef to behind its last; negative where it takes a parser to tell. `uri`: the hash of the path. */
  read(bytes: Buffer, view: DataView, from: number, uri: number): number {
    const known = this.#last.last(uri)
    if (known !== undefined) {
      const end = this.#readKnown(known, bytes, view, from, uri)
      if (end >= 0) {
        this.target = known
        return end
      }
    }
    if (bytes[from] !== OPEN_OBJECT) return -1
    const target = new Target()
    const end = this.#read(target, bytes, view, from)
    if (end < 0) return -1
    target.hash = target.resourceHash ^ target.namespaceHash
    this.target = target
    this.#last.put(bytes, from, end, uri, target)
    return end
  }

  /** Where the same is said as last of this URI, perhaps with another uid and version. */
  #readKnown(known: Target, bytes: Buffer, view: DataView, from: number, uri: number): number {
    const last = this.#last
    const limit = bytes.length
    const { length } = last
    const { uid, uidEnd, version, versionEnd } = known
    let at = from
    let told = 0
    if (uidEnd > 0) {
      if (!last.hasPart(view, at, limit, uri, 0, uid)) return -1
      at = plainEnd(bytes, view, at + uid)
      if (at < 0) return -1
      told = uidEnd
    }
    if (versionEnd > 0) {
      if (!last.hasPart(view, at, limit, uri, told, version)) return -1
      at = plainEnd(bytes, view, at + version - told)
      if (at < 0) return -1
      told = versionEnd
    }
    return last.hasPart(view, at, limit, uri, told, length) ? at + length - told : -1
  }

  #read(target: Target, bytes: Buffer, view: DataView, from: number): number {
    let at = from + 1
    if (bytes[at] === CLOSE_OBJECT) return at + 1
    let expected = 0
    for (;;) {
      if (bytes[at] !== QUOTE) return -1
      while (expected < NAMES.length && !isNamed(bytes, view, at + 1, NAMES[expected] as Name)) expected++
      // In another order than the API server’s, or with another field: for a parser.
      if (expected === NAMES.length) return -1
      const field = expected++
      at += (NAMES[field] as Name).length + 2
      if (bytes[at] !== COLON || bytes[at + 1] !== QUOTE) return -1
      const start = at + 2
      const end = hashedEnd(bytes, view, start, TEXT)
      if (end < 0) return -1
      this.#take(target, field, bytes, view, start, end, lastHash())
      if (field === UID) {
        target.uid = start - from
        target.uidEnd = end - from
      } else if (field === VERSION) {
        target.version = start - from
        target.versionEnd = end - from
      }
      at = end + 1
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
      at++
    }
  }

  #take(target: Target, field: number, bytes: Buffer, view: DataView, start: number, end: number, hash: number): void {
    switch (field) {
      case RESOURCE:
        target.resource = this.#words.of(bytes, view, start, end, hash)
        target.resourceHash = hash
        break
      case NAMESPACE:
        target.namespace = this.#words.of(bytes, view, start, end, hash)
        target.namespaceHash = hash
        break
      case NAME:
        target.name = this.#names.of(bytes, view, start, end, hash)
        target.nameHash = hash
        break
      case GROUP:
        target.group = this.#words.of(bytes, view, start, end, hash)
        break
      case SUBRESOURCE:
        target.subresource = this.#words.of(bytes, view, start, end, hash)
        target.subresourceHash = hash
        break
      default:
    }
  }
}
