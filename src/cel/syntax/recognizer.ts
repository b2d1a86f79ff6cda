import { type Expected, expectedText } from './expected.ts'
import { MAX_ISSUES, type Source } from './source.ts'
import type { LexicalError, Token, TokenKind } from './token.ts'

/** How much is put up with (cel-go parser/parser.go NewParser). */
export interface RecoveryLimits {
  readonly depth: number
  readonly attempts: number
  readonly lookahead: number
}

/** A rule that cannot go on; it ends, and its caller goes on behind what was skipped. */
export class Mismatch {
  /** Undefined where no alternative fits. */
  readonly message: string
  readonly token: Token
  constructor(message: string, token: Token) {
    this.message = message
    this.token = token
  }
}

/** Reading ends here; `message` is an issue without a place, if any. */
export class GaveUp {
  readonly message: string | undefined
  constructor(message?: string) {
    this.message = message
  }
}

/**
 * Tokens with the error handling of ANTLR 4 (runtime error_strategy.go) and cel-go's limits around it: one token too many is
 * skipped, one too few is made up, else the rule ends and tokens are skipped until something fits a rule that is open.
 */
export class Recognizer {
  readonly reports: { readonly message: string; readonly at: number }[] = []
  readonly #source: Source
  readonly #tokens: readonly Token[]
  readonly #errors: readonly LexicalError[]
  readonly #limits: RecoveryLimits
  /** What may follow each open rule, in the rule that called it, and the state to return to. */
  readonly #open: { readonly follow: Expected; readonly state: number }[] = []
  #index = 0
  #seen = 0
  #state = 0
  #expected: Expected = { kinds: new Set(), end: false }
  #recovering = false
  #attempts = 0
  #lastIndex = -1
  #lastStates = new Set<number>()

  constructor(source: Source, tokens: readonly Token[], errors: readonly LexicalError[], limits: RecoveryLimits) {
    this.#source = source
    this.#tokens = tokens
    this.#errors = errors
    this.#limits = limits
  }

