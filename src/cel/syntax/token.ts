/** The tokens of cel-go's grammar (parser/gen/CEL.g4), by the names that its messages show. */
export type TokenKind =
  | 'EOF'
  | "'=='"
  | "'!='"
  | "'in'"
  | "'<'"
  | "'<='"
  | "'>='"
  | "'>'"
  | "'&&'"
  | "'||'"
  | "'['"
  | "']'"
  | "'{'"
  | "'}'"
  | "'('"
  | "')'"
  | "'.'"
  | "','"
  | "'-'"
  | "'!'"
  | "'?'"
  | "':'"
  | "'+'"
  | "'*'"
  | "'/'"
  | "'%'"
  | "'true'"
  | "'false'"
  | "'null'"
  | 'NUM_FLOAT'
  | 'NUM_INT'
  | 'NUM_UINT'
  | 'STRING'
  | 'BYTES'
  | 'IDENTIFIER'
  | 'ESC_IDENTIFIER'

/** `at` and `end` are UTF-16 offsets into the source. */
export interface Token {
  readonly kind: TokenKind
  readonly at: number
  readonly end: number
}

/** What no token can begin or go on with; `text` is what the lexer shows of it. */
export interface LexicalError {
  readonly at: number
  readonly text: string
}
