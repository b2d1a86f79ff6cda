import type { TokenKind } from './token.ts'

/** What may come next. `end`: the rule may end here, so that what follows it may come as well. */
export interface Expected {
  readonly kinds: ReadonlySet<TokenKind>
  readonly end: boolean
}

export function expect(...kinds: readonly TokenKind[]): Expected {
  return { kinds: new Set(kinds), end: false }
}

/** Or the end of the rule. */
export function orEnd(...kinds: readonly TokenKind[]): Expected {
  return { kinds: new Set(kinds), end: true }
}

const LITERAL: readonly TokenKind[] = [
  ...(["'-'", 'NUM_INT', 'NUM_UINT', 'NUM_FLOAT', 'STRING', 'BYTES', "'true'", "'false'", "'null'"] as const),
]
const MEMBER: readonly TokenKind[] = [...LITERAL, "'.'", 'IDENTIFIER', "'('", "'['", "'{'"]
const EXPR: readonly TokenKind[] = [...MEMBER, "'!'"]
const FIELD: readonly TokenKind[] = ['IDENTIFIER', 'ESC_IDENTIFIER']

export const RELATIONS: readonly TokenKind[] = ["'<'", "'<='", "'>='", "'>'", "'=='", "'!='", "'in'"]
export const PRODUCTS: readonly TokenKind[] = ["'*'", "'/'", "'%'"]
export const SUMS: readonly TokenKind[] = ["'+'", "'-'"]

/** First tokens of CEL.g4's rules. */
export const FIRST = {
  literal: expect(...LITERAL),
  member: expect(...MEMBER),
  expr: expect(...EXPR),
  field: expect(...FIELD),
  optionalExpr: expect("'?'", ...EXPR),
  optionalField: expect("'?'", ...FIELD),
  /** Of the grammar without names in backticks, until 1.32. */
  plainField: expect("'?'", 'IDENTIFIER'),
  nots: expect("'!'", ...MEMBER),
}

export function withKinds(base: Expected, ...kinds: readonly TokenKind[]): Expected {
  return { kinds: new Set([...base.kinds, ...kinds]), end: base.end }
}

/** What may follow a part of a member: another one, or the end. */
export const POSTFIX = orEnd("'.'", "'['")
export const END = orEnd()
export const EOF = expect('EOF')
/** What may follow a rule where it is called. */
export const AFTER = {
  condition: orEnd("'?'"),
  key: expect("':'"),
  or: orEnd("'||'"),
  and: orEnd("'&&'"),
  relation: orEnd(...RELATIONS),
  calc: orEnd(...PRODUCTS, ...SUMS),
  entry: orEnd("','"),
  arguments: expect("')'"),
  openArguments: withKinds(FIRST.expr, "')'"),
}

const ORDER: readonly TokenKind[] = [
  ...(['EOF', "'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'", "'&&'", "'||'", "'['", "']'", "'{'"] as const),
  ...(["'}'", "'('", "')'", "'.'", "','", "'-'", "'!'", "'?'", "':'", "'+'", "'*'", "'/'", "'%'", "'true'"] as const),
  ...(["'false'", "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER'] as const),
  'ESC_IDENTIFIER',
]

/** `{'[', IDENTIFIER}`, in the order of the grammar; one alone stands without braces. */
export function expectedText(kinds: ReadonlySet<TokenKind>): string {
  const names = ORDER.filter((kind) => kinds.has(kind)).map((kind) => (kind === 'EOF' ? '<EOF>' : kind))
  return names.length === 1 ? names[0]! : `{${names.join(', ')}}`
}