  /** The `ahead`-th token from here, from 1. */
  look(ahead = 1): Token {
    const index = Math.min(this.#index + ahead - 1, this.#tokens.length - 1)
    this.#seen = Math.max(this.#seen, index)
    return this.#tokens[index]!
  }

  /** The characters that no token has, as far as the text was read. */
  lexicalErrors(): readonly LexicalError[] {
    const end = this.#tokens[this.#seen]!.at
    return this.#errors.filter(({ at }) => at < end)
  }

  /** A rule begins. `state`: a number for the place in the calling rule; `follow`: what may come behind it there. */
  open(state: number, follow: Expected): void {
    this.#state = state
    this.#open.push({ follow, state })
  }

  /** The rule cannot go on: says so and skips to what an open rule can go on with. Other failures are thrown on. */
  fail(cause: unknown): void {
    if (!(cause instanceof Mismatch)) throw cause
    this.#report(cause.message, cause.token)
    this.#recover()
  }

  /** The rule has ended. */
  close(): void {
    this.#state = this.#open.pop()!.state
  }

  /** One token; `next`: what may come behind it in its rule. */
  match(state: number, kind: TokenKind, next: Expected): Token {
    this.#at(state, { kinds: new Set([kind]), end: false })
    if (this.look().kind === kind) {
      this.#matched()
      return this.#consume()
    }
    return this.#recoverInline(kind, next)
  }

  /** The token here, whatever it is: a rule that looked before. */
  take(): Token {
    this.#matched()
    return this.#consume()
  }

  /** A place where the rule branches (Sync): what cannot be here is skipped if what follows can, else the rule ends. */
  sync(state: number, expected: Expected): void {
    this.#at(state, expected)
    if (this.#recovering || expected.end || expected.kinds.has(this.look().kind)) return
    if (!this.#deletesOne()) throw this.#mismatch()
  }

  /** The end of a turn of a loop that must go on with something. */
  syncLoop(state: number, expected: Expected): void {
    this.#at(state, expected)
    if (this.#recovering || expected.end || expected.kinds.has(this.look().kind)) return
    this.#reportUnwanted()
    this.#skipUntil(new Set([...this.#expectedHere(), ...this.#recoverySet()]), () => this.#consume())
  }

  /** No alternative of a rule fits what stands from `start` up to `offending`. */
  noViable(start: Token, offending: Token): Mismatch {
    const shown = start.kind === 'EOF' ? '<EOF>' : this.#textBetween(start, offending)
    const message = `no viable alternative at input ${quoted(shown)}`
    const reserved = /no viable alternative at input '.(true|false|null)'/
    return new Mismatch(message.replace(reserved, "mismatched input '$1' expecting IDENTIFIER"), offending)
  }

  #at(state: number, expected: Expected): void {
    this.#state = state
    this.#expected = expected
  }

  #consume(): Token {
    const token = this.look()
    if (token.kind !== 'EOF') this.#index++
    return token
  }

  #matched(): void {
    this.#recovering = false
    this.#lastIndex = -1
    this.#lastStates = new Set()
  }

  #recoverInline(kind: TokenKind, next: Expected): Token {
    this.#countAttempt()
    if (this.#deletesOne()) return this.#consume()
    if (this.#inContext(next).has(this.look().kind)) {
      this.#report(`missing ${expectedText(this.#expectedHere())} at ${this.#display(this.look())}`, this.look())
      const current = this.look()
      const place = current.kind === 'EOF' && this.#index > 0 ? this.#tokens[this.#index - 1]! : current
      return { kind, at: place.at, end: place.at }
    }
    throw this.#mismatch()
  }

  #mismatch(): Mismatch {
    const expected = expectedText(this.#expectedHere())
    return new Mismatch(`mismatched input ${this.#display(this.look())} expecting ${expected}`, this.look())
  }

  #deletesOne(): boolean {
    if (!this.#expectedHere().has(this.look(2).kind)) return false
    this.#reportUnwanted()
    this.#consume()
    this.#matched()
    return true
  }

  #reportUnwanted(): void {
    const expected = expectedText(this.#expectedHere())
    this.#report(`extraneous input ${this.#display(this.look())} expecting ${expected}`, this.look())
  }

  /** Skips to what fits an open rule. */
  #recover(): void {
    this.#countAttempt()
    let left = this.#limits.lookahead
    const consume = () => {
      if (left-- <= 0) throw new GaveUp(`error recovery token lookahead limit exceeded: ${this.#limits.lookahead}`)
      this.#consume()
    }
    if (this.#lastIndex === this.#index && this.#lastStates.has(this.#state)) consume()
    this.#lastIndex = this.#index
    this.#lastStates.add(this.#state)
    this.#skipUntil(this.#recoverySet(), consume)
  }

  #skipUntil(kinds: ReadonlySet<TokenKind>, consume: () => void): void {
    while (this.look().kind !== 'EOF' && !kinds.has(this.look().kind)) consume()
  }

  #countAttempt(): void {
    if (this.#attempts === this.#limits.attempts) {
      this.#notify(`error recovery attempt limit exceeded: ${this.#limits.attempts}`, this.look().at)
      throw new GaveUp()
    }
    this.#attempts++
  }

  #report(message: string, token: Token): void {
    if (this.#recovering) return
    this.#recovering = true
    this.#notify(message, token.at)
  }

  #notify(message: string, at: number): void {
    if (this.reports.length >= MAX_ISSUES) throw new GaveUp()
    this.reports.push({ message: `Syntax error: ${message}`, at })
  }

  #expectedHere(): ReadonlySet<TokenKind> {
    return this.#inContext(this.#expected)
  }

  /** What may come next, through the ends of the open rules. */
  #inContext(expected: Expected): ReadonlySet<TokenKind> {
    if (!expected.end) return expected.kinds
    const kinds = new Set(expected.kinds)
    for (const { follow } of this.#open.toReversed()) {
      for (const kind of follow.kinds) kinds.add(kind)
      if (!follow.end) return kinds
    }
    return kinds.add('EOF')
  }

  #recoverySet(): ReadonlySet<TokenKind> {
    return new Set(this.#open.slice(1).flatMap(({ follow }) => [...follow.kinds]))
  }

  #display(token: Token): string {
    return quoted(token.kind === 'EOF' ? '<EOF>' : this.#source.text.slice(token.at, token.end))
  }

  /** The text of the tokens, without the characters that no token has. */
  #textBetween(start: Token, end: Token): string {
    let text = ''
    let from = start.at
    const to = end.kind === 'EOF' ? end.at : end.end
    for (const error of this.#errors) {
      if (error.at < from || error.at >= to) continue
      text += this.#source.text.slice(from, error.at)
      from = error.at + error.text.length
    }
    return text + this.#source.text.slice(from, to)
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}
