/** A failure of evaluation. It is thrown without a stack: `a || b` may swallow thousands of them. */
export class CelError {
  readonly message: string
  /** UTF-16 offset into the source, where one is known. */
  readonly at: number | undefined
  constructor(message: string, at?: number) {
    this.message = message
    this.at = at
  }
}

/** What could not be known: thrown like an error, absorbed like one by `&&`, `||` and `?:`, and stronger than errors there. */
export class Unknown {
  /** What was asked and is not there: `params`, `authorizer`, `namespaceObject`. */
  readonly what: string
  constructor(what: string) {
    this.what = what
  }
}

/** The budget is spent; nothing absorbs it. */
export class CostExceeded {
  readonly limit: number
  constructor(limit: number) {
    this.limit = limit
  }
}

/** What the parser or the checker has against an expression. Line from 1; column from 0, as cel-go counts (in code points). */
export interface Issue {
  readonly message: string
  readonly line: number
  readonly column: number
}
