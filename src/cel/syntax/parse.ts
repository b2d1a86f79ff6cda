import type { Expr } from '../ast.ts'
import type { Issue } from '../error.ts'
import { Builder, type BuildOptions, MaxDepth } from './builder.ts'
import { childrenOf } from './children.ts'
import { MAX_NODES, TooLarge } from './factory.ts'
import { lex } from './lexer.ts'
import { MACROS } from './macros/table.ts'
import { Reader, Unreadable } from './reader.ts'
import { GaveUp, Recognizer, type RecoveryLimits } from './recognizer.ts'
import { Recovery } from './recovery.ts'
import { codePoints, MAX_ISSUES, Source, sorted } from './source.ts'
import type { Tree } from './tree.ts'

/** k8s.io/apiserver leaves cel-go's own limit of an expression's size: parser.go NewParser. */
export const MAX_CODE_POINTS = 100_000

/**
 * How deep an accepted tree may be once macros are expanded and chains balanced. cel-go has no such limit (its own allow some
 * 3,000); everything behind the parser recurses over the tree, and JavaScript's stack is finite.
 */
export const MAX_TREE_DEPTH = 1_000

/** And those of its depth, and of what is put up with before the parser gives up. */
export const LIMITS: RecoveryLimits = { depth: 250, attempts: 30, lookahead: 256 }

export interface ParseOptions extends Partial<Omit<BuildOptions, 'depth'>> {
  /** Absent: `LIMITS`. */
  readonly limits?: RecoveryLimits
}

export type Parsed =
  | { readonly expr: Expr; readonly issues?: undefined }
  | { readonly expr?: undefined; readonly issues: readonly Issue[] }

/**
 * Parses one expression and expands its macros. Bounded: at most `MAX_CODE_POINTS` of text, 250 operators or brackets within
 * each other, `MAX_NODES` nodes.
 */
export function parse(text: string, options: ParseOptions = {}): Parsed {
  const source = new Source(text)
  const size = text.length <= MAX_CODE_POINTS ? text.length : codePoints(text)
  if (size > MAX_CODE_POINTS) {
    const limit = `size: ${size}, limit ${MAX_CODE_POINTS}`
    return { issues: [source.issue(`expression code point size exceeds limit: ${limit}`)] }
  }
  const limits = options.limits ?? LIMITS
  const escapedIdentifiers = options.escapedIdentifiers ?? 'refused'
  const issues: Issue[] = []
  const tree = read(source, escapedIdentifiers !== 'unknown', limits, issues)
  if (tree === undefined) return { issues: sorted(issues) }
  const builder = new Builder(source, {
    macros: options.macros ?? new Set(MACROS.keys()),
    optionals: options.optionals ?? true,
    escapedIdentifiers,
    accumulator: options.accumulator ?? '@result',
    shares: options.shares ?? false,
    depth: limits.depth,
  })
  try {
    const expr = builder.build(tree)
    issues.push(...builder.issues)
    if (deeper(expr)) issues.push(source.issue(`expression is deeper than ${MAX_TREE_DEPTH}`))
    return issues.length === 0 ? { expr } : { issues: sorted(issues) }
  } catch (cause) {
    if (!(cause instanceof MaxDepth) && !(cause instanceof TooLarge)) throw cause
    const limit = cause instanceof MaxDepth ? 'max recursion depth exceeded' : `expression exceeds ${MAX_NODES} nodes`
    return { issues: sorted([...issues, ...builder.issues, source.issue(limit)]) }
  }
}

/** The tree, as far as there is one; what is wrong with the text goes to `issues`. */
function read(source: Source, escapes: boolean, limits: RecoveryLimits, issues: Issue[]): Tree | undefined {
  const { tokens, errors } = lex(source.text, escapes)
  if (errors.length === 0) {
    try {
      return new Reader(tokens, limits.depth).read()
    } catch (cause) {
      if (!(cause instanceof Unreadable)) throw cause
    }
  }
  const recognizer = new Recognizer(source, tokens, errors, limits)
  let tree: Tree | undefined
  let end: Issue | undefined
  try {
    tree = new Recovery(recognizer, limits.depth, escapes).read() ?? { rule: 'broken', start: tokens[0]! }
  } catch (cause) {
    if (!(cause instanceof GaveUp)) throw cause
    if (cause.message !== undefined) end = source.issue(cause.message)
  }
  const lexical = recognizer
    .lexicalErrors()
    .slice(0, MAX_ISSUES + 1)
    .map(({ at, text }) => {
      return { message: `Syntax error: token recognition error at: '${text}'`, at }
    })
  const reports = [...lexical, ...recognizer.reports].sort((a, b) => a.at - b.at)
  for (const { message, at } of reports.slice(0, MAX_ISSUES)) issues.push(source.issue(message, at))
  if (end !== undefined) issues.push(end)
  return reports.length > MAX_ISSUES ? undefined : tree
}

function deeper(expr: Expr): boolean {
  let level: readonly Expr[] = [expr]
  for (let depth = 0; depth < MAX_TREE_DEPTH && level.length > 0; depth++) level = level.flatMap(childrenOf)
  return level.length > 0
}
