import { TEXT } from '../key.ts'
import { EMPTY_HASH, hashedEnd, lastHash } from './bytes.ts'
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
const GROUP = 4
const SUBRESOURCE = 7

/** What an event is about. */
export class Reference {
  readonly #words: Texts
  readonly #names: Texts
  resource = ''
  group = ''
  subresource = ''
  namespace = ''
  name = ''
  resourceHash = EMPTY_HASH
  namespaceHash = EMPTY_HASH
  nameHash = EMPTY_HASH
  subresourceHash = EMPTY_HASH

  constructor(words: Texts, names: Texts) {
    this.#words = words
    this.#names = names
  }

  /** Of its type and namespace together. */
  get hash(): number {
    return this.resourceHash ^ this.namespaceHash
  }

  clear(): void {
    this.resource = ''
    this.group = ''
    this.subresource = ''
    this.namespace = ''
    this.name = ''
    this.resourceHash = EMPTY_HASH
    this.namespaceHash = EMPTY_HASH
    this.nameHash = EMPTY_HASH
    this.subresourceHash = EMPTY_HASH
  }

  /** From the first byte of an objectRef to behind its last; negative where it takes a parser to tell. */
  read(bytes: Buffer, view: DataView, from: number): number {
    if (bytes[from] !== OPEN_OBJECT) return -1
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
      this.#take(field, bytes, view, start, end, lastHash())
      at = end + 1
      if (bytes[at] === CLOSE_OBJECT) return at + 1
      if (bytes[at] !== COMMA) return -1
      at++
    }
  }

  #take(field: number, bytes: Buffer, view: DataView, start: number, end: number, hash: number): void {
    switch (field) {
      case RESOURCE:
        this.resource = this.#words.of(bytes, view, start, end, hash)
        this.resourceHash = hash
        break
      case NAMESPACE:
        this.namespace = this.#words.of(bytes, view, start, end, hash)
        this.namespaceHash = hash
        break
      case NAME:
        this.name = this.#names.of(bytes, view, start, end, hash)
        this.nameHash = hash
        break
      case GROUP:
        this.group = this.#words.of(bytes, view, start, end, hash)
        break
      case SUBRESOURCE:
        this.subresource = this.#words.of(bytes, view, start, end, hash)
        this.subresourceHash = hash
        break
      default:
    }
  }
}
