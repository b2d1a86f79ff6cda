import type { LexicalError, Token, TokenKind } from './token.ts'

/** The tokens, an `EOF` last, and what is none: the lexer goes on behind it, as ANTLR's does. */
export interface Lexed {
  readonly tokens: readonly Token[]
  readonly errors: readonly LexicalError[]
}

const SYMBOLS: readonly TokenKind[] = [
  ...(["'=='", "'!='", "'<='", "'>='", "'&&'", "'||'", "'<'", "'>'", "'['", "']'", "'{'", "'}'"] as const),
  ...(["'('", "')'", "'.'", "','", "'-'", "'!'", "'?'", "':'", "'+'", "'*'", "'/'", "'%'"] as const),
]
const OPERATORS: ReadonlyMap<string, TokenKind> = new Map(SYMBOLS.map((kind) => [kind.slice(1, -1), kind]))

const KEYWORDS: ReadonlyMap<string, TokenKind> = new Map<string, TokenKind>([
  ['in', "'in'"],
  ['true', "'true'"],
  ['false', "'false'"],
  ['null', "'null'"],
])

/**
 * Splits an expression as CEL.g4's lexer rules do: the longest token wins, white space and comments go.
 * `escapedIdentifiers`: names in backticks are tokens.
 */
export function lex(text: string, escapedIdentifiers: boolean): Lexed {
  const tokens: Token[] = []
  const errors: LexicalError[] = []
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (isSpace(code)) {
      at++
      continue
    }
    if (code === 0x2f && text.charCodeAt(at + 1) === 0x2f) {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
      continue
    }
    const found = code === 0x60 && !escapedIdentifiers ? { failed: at } : token(text, at)
    if ('kind' in found) {
      tokens.push(found)
      at = found.end
    } else {
      // The character that did not fit is shown and skipped.
      const end = Math.min(text.length, found.failed + width(text, found.failed))
      errors.push({ at, text: text.slice(at, end) })
      at = end
    }
  }
  tokens.push({ kind: 'EOF', at: text.length, end: text.length })
  return { tokens, errors }
}

type Found = Token | { readonly failed: number }

function token(text: string, at: number): Found {
  const code = text.charCodeAt(at)
  if (isDigit(code)) return number(text, at)
  if (code === 0x2e && isDigit(text.charCodeAt(at + 1))) return number(text, at)
  if (code === 0x22 || code === 0x27) return string(text, at, at, 'STRING')
  if (isLetter(code)) {
    const quote = prefixed(text, at)
    if (quote !== undefined) {
      const found = string(text, at, quote.at, quote.kind)
      if ('kind' in found) return found
    }
    const end = wordEnd(text, at + 1)
    return { kind: KEYWORDS.get(text.slice(at, end)) ?? 'IDENTIFIER', at, end }
  }
  if (code === 0x60) return escapedIdentifier(text, at)
  const two = OPERATORS.get(text.slice(at, at + 2))
  if (two !== undefined && at + 2 <= text.length) return { kind: two, at, end: at + (two.length - 2) }
  const one = OPERATORS.get(text[at]!)
  if (one !== undefined) return { kind: one, at, end: at + 1 }
  // `&`, `|` and `=` are beginnings of operators, so the lexer fails at what follows.
  return { failed: code === 0x26 || code === 0x7c || code === 0x3d ? at + 1 : at }
}

/** Where the quote of `r"…"`, `b"…"` or `br"…"` stands. */
function prefixed(text: string, at: number): { readonly at: number; readonly kind: 'STRING' | 'BYTES' } | undefined {
  const first = text.charCodeAt(at) | 0x20
  if (first === 0x72) return isQuote(text.charCodeAt(at + 1)) ? { at: at + 1, kind: 'STRING' } : undefined
  if (first !== 0x62) return undefined
  if (isQuote(text.charCodeAt(at + 1))) return { at: at + 1, kind: 'BYTES' }
  const raw = (text.charCodeAt(at + 1) | 0x20) === 0x72 && isQuote(text.charCodeAt(at + 2))
  return raw ? { at: at + 2, kind: 'BYTES' } : undefined
}

