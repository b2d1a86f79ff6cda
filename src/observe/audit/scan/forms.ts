import { itemWithin } from '../../record.ts'
import type { AuditSink } from '../sink.ts'
import { Entries } from './entries.ts'
import { Envelopes } from './envelopes.ts'
import { Scanner } from './scanner.ts'

const NATIVE = 0
const CARRIED = 1
const ENTRY = 2
const FORMS = [NATIVE, CARRIED, ENTRY] as const

/** Reads events of every form from their bytes; mostly a log has one form. */
export class Forms {
  readonly #scanner: Scanner
  readonly #entries = new Entries()
  readonly #envelopes: Envelopes
  #last: (typeof FORMS)[number] = NATIVE

  /** `isPassing`: what is told lives only until the next `begin`. */
  constructor(isPassing: boolean) {
    this.#scanner = new Scanner(isPassing)
    this.#envelopes = new Envelopes(this.#scanner, isPassing)
  }

  /** A batch begins. */
  begin(): void {
    this.#scanner.begin()
    this.#envelopes.begin()
  }

  /**
   * Tells what stands between two places; false where it takes a parser to tell, and nothing was told. `item`: which of
   * several it is in its line.
   */
  read(bytes: Buffer, from: number, to: number, file: string, line: number, sink: AuditSink, item = ''): boolean {
    return item === ''
      ? this.#readAny(bytes, from, to, file, line, sink)
      : this.#readAny(bytes, from, to, file, line, within(item, sink))
  }

  #readAny(bytes: Buffer, from: number, to: number, file: string, line: number, sink: AuditSink): boolean {
    const last = this.#last
    if (this.#readAs(last, bytes, from, to, file, line, sink)) return true
    for (const form of FORMS) {
      if (form === last || !this.#readAs(form, bytes, from, to, file, line, sink)) continue
      this.#last = form
      return true
    }
    return false
  }

  #readAs(
    form: (typeof FORMS)[number],
    bytes: Buffer,
    from: number,
    to: number,
    file: string,
    line: number,
    sink: AuditSink,
  ): boolean {
    if (form === CARRIED) return this.#envelopes.read(bytes, from, to, file, line, sink)
    const reader = form === NATIVE ? this.#scanner : this.#entries
    const event = reader.read(bytes, from, to, file, line)
    if (event) sink.event(event)
    return event !== undefined
  }
}

function within(item: string, sink: AuditSink): AuditSink {
  return {
    event: (event) => {
      event.access.within(item)
      sink.event(event)
    },
    unread: (why, place) => sink.unread(why, itemWithin(place, item)),
    leftOut: (what, time) => sink.leftOut(what, time),
  }
}
