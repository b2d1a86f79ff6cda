import type { Expr, MapEntry, MessageField } from '../ast.ts'
import type { Issue } from '../error.ts'
import { Double, Uint } from '../value.ts'

/** What follows a node's text: its type, its kind. */
export type Adorn = (node: Expr | MapEntry | MessageField) => string

/** An expression as cel-go's common/debug shows it, without white space. */
export function debugText(expr: Expr, adorn: Adorn): string {
  const show = (node: Expr): string => body(node) + adorn(node)
  const body = (node: Expr): string => {
    switch (node.kind) {
      case 'literal':
        return literalText(node.value)
      case 'ident':
        return node.name
      case 'select':
        return `${show(node.operand)}.${node.field}${node.test ? '~test-only~' : ''}`
      case 'call':
        return `${node.target === undefined ? '' : `${show(node.target)}.`}${node.fn}(${node.args.map(show).join(',')})`
      case 'list':
        return `[${node.elements.map(show).join(',')}]`
      case 'map':
        return `{${node.entries
          .map((entry) => `${entry.optional ? '?' : ''}${show(entry.key)}:${show(entry.value)}${adorn(entry)}`)
          .join(',')}}`
      case 'message':
        return `${node.type}{${node.fields
          .map((field) => `${field.optional ? '?' : ''}${field.name}:${show(field.value)}${adorn(field)}`)
          .join(',')}}`
      case 'comprehension': {
        const variables = node.variable2 === undefined ? node.variable : `${node.variable},${node.variable2}`
        const parts = [
          `//Variable${variables}`,
          `//Target${show(node.range)}`,
          `//Accumulator${node.accumulator}`,
          `//Init${show(node.init)}`,
          `//LoopCondition${show(node.condition)}`,
          `//LoopStep${show(node.step)}`,
          `//Result${show(node.result)}`,
        ]
        return `__comprehension__(${parts.join(',')})`
      }
    }
  }
  return squeezed(show(expr))
}

/** Without white space, so that layouts do not matter. */
export function squeezed(text: string): string {
  return text.replace(/\s+/g, '')
}

/** The issues in a text of cel-go's Errors.ToDisplayString, the snippets of source left out. */
export function issuesOf(display: string): readonly Issue[] {
  const issues: Issue[] = []
  for (const [, line, column, message] of display.matchAll(
    /^ERROR: (?:<input>)?:(-?\d+):(\d+): ((?:.|\n(?! \| |ERROR: |$))*)/gm,
  )) {
    issues.push({ message: message!, line: Number(line), column: Number(column) - 1 })
  }
  return issues
}

function literalText(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (value instanceof Uint8Array) return `b${quoted(String.fromCharCode(...value))}`
  if (value instanceof Double)
    return String(value.value)
      .replace(/^(-?\d)e/, '$1e')
      .replace(/e([+-])(\d)$/, 'e$10$2')
  if (value instanceof Uint) return `${value.value}u`
  return String(value)
}

/** Go's strconv.Quote, of what the tests hold. */
function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/[\x00-\x1f\x7f]/g, (c) => {
    const simple = '\x07\b\f\n\r\t\v'.indexOf(c)
    return simple >= 0 ? `\\${'abfnrtv'[simple]}` : `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`
  })}"`
}