/** `'…'`, `"…"`, `'''…'''`, `"""…"""`; the longer one where both fit. */
function string(text: string, at: number, quote: number, kind: 'STRING' | 'BYTES'): Found {
  const raw = quote > at && (text.charCodeAt(quote - 1) | 0x20) === 0x72
  const mark = text[quote]!
  const triple = text.startsWith(mark.repeat(3), quote)
  if (triple) {
    const found = body(text, quote + 3, mark.repeat(3), raw, true)
    if (found.end !== undefined) return { kind, at, end: found.end }
    return { kind, at, end: quote + 2 }
  }
  const found = body(text, quote + 1, mark, raw, false)
  return found.end === undefined ? { failed: found.failed } : { kind, at, end: found.end }
}

type Body = { readonly end: number } | { readonly end?: undefined; readonly failed: number }

function body(text: string, from: number, close: string, raw: boolean, lines: boolean): Body {
  let at = from
  while (at < text.length) {
    if (text.startsWith(close, at)) return { end: at + close.length }
    const code = text.charCodeAt(at)
    if (!lines && (code === 0x0a || code === 0x0d)) return { failed: at }
    if (code === 0x5c && !raw) {
      const end = escapeEnd(text, at)
      if (end < 0) return { failed: -end }
      at = end
    } else at++
  }
  return { failed: at }
}

/** The end of the escape at `at`; negative: where it went wrong. */
function escapeEnd(text: string, at: number): number {
  const letter = text[at + 1]
  if (letter === undefined) return -(at + 1)
  if ('abfnrtv"\'\\?`'.includes(letter)) return at + 2
  if (letter >= '0' && letter <= '3') {
    for (const i of [2, 3]) {
      const digit = text.charCodeAt(at + i)
      if (!(digit >= 0x30 && digit <= 0x37)) return -(at + i)
    }
    return at + 4
  }
  const digits = letter === 'x' || letter === 'X' ? 2 : letter === 'u' ? 4 : letter === 'U' ? 8 : 0
  if (digits === 0) return -(at + 1)
  for (let i = 2; i < 2 + digits; i++) if (!isHex(text.charCodeAt(at + i))) return -(at + i)
  return at + 2 + digits
}

function number(text: string, at: number): Token {
  if (text.startsWith('0x', at) && isHex(text.charCodeAt(at + 2))) {
    let end = at + 3
    while (isHex(text.charCodeAt(end))) end++
    return unsigned(text, at, end)
  }
  let end = digitsEnd(text, at)
  let float = false
  if (text.charCodeAt(end) === 0x2e && isDigit(text.charCodeAt(end + 1))) {
    end = digitsEnd(text, end + 1)
    float = true
  }
  if ((text.charCodeAt(end) | 0x20) === 0x65) {
    const sign = text.charCodeAt(end + 1)
    const digits = sign === 0x2b || sign === 0x2d ? end + 2 : end + 1
    if (isDigit(text.charCodeAt(digits))) {
      end = digitsEnd(text, digits)
      float = true
    }
  }
  return float ? { kind: 'NUM_FLOAT', at, end } : unsigned(text, at, end)
}

function unsigned(text: string, at: number, end: number): Token {
  const suffix = (text.charCodeAt(end) | 0x20) === 0x75
  return suffix ? { kind: 'NUM_UINT', at, end: end + 1 } : { kind: 'NUM_INT', at, end }
}

function escapedIdentifier(text: string, at: number): Found {
  let end = at + 1
  while (isWord(text.charCodeAt(end)) || (end < text.length && './- '.includes(text[end]!))) end++
  if (end === at + 1 || text[end] !== '`') return { failed: end }
  return { kind: 'ESC_IDENTIFIER', at, end: end + 1 }
}

function wordEnd(text: string, from: number): number {
  let end = from
  while (isWord(text.charCodeAt(end))) end++
  return end
}

function digitsEnd(text: string, from: number): number {
  let end = from
  while (isDigit(text.charCodeAt(end))) end++
  return end
}

/** How many UTF-16 units the character at `at` takes. */
function width(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}

const isSpace = (code: number) => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d || code === 0x0c
const isDigit = (code: number) => code >= 0x30 && code <= 0x39
const isLetter = (code: number) => (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f
const isWord = (code: number) => isLetter(code) || isDigit(code)
const isHex = (code: number) => isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66)
const isQuote = (code: number) => code === 0x22 || code === 0x27
