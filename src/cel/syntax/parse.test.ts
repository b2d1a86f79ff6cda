import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tests as checking } from '@bufbuild/cel-spec/testdata/checking.js'
import { tests as comprehension } from '@bufbuild/cel-spec/testdata/comprehension.js'
import { tests as parsing } from '@bufbuild/cel-spec/testdata/parsing.js'
import type { Literal } from '../ast.ts'
import { type Adorn, debugText, issuesOf, squeezed } from './debug.testing.ts'
import { type ParseOptions, parse } from './parse.ts'

const KINDS = {
  ident: 'Expr_IdentExpr',
  select: 'Expr_SelectExpr',
  call: 'Expr_CallExpr',
  list: 'Expr_ListExpr',
  map: 'Expr_StructExpr',
  message: 'Expr_StructExpr',
  comprehension: 'Expr_ComprehensionExpr',
}
const LITERALS: Record<Literal['type'], string> = {
  null: 'NullValue',
  bool: 'BoolValue',
  int: 'Int64Value',
  uint: 'Uint64Value',
  double: 'DoubleValue',
  string: 'StringValue',
  bytes: 'BytesValue',
}
const adorn: Adorn = (node) => {
  if (!('kind' in node)) return '^#*expr.Expr_CreateStruct_Entry#'
  return node.kind === 'literal' ? `^#*expr.Constant_${LITERALS[node.type]}#` : `^#*expr.${KINDS[node.kind]}#`
}

/** cel-go's own parser tests run with lower limits. */
const PARSER_TEST = { limits: { depth: 32, attempts: 4, lookahead: 4 } }
/** The comprehension data were parsed without the macros of two variables. */
const ONE_VARIABLE = ['has:1:global', ...['all', 'exists', 'exists_one', 'map', 'filter'].map((m) => `${m}:2:receiver`)]
const STANDARD = { macros: new Set([...ONE_VARIABLE, 'map:3:receiver']) }

const suites: readonly (readonly [name: string, suite: typeof parsing, options: ParseOptions])[] = [
  ['parsing', parsing, PARSER_TEST],
  ['checking', checking, {}],
  ['comprehension', comprehension, STANDARD],
]

for (const [name, suite, options] of suites) {
  const cases = suite.tests ?? []
  test(`cel-go's ${name} tests: ${cases.length} expressions`, () => {
    assert.ok(cases.length > 90)
    for (const { original, ast, error } of cases) {
      const text = original.expr ?? ''
      // Those that want optional syntax refused were made in an environment without it.
      const optionals = !/unsupported syntax '(?:\.\?|\[\?|\?)'/.test(error ?? '')
      const parsed = parse(text, { ...options, optionals })
      if (ast === undefined) assert.deepEqual(parsed.issues, issuesOf(error ?? ''), text)
      else assert.equal(parsed.expr && debugText(parsed.expr, adorn), squeezed(ast), text)
    }
  })
}
